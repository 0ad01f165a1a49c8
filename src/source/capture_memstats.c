// Lines of "NAME VALUE".
#include "source/capture_memstats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/writer.h"
#include "source/capture.h"
#include "source/capture_url.h"
#include "source/fetch.h"

static void add(struct capture_memstats *out, struct str name, struct str value)
{
	struct capture_number *number = &out->numbers[out->count];

	if (out->count == CAPTURE_MEMSTATS_MAX || name.n >= sizeof(number->name) ||
	    value.n >= sizeof(number->text))
		return;
	*number = (struct capture_number){ 0 };
	snprintf(number->name, sizeof(number->name), "%.*s", (int)name.n, name.p);
	if (!str_to_u64(value, 10, &number->value))
		snprintf(number->text, sizeof(number->text), "%.*s", (int)value.n,
			 value.p);
	out->count++;
}

void capture_memstats_parse(struct str text, struct capture_memstats *out)
{
	struct lines lines = { .rest = text };

	out->count = 0;
	while (lines_next(&lines)) {
		ptrdiff_t blank = str_find_char(lines.line, ' ');

		if (blank > 0)
			add(out, str_slice(lines.line, 0, (size_t)blank),
			    str_trim(str_after(lines.line, (size_t)blank + 1)));
	}
}

static bool ask(const struct capture_target *target, struct capture_memstats *out,
		struct error *err)
{
	struct fetch_options options = { 0 };
	struct arena arena CLEANUP_ARENA = { 0 };
	struct str word = str_format(&arena, "%.*s/debug/pprof/memstats",
				     (int)target->url.n, target->url.p);
	struct capture_url_request request = {
		.word = str_terminated(&arena, word),
		.kind = "memstats",
		.options = &options,
	};
	uint8_t *bytes;
	size_t size;

	if (!capture_url_fetch(&request, &bytes, &size, err))
		return false;
	capture_memstats_parse((struct str){ (const char *)bytes, size }, out);
	free(bytes);
	return true;
}

static uint64_t kilobytes(struct str text, struct str key)
{
	struct lines lines = { .rest = text };
	uint64_t value = 0;

	while (lines_next(&lines)) {
		struct str rest = lines.line, word;

		if (str_starts_with(rest, key)) {
			rest = str_trim(str_after(rest, key.n));
			if (str_cut(&rest, ' ', &word))
				str_to_u64(word, 10, &value);
		}
	}
	return value;
}

static void add_kernel(struct capture_memstats *out, const char *name, uint64_t bytes)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)bytes);
	add(out, str_from(name), str_from(text));
}

static bool ask_kernel(int pid, struct capture_memstats *out, struct error *err)
{
	struct file_view view;
	struct str text;
	uint64_t stack;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (!file_view_open(path, &view, err))
		return false;
	text = (struct str){ (const char *)view.bytes, view.size };
	stack = kilobytes(text, STR("VmStk:")) * 1024;
	out->count = 0;
	add_kernel(out, "Sys", kilobytes(text, STR("VmData:")) * 1024 + stack);
	add_kernel(out, "StackSys", stack);
	add_kernel(out, "Resident", kilobytes(text, STR("VmRSS:")) * 1024);
	file_view_close(&view);
	return true;
}

bool capture_memstats_read(const struct capture_target *target,
			   struct capture_memstats *out, struct capture_notes *notes,
			   struct error *err)
{
	if (target->class == CAPTURE_RECORDED && target->url.n > 0)
		return ask(target, out, err);
	capture_notes_add(notes, "only the kernel's view: run the program under goprof "
				 "run, or preload libgoprof, for what its allocator "
				 "holds");
	return ask_kernel(target->pid, out, err);
}

void capture_memstats_table(const struct capture_memstats *stats, struct writer *w)
{
	for (size_t i = 0; i < stats->count; i++) {
		const struct capture_number *number = &stats->numbers[i];

		if (number->text[0] != '\0')
			writer_format(w, "%-14s %16s\n", number->name, number->text);
		else
			writer_format(w, "%-14s %16llu\n", number->name,
				      (unsigned long long)number->value);
	}
}

void capture_memstats_json(const struct capture_memstats *stats, struct writer *w)
{
	struct json json = json_to(w);

	json_object_begin(&json);
	for (size_t i = 0; i < stats->count; i++) {
		const struct capture_number *number = &stats->numbers[i];

		if (number->text[0] != '\0')
			json_key_string(&json, number->name, str_from(number->text));
		else
			json_key_i64(&json, number->name, (int64_t)number->value);
	}
	json_object_end(&json);
	writer_char(w, '\n');
}
