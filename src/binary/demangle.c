// libiberty undoes the mangling; names are then cut down to what pprof shows.
#include "binary/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/writer.h"
#include "binary/demangle_shorten.h"

// A few hundred bytes of hostile mangling can stand for gigabytes of text. Real names
// exceed neither limit by far.
enum { MANGLED_MAX = 64 << 10, PLAIN_MAX = 1 << 20 };

struct collector {
	struct writer text;
	jmp_buf too_long;
};

// Leaving libiberty by a jump is the only way to stop it. Its callback interface holds
// nothing on the heap.
static void collect(const char *bytes, size_t size, void *opaque)
{
	struct collector *collector = opaque;

	if (collector->text.used + size > PLAIN_MAX)
		longjmp(collector->too_long, 1);
	writer_bytes(&collector->text, bytes, size);
}

enum language { LANGUAGE_CPP, LANGUAGE_RUST };

static bool run(struct collector *collector, const char *mangled, enum language language,
		int options)
{
	collector->text.used = 0;
	if (setjmp(collector->too_long) != 0)
		return false;
	if (language == LANGUAGE_RUST)
		return rust_demangle_callback(mangled, options, collect, collector) != 0;
	return cplus_demangle_v3_callback(mangled, options, collect, collector) != 0;
}

// Rust's older scheme looks like C++ but for a hash at its end: "17h", 16 digits, "E" and
// perhaps a suffix of the code generator.
static bool is_legacy_rust(struct str symbol)
{
	uint32_t seen = 0;
	ptrdiff_t suffix = str_find(symbol, STR("E."));

	if (!str_starts_with(symbol, STR("_ZN")))
		return false;
	if (suffix > 0)
		symbol = str_slice(symbol, 0, (size_t)suffix + 1);
	if (symbol.n < 24 || !str_ends_with(symbol, STR("E")))
		return false;
	struct str hash = str_slice(symbol, symbol.n - 20, symbol.n - 1);

	if (!str_starts_with(hash, STR("17h")))
		return false;
	for (size_t i = 3; i < hash.n; i++) {
		const char *digits = "0123456789abcdef";
		const char *digit = strchr(digits, hash.p[i]);

		if (digit == NULL || *digit == '\0')
			return false;
		seen |= 1u << (digit - digits);
	}
	return __builtin_popcount(seen) >= 5;
}

// The demangled text in the collector, not yet shortened.
static bool demangle_cpp(struct collector *collector, const char *mangled,
			 enum demangle_style style)
{
	int options = DMGL_ANSI | (style == DEMANGLE_FULL ? DMGL_PARAMS : 0);

	// Constructors and destructors of globals name the thing they are for in full.
	if (strncmp(mangled, "_GLOBAL_", 8) == 0)
		options |= DMGL_PARAMS;
	else if (strncmp(mangled, "_Z", 2) != 0 && strncmp(mangled, "___Z", 4) != 0)
		return false;
	return run(collector, mangled, LANGUAGE_CPP, options);
}

static bool demangle_mangled(struct arena *arena, struct str symbol,
			     enum demangle_style style, struct str *out)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct collector collector = { .text = writer_to_memory() };
	const char *mangled = str_terminated(&scratch, symbol);
	bool found = true;

	if (is_legacy_rust(symbol) && run(&collector, mangled, LANGUAGE_RUST, 0)) {
		*out = str_copy(arena, writer_contents(&collector.text));
	} else if (strncmp(mangled, "_R", 2) == 0 &&
		   run(&collector, mangled, LANGUAGE_RUST, 0)) {
		*out = demangle_shorten_rust(arena, writer_contents(&collector.text),
					     style);
	} else if (demangle_cpp(&collector, mangled, style)) {
		*out = demangle_shorten_cpp(arena, writer_contents(&collector.text),
					    style);
	} else {
		found = false;
	}
	writer_deinit(&collector.text);
	return found;
}

static bool demangle_prefixed(struct arena *arena, struct str symbol,
			      enum demangle_style style, struct str *out)
{
	if (!str_starts_with(symbol, STR("_")) || symbol.n > MANGLED_MAX)
		return false;
	// macOS puts another underscore before every symbol.
	return demangle_mangled(arena, symbol, style, out) ||
	       demangle_mangled(arena, str_after(symbol, 1), style, out);
}

struct str demangle(struct arena *arena, struct str symbol, enum demangle_style style)
{
	struct str out;

	if (style == DEMANGLE_NONE)
		return symbol;
	if (demangle_prefixed(arena, symbol, style, &out))
		return out;
	return demangle_shorten_plain(arena, symbol, style);
}

struct str demangle_recorded(struct arena *arena, struct str name,
			     enum demangle_style style)
{
	struct str out;

	if (style == DEMANGLE_NONE)
		return name;
	if (demangle_prefixed(arena, name, style, &out))
		return out;
	return demangle_shorten_recorded(arena, name, style);
}
