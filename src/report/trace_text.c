// Frames come from a symbolized profile; inlined functions have frames of their own.
#include "report/trace_text.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "profile/profile.h"

enum { NEW_FRAMES_MAX = 3 };

static const char *const event_names[TRACE_EVENTS] = {
	"none", "malloc",  "calloc",     "realloc", "aligned",
	"free", "realloc", "free_stack", "pause",
};

static struct str frame_name(const struct profile *profile, uint32_t location)
{
	const struct profile_location *at = &profile->locations[location];
	uint32_t function = at->line_count == 0 ? PROFILE_NONE
						: profile->lines[at->first_line].function;

	return function == PROFILE_NONE
		       ? STR("")
		       : profile_string(profile, profile->functions[function].name);
}

struct str trace_text_kind(enum trace_event event, const struct profile *profile,
			   const struct profile_stack_view *stack)
{
	struct str name =
		stack->count == 0 ? STR("") : frame_name(profile, stack->locations[0]);

	if (!str_starts_with(name, STR("operator new")))
		return str_from(event_names[event]);
	// The one calls the other, where it does not jump there.
	for (size_t i = 0; i < stack->count && i < NEW_FRAMES_MAX; i++) {
		name = frame_name(profile, stack->locations[i]);
		if (str_starts_with(name, STR("operator new[]")))
			return STR("new[]");
		if (!str_starts_with(name, STR("operator new")))
			break;
	}
	return STR("new");
}

static void write_line(const struct profile *profile, const struct profile_line *line,
		       struct writer *w)
{
	const struct profile_function *function = &profile->functions[line->function];

	writer_str(w, profile_string(profile, function->name));
	writer_text(w, "\n\t");
	if (function->filename == 0)
		writer_text(w, "?");
	else
		writer_str(w, profile_string(profile, function->filename));
	writer_format(w, ":%" PRId64 "\n", line->line);
}

static void write_address(const struct profile *profile,
			  const struct profile_location *location, struct writer *w)
{
	const struct profile_mapping *mapping =
		location->mapping == PROFILE_NONE ? NULL
						  : &profile->mappings[location->mapping];

	writer_format(w, "0x%" PRIx64 "\n\t", location->address);
	if (mapping == NULL) {
		writer_text(w, "?\n");
		return;
	}
	writer_str(w, profile_string(profile, mapping->file));
	writer_format(w, " +0x%" PRIx64 "\n",
		      location->address - mapping->start + mapping->offset);
}

void trace_text_stack(const struct profile *profile,
		      const struct profile_stack_view *stack, struct writer *w)
{
	for (size_t i = 0; i < stack->count; i++) {
		const struct profile_location *location =
			&profile->locations[stack->locations[i]];

		if (location->line_count == 0)
			write_address(profile, location, w);
		for (uint32_t j = 0; j < location->line_count; j++) {
			const struct profile_line *line =
				&profile->lines[location->first_line + j];

			if (line->function != PROFILE_NONE)
				write_line(profile, line, w);
		}
	}
}

static uint64_t size_of(const struct trace_text_event *event)
{
	if (trace_has_size(event->record->event))
		return event->record->size;
	return event->block == NULL ? 0 : event->block->size;
}

void trace_text_event(const struct trace_text_event *event, struct writer *w)
{
	const struct trace_record *record = event->record;

	if (trace_has_size(record->event)) {
		writer_format(w, "tracealloc(0x%" PRIx64 ", 0x%" PRIx64 ", ",
			      record->address, record->size);
		writer_str(w,
			   trace_text_kind(record->event, event->profile, event->stack));
		writer_text(w, ")\n");
	} else {
		writer_format(w, "tracefree(0x%" PRIx64 ", 0x%" PRIx64 ")\n",
			      record->address, size_of(event));
	}
	writer_format(w, "thread %u [running]:\n", event->tid);
	trace_text_stack(event->profile, event->stack, w);
	writer_char(w, '\n');
}

void trace_text_stack_json(const struct profile *profile,
			   const struct profile_stack_view *stack, struct json *json)
{
	json_array_begin(json);
	for (size_t i = 0; i < stack->count; i++)
		json_string(json, frame_name(profile, stack->locations[i]));
	json_array_end(json);
}

void trace_text_event_json(const struct trace_text_event *event, struct writer *w)
{
	const struct trace_record *record = event->record;
	bool is_allocation = trace_has_size(record->event);
	struct json json = json_to(w);

	json_object_begin(&json);
	json_key_string(&json, "event", is_allocation ? STR("alloc") : STR("free"));
	json_key_string(&json, "kind",
			is_allocation ? trace_text_kind(record->event, event->profile,
							event->stack)
				      : str_from(event_names[record->event]));
	json_key_i64(&json, "address", (int64_t)record->address);
	json_key_i64(&json, "size", (int64_t)size_of(event));
	json_key_i64(&json, "time_ns", (int64_t)record->time_ns);
	json_key_i64(&json, "thread", event->tid);
	json_key(&json, "stack");
	trace_text_stack_json(event->profile, event->stack, &json);
	json_object_end(&json);
	writer_char(w, '\n');
}
