// A table of formats: profile.proto first, then text, the most particular first.
#include "profile/input.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/inflate.h"
#include "profile/callgrind_input.h"
#include "profile/contention_input.h"
#include "profile/count_input.h"
#include "profile/cpu_input.h"
#include "profile/folded_input.h"
#include "profile/goroutine_input.h"
#include "profile/heap_input.h"
#include "profile/java_input.h"
#include "profile/perf_script_input.h"
#include "profile/proto.h"
#include "profile/thread_input.h"

// The first that looks like the bytes is taken. Those that any text might resemble come
// last.
static const struct input_format formats[] = {
	{ "callgrind file", callgrind_input_is_likely, callgrind_input_decode },
	{ "CPU profile of gperftools", cpu_input_is_likely, cpu_input_decode },
	{ "heap profile as text", heap_input_is_likely, heap_input_decode },
	{ "Go profile of counts as text", count_input_is_likely, count_input_decode },
	{ "threadz page", thread_input_is_likely, thread_input_decode },
	{ "Java profile as text", java_input_is_likely, java_input_decode },
	{ "contention profile as text", contention_input_is_likely,
	  contention_input_decode },
	{ "dump of goroutines", goroutine_input_is_likely, goroutine_input_decode },
	{ "output of perf script", perf_script_input_is_likely,
	  perf_script_input_decode },
	{ "file of folded stacks", folded_input_is_likely, folded_input_decode },
};

static const struct input_format *find(struct str plain)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i].is_likely(plain))
			return &formats[i];
	}
	return NULL;
}

bool input_decode(struct str bytes, struct profile **out, struct error *err)
{
	CLEANUP_FREE uint8_t *block = NULL;
	const struct input_format *format;
	struct str plain = bytes;
	bool is_proto = proto_is_likely(bytes);
	struct error why, unused;
	size_t size = 0;

	if (is_proto && proto_decode(bytes, out, &why))
		return true;
	// Compressed text costs a second inflation, so that compressed profile.proto,
	// which nearly all files are, costs only one.
	if (inflate_packed(bytes, &block, &size, &unused)) {
		plain = (struct str){ (const char *)block, size };
		is_proto = proto_is_likely(plain);
	}
	format = find(plain);
	if (format == NULL && is_proto)
		return error_set(err, why.code, "%s", why.text);
	if (format == NULL)
		return error_set(err, ERROR_UNSUPPORTED, "unrecognized profile format");
	return format->decode(plain, out, err) ||
	       error_wrap(err, "looks like a %s, but", format->name);
}
