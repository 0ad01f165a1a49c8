// A table of settings; a change is a write of the few bytes that differ.
#include "golang/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "golang/knob.h"
#include "golang/layout.h"
#include "golang/process.h"

// Of GOGC=100; see heapMinimum in src/runtime/mgcpacer.go.
enum { HEAP_MINIMUM = 4 << 20 };

enum kind { KIND_COUNT, KIND_PERCENT, KIND_SIZE };

struct go_setting {
	const char *name, *variable;
	size_t field; // of struct go_layout, an int32_t
	size_t size;
	enum kind kind;
	int64_t limit; // the largest value
	const char *when;
};

#define AT(member) offsetof(struct go_layout, member)

static const char stderr_at_once[] = "the program prints to its own stderr";

static const struct go_setting settings[] = {
	{ "GOGC", "runtime.gcController", AT(gc_controller.gc_percent), 4, KIND_PERCENT,
	  INT32_MAX, "from the end of the next collection on" },
	{ "GOMEMLIMIT", "runtime.gcController", AT(gc_controller.memory_limit), 8,
	  KIND_SIZE, INT64_MAX, "at once" },
	{ "gctrace", "runtime.debug", AT(debug.gctrace), 4, KIND_COUNT, 1,
	  stderr_at_once },
	{ "gcpacertrace", "runtime.debug", AT(debug.gcpacertrace), 4, KIND_COUNT, 1,
	  stderr_at_once },
	{ "scavtrace", "runtime.debug", AT(debug.scavtrace), 4, KIND_COUNT, 1,
	  stderr_at_once },
	{ "schedtrace", "runtime.debug", AT(debug.schedtrace), 4, KIND_COUNT, INT32_MAX,
	  stderr_at_once },
	{ "scheddetail", "runtime.debug", AT(debug.scheddetail), 4, KIND_COUNT, 1,
	  stderr_at_once },
};

enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

static const char can_be_set[] =
	"GOGC, GOMEMLIMIT, gctrace, gcpacertrace, scavtrace, schedtrace and scheddetail "
	"can be";

static const struct go_setting *find(struct str name)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		if (str_equal(name, str_from(settings[i].name)))
			return &settings[i];
	}
	return NULL;
}

static bool refuse_name(struct str name, struct error *err)
{
	if (str_equal(name, STR("GOMAXPROCS")))
		return error_set(err, ERROR_USAGE,
				 "GOMAXPROCS cannot be set from outside: the runtime has "
				 "to stop all goroutines for it, which only "
				 "runtime.GOMAXPROCS in the program does; %s",
				 can_be_set);
	return error_set(err, ERROR_USAGE, "%.*s cannot be set in a running program: %s",
			 (int)name.n, name.p, can_be_set);
}

// As runtime.readGOMEMLIMIT: a whole number of bytes with B, KiB, MiB, GiB or TiB.
static bool parse_size(struct str text, int64_t *out)
{
	static const struct {
		struct str suffix;
		int shift;
	} units[] = { { STR("KiB"), 10 }, { STR("MiB"), 20 }, { STR("GiB"), 30 },
		      { STR("TiB"), 40 }, { STR("B"), 0 },    { STR(""), 0 } };
	uint64_t value;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct str digits = text;

		if (!str_ends_with(text, units[i].suffix))
			continue;
		digits.n -= units[i].suffix.n;
		if (!str_to_u64(digits, 10, &value) ||
		    value > (uint64_t)INT64_MAX >> units[i].shift)
			return false;
		*out = (int64_t)(value << units[i].shift);
		return true;
	}
	return false;
}

static bool parse_value(const struct go_setting *setting, struct str text, int64_t *out)
{
	uint64_t value;

	if (setting->kind != KIND_COUNT && str_equal(text, STR("off"))) {
		*out = setting->kind == KIND_SIZE ? INT64_MAX : -1;
		return true;
	}
	if (setting->kind == KIND_SIZE)
		return parse_size(text, out);
	if (!str_to_u64(text, 10, &value) || value > (uint64_t)setting->limit)
		return false;
	*out = (int64_t)value;
	return true;
}

static const char *wanted_value(const struct go_setting *setting)
{
	switch (setting->kind) {
	case KIND_PERCENT:
		return "a percentage such as 200, or off";
	case KIND_SIZE:
		return "a size such as 512MiB or 2GiB, or off";
	case KIND_COUNT:
		break;
	}
	return setting->limit == 1 ? "0 or 1" : "milliseconds, or 0 for off";
}

bool go_setting_parse(struct str text, struct go_setting_change *out, struct error *err)
{
	struct go_setting_change change = { 0 };
	struct str name;

	if (!str_cut(&text, '=', &name))
		return refuse_name(STR("nothing"), err);
	change.setting = find(name);
	if (change.setting == NULL)
		return refuse_name(name, err);
	if (!parse_value(change.setting, text, &change.after))
		return error_set(err, ERROR_USAGE, "%s wants %s, not \"%.*s\"",
				 change.setting->name, wanted_value(change.setting),
				 (int)text.n, text.p);
	*out = change;
	return true;
}

// By way of a value that has the bits of both: what the program sees between is never
// less than the smaller of the two.
static bool write_value(const struct go_knob *knob, uint64_t value, struct error *err)
{
	return go_knob_write(knob, knob->initial | value, err) &&
	       go_knob_write(knob, value, err);
}

// runtime.setGCPercent scales the smallest heap too.
static bool write_heap_minimum(const struct go_process *process, int64_t percent,
			       struct error *err)
{
	struct go_knob knob;

	if (percent < 0)
		return true;
	return go_knob_open(process, STR("runtime.gcController"),
			    process->layout->gc_controller.heap_minimum, 8, &knob, err) &&
	       write_value(&knob, (uint64_t)percent * HEAP_MINIMUM / 100, err);
}

bool go_setting_apply(const struct go_process *process, struct go_setting_change *change,
		      struct error *err)
{
	const struct go_setting *setting = change->setting;
	struct go_knob knob;
	int32_t offset;

	memcpy(&offset, (const char *)process->layout + setting->field, sizeof(offset));
	if (!go_knob_open(process, str_from(setting->variable), offset, setting->size,
			  &knob, err))
		return error_wrap(err, "%s", setting->name);
	change->before = setting->size == 4 ? (int32_t)(uint32_t)knob.initial
					    : (int64_t)knob.initial;
	if (setting->kind == KIND_PERCENT &&
	    !write_heap_minimum(process, change->after, err))
		return false;
	return setting->size == 4 ? write_value(&knob, (uint32_t)change->after, err)
				  : write_value(&knob, (uint64_t)change->after, err);
}

const char *go_setting_name(const struct go_setting *setting)
{
	return setting->name;
}

const char *go_setting_when(const struct go_setting *setting)
{
	return setting->when;
}

static struct str size_text(int64_t bytes, struct arena *arena)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	int unit = 0;

	while (unit < 4 && bytes >= 1024 && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	return str_format(arena, "%lld%s", (long long)bytes, units[unit]);
}

struct str go_setting_value(const struct go_setting *setting, int64_t value,
			    struct arena *arena)
{
	if (setting->kind == KIND_PERCENT && value < 0)
		return STR("off");
	if (setting->kind == KIND_SIZE && value == INT64_MAX)
		return STR("off");
	if (setting->kind == KIND_SIZE)
		return size_text(value, arena);
	return str_format(arena, "%lld", (long long)value);
}
