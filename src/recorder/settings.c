// One row for each key.
#include "recorder/settings.h"

#include <string.h>

#include "profile/recording.h"
#include "profile/trace.h"
#include "recorder/number.h"

// Of waits the default is all of them, as it is in `go test`.
enum { CPU_HZ_DEFAULT = 100, HEAP_RATE_DEFAULT = 512 << 10, WAIT_RATE_DEFAULT = 1 };

struct key {
	const char *name;
	bool (*take)(struct settings *settings, const struct key *key, struct str value);
	const char *profile; // of outputs
};

static bool take_cpu(struct settings *settings, const struct key *key, struct str value)
{
	(void)key;
	settings->cpu_hz = CPU_HZ_DEFAULT;
	return value.n == 0 || number_read(value, &settings->cpu_hz);
}

static bool take_heap(struct settings *settings, const struct key *key, struct str value)
{
	(void)key;
	settings->heap_rate = HEAP_RATE_DEFAULT;
	return value.n == 0 || number_read(value, &settings->heap_rate);
}

static bool take_block(struct settings *settings, const struct key *key, struct str value)
{
	(void)key;
	settings->block_rate = WAIT_RATE_DEFAULT;
	return value.n == 0 || number_read(value, &settings->block_rate);
}

static bool take_mutex(struct settings *settings, const struct key *key, struct str value)
{
	(void)key;
	settings->mutex_rate = WAIT_RATE_DEFAULT;
	return value.n == 0 || number_read(value, &settings->mutex_rate);
}

static bool take_sleep(struct settings *settings, const struct key *key, struct str value)
{
	(void)key;
	settings->counts_sleep = true;
	return value.n == 0;
}

static bool take_memory(struct settings *settings, const struct key *key,
			struct str value)
{
	uint64_t size;

	(void)key;
	if (!number_read(value, &size) || size < RECORDING_SIZE_MIN)
		return false;
	settings->memory = size;
	return true;
}

static bool take_board(struct settings *settings, const struct key *key, struct str value)
{
	(void)key;
	settings->board = value;
	return value.n > 0;
}

static bool take_http(struct settings *settings, const struct key *key, struct str value)
{
	(void)key;
	settings->http = value;
	return value.n > 0;
}

static bool take_trace_frees(struct settings *settings, const struct key *key,
			     struct str value)
{
	(void)key;
	settings->trace_is_brief = str_equal(value, STR("brief"));
	return settings->trace_is_brief || str_equal(value, STR("stacks"));
}

static bool take_http_parent(struct settings *settings, const struct key *key,
			     struct str value)
{
	(void)key;
	return number_read(value, &settings->http_parent);
}

static bool take_signal(struct settings *settings, const struct key *key,
			struct str value)
{
	enum { SIGNALS = 64, KILL = 9, STOP = 19 };

	(void)key;
	return number_read(value, &settings->signal) && settings->signal != 0 &&
	       settings->signal <= SIGNALS && settings->signal != KILL &&
	       settings->signal != STOP;
}

static bool take_follow(struct settings *settings, const struct key *key,
			struct str value)
{
	(void)key;
	settings->is_not_followed = str_equal(value, STR("off"));
	return settings->is_not_followed || str_equal(value, STR("on"));
}

static bool take_socket(struct settings *settings, const struct key *key,
			struct str value)
{
	(void)key;
	settings->has_no_socket = str_equal(value, STR("off"));
	return settings->has_no_socket || str_equal(value, STR("on"));
}

// As GODEBUG's, 0 is off and 1 on; anything else is a file.
static bool take_trace(struct settings *settings, const struct key *key, struct str value)
{
	(void)key;
	if (value.n == 0 || str_equal(value, STR("1")))
		value = STR(SETTINGS_TRACE_DEFAULT);
	if (!str_equal(value, STR("0")))
		settings->trace = value;
	return true;
}

static bool take_trace_size(struct settings *settings, const struct key *key,
			    struct str value)
{
	(void)key;
	return number_read(value, &settings->trace_size);
}

// As GODEBUG's, 0 is off.
static bool take_gctrace(struct settings *settings, const struct key *key,
			 struct str value)
{
	(void)key;
	settings->has_gctrace_json = str_equal(value, STR("json"));
	settings->has_gctrace =
		settings->has_gctrace_json || value.n == 0 || str_equal(value, STR("1"));
	return settings->has_gctrace || str_equal(value, STR("0"));
}

// Milliseconds, as GODEBUG's.
static bool take_schedtrace(struct settings *settings, const struct key *key,
			    struct str value)
{
	enum { DAY_MS = 86400000 };

	(void)key;
	return number_read(value, &settings->schedtrace_ms) &&
	       settings->schedtrace_ms <= DAY_MS;
}

static bool take_scheddetail(struct settings *settings, const struct key *key,
			     struct str value)
{
	(void)key;
	settings->has_scheddetail = value.n == 0 || str_equal(value, STR("1"));
	return settings->has_scheddetail || str_equal(value, STR("0"));
}

static bool take_output(struct settings *settings, const struct key *key,
			struct str value)
{
	if (value.n == 0 || settings->output_count == SETTINGS_OUTPUTS_MAX)
		return false;
	settings->outputs[settings->output_count++] =
		(struct settings_output){ str_from(key->profile), value };
	if (strcmp(key->profile, "profile") == 0 && settings->cpu_hz == 0)
		settings->cpu_hz = CPU_HZ_DEFAULT;
	if (strcmp(key->profile, "heap") == 0 && settings->heap_rate == 0)
		settings->heap_rate = HEAP_RATE_DEFAULT;
	if (strcmp(key->profile, "block") == 0 && settings->block_rate == 0)
		settings->block_rate = WAIT_RATE_DEFAULT;
	if (strcmp(key->profile, "mutex") == 0 && settings->mutex_rate == 0)
		settings->mutex_rate = WAIT_RATE_DEFAULT;
	if (str_starts_with(str_from(key->profile), STR("heapdump")) ||
	    str_starts_with(str_from(key->profile), STR("heappointers")))
		settings->heap_rate = 1;
	return true;
}

// The words for outputs are those of `go test`.
static const struct key keys[] = {
	{ "cpu", take_cpu, NULL },
	{ "heap", take_heap, NULL },
	{ "block", take_block, NULL },
	{ "mutex", take_mutex, NULL },
	{ "blocksleep", take_sleep, NULL },
	{ "memory", take_memory, NULL },
	{ "board", take_board, NULL },
	{ "http", take_http, NULL },
	{ "http_parent", take_http_parent, NULL },
	{ "socket", take_socket, NULL },
	{ "signal", take_signal, NULL },
	{ "follow", take_follow, NULL },
	{ "alloctrace", take_trace, NULL },
	{ "tracesize", take_trace_size, NULL },
	{ "gctrace", take_gctrace, NULL },
	{ "schedtrace", take_schedtrace, NULL },
	{ "scheddetail", take_scheddetail, NULL },
	{ "tracefrees", take_trace_frees, NULL },
	{ "cpuprofile", take_output, "profile" },
	{ "memprofile", take_output, "heap" },
	{ "blockprofile", take_output, "block" },
	{ "mutexprofile", take_output, "mutex" },
	{ "heapdump", take_output, "heapdump" },
	{ "heappointers", take_output, "heappointers" },
};

static bool take(struct settings *settings, struct str word)
{
	struct str name = word, value = STR("");
	ptrdiff_t equals = str_find_char(word, '=');

	if (equals != STR_NOT_FOUND) {
		name = str_slice(word, 0, (size_t)equals);
		value = str_after(word, (size_t)equals + 1);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (str_equal(name, str_from(keys[i].name)))
			return keys[i].take(settings, &keys[i], value);
	}
	return false;
}

void settings_read(struct settings *settings, const char *text)
{
	struct str rest = { settings->text, 0 }, word;

	settings->memory = RECORDING_SIZE_DEFAULT;
	settings->trace_size = TRACE_SIZE_DEFAULT;
	if (text == NULL)
		return;
	settings->is_set = true;
	rest.n = strlen(text);
	if (rest.n > sizeof(settings->text) - 1) {
		settings->wrong = STR("(longer than 2047 bytes)");
		return;
	}
	memcpy(settings->text, text, rest.n);
	while (str_cut(&rest, ',', &word)) {
		if (word.n > 0 && !take(settings, word) && settings->wrong.n == 0)
			settings->wrong = word;
	}
}
