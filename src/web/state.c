// The state of the site and the processes of this machine, as JSON.
#include "web/state.h"

#include "base/json.h"
#include "base/version.h"
#include "profile/profile.h"
#include "report/options.h"
#include "web/process_list.h"
#include "web/site_state.h"

static void write_profiles(const struct site *site, struct json *j)
{
	json_key(j, "profiles");
	json_array_begin(j);
	for (size_t i = 0; i < site->profile_count; i++) {
		const struct site_profile *one = site->profiles[i];

		json_object_begin(j);
		json_key_i64(j, "id", one->id);
		json_key_string(j, "title", str_from(one->title));
		json_key_i64(j, "timeMs", one->profile->time_ns / 1000000);
		json_object_end(j);
	}
	json_array_end(j);
}

// Filters of the command line, which an empty parameter takes away.
static void write_defaults(const struct site *site, struct json *j)
{
	size_t count;
	const struct report_option *table = report_option_table(&count);

	json_key(j, "defaults");
	json_object_begin(j);
	for (size_t i = 0; i < count; i++) {
		const char *base = (const char *)&site->options->defaults;
		struct str value;

		if (table[i].kind != OPTION_STRING || table[i].url == NULL)
			continue;
		value = *(const struct str *)(const void *)(base + table[i].offset);
		if (value.n > 0)
			json_key_string(j, table[i].url, value);
	}
	json_object_end(j);
}

static void write_state(struct site *site, struct writer *w)
{
	struct json j = json_to(w);

	json_object_begin(&j);
	json_key_string(&j, "version", str_from(version_text));
	json_key_bool(&j, "isLive", site->options->is_live);
	json_key_i64(&j, "pid", site->options->pid);
	write_profiles(site, &j);
	write_defaults(site, &j);
	recording_write_state(site, &j);
	json_object_end(&j);
}

bool state_serve(struct site *site, const struct http_request *request,
		 struct http_ticket ticket)
{
	if (site->options->has_no_pages)
		return false;
	if (str_equal(request->path, STR("/api/state"))) {
		write_state(site, site_text(site, ticket));
	} else if (str_equal(request->path, STR("/api/processes")) &&
		   site->options->is_live) {
		struct json j = json_to(site_text(site, ticket));

		process_list_write(site->options->pid, &j);
	} else {
		return false;
	}
	site_reply_text(site, ticket, "application/json");
	return true;
}
