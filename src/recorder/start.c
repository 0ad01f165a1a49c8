// The library's life in its host: constructor, fork, dlclose, exit.
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "recorder/collector.h"
#include "recorder/cpu.h"
#include "recorder/heap_dump.h"
#include "recorder/hook.h"
#include "recorder/kinds.h"
#include "recorder/modules.h"
#include "recorder/schedtrace.h"
#include "recorder/serve.h"
#include "recorder/state.h"
#include "recorder/talk.h"
#include "recorder/thread.h"
#include "recorder/thread_ask.h"
#include "recorder/thread_origin.h"
#include "recorder/thread_start.h"
#include "recorder/tracer.h"
#include "recorder/wait.h"
#include "recorder/write.h"

// Where the main thread's stack ends, as the loader noted it.
extern void *__libc_stack_end;

static void before_fork(void)
{
	cpu_before_fork();
	modules_before_fork();
}

static void after_fork_in_parent(void)
{
	modules_after_fork();
	cpu_after_fork();
}

static void after_fork_in_child(void)
{
	modules_after_fork();
	recorder.pid = getpid();
	recorder.is_forked = true;
	thread_state.tid = 0;
	thread_ask_reset_child();
	thread_origin_reset_child();
	if (state_recording() != NULL && state_begin_child()) {
		for (size_t i = 0; i < kind_count; i++) {
			if (kinds[i].reset_child != NULL)
				kinds[i].reset_child();
		}
	}
	serve_reset_child();
	cpu_after_fork();
}

// What people call it, who do not know its endpoint.
static const char *spoken(const char *kind)
{
	return strcmp(kind, "profile") == 0 ? "cpu" : kind;
}

static void start_kinds(const struct settings *settings)
{
	for (size_t i = 0; i < kind_count; i++) {
		uint64_t rate = kinds[i].rate_of(settings);

		// The tracer has said itself what is wrong with its file.
		if (rate != 0 && !kinds[i].set_rate(rate) &&
		    kinds[i].set_rate != tracer_set_rate)
			talk("the %s profile cannot start: no memory for it",
			     spoken(kinds[i].name));
	}
	if (settings->heap_rate != 0 && !allocator_is_hooked())
		talk("the program has an allocator of its own, or one is loaded before "
		     "this library: there is no heap profile");
}

// Programs without a collector run under the same settings as those with one.
static void start_collector(const struct settings *settings)
{
	enum collector_trace trace = COLLECTOR_SILENT;

	if (settings->has_gctrace)
		trace = settings->has_gctrace_json ? COLLECTOR_JSON : COLLECTOR_LINES;
	if (settings->has_gctrace || settings->heap_rate != 0)
		collector_watch(trace);
}

// What is executed from now on finds neither the settings nor us, but what else is to be
// preloaded. `goprof run` puts us first. Shells have functions of their own for the
// environment, so it is changed in place.
static void stop_following(void)
{
	static const struct str settings = { "GOPROF=", 7 },
				preload = { "LD_PRELOAD=", 11 };
	char **kept = environ;

	for (char **entry = environ; *entry != NULL; entry++) {
		struct str word = str_from(*entry), others, first = STR("");

		if (str_starts_with(word, settings))
			continue;
		*kept = *entry;
		others = str_after(word, preload.n);
		while (str_starts_with(word, preload) && str_cut(&others, ':', &first) &&
		       first.n == 0)
			;
		if (str_equal(str_basename(first), STR("libgoprof.so"))) {
			if (others.n == 0)
				continue;
			memmove(*entry + preload.n, others.p, others.n + 1);
		}
		kept++;
	}
	*kept = NULL;
}

// A command of `goprof run` says where; what it starts cannot have the same address.
static void listen_where_told(const struct settings *settings)
{
	struct error err;

	if (settings->http.n == 0 ||
	    (settings->http_parent != 0 && (int)settings->http_parent != getppid()))
		return;
	if (!serve_start(settings->http, &err))
		talk("GOPROF: http=%.*s: %s", (int)settings->http.n, settings->http.p,
		     err.text);
	else if (settings->http_parent != 0)
		serve_tell();
}

static __attribute__((constructor)) void start(void)
{
	struct settings *settings = &recorder.settings;

	recorder.stack_end = (uintptr_t)__libc_stack_end;
	recorder.pid = getpid();
	wait_update();
	settings_read(settings, secure_getenv("GOPROF"));
	pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
	if (settings->wrong.n > 0)
		talk("GOPROF: %.*s is not understood and left out",
		     (int)settings->wrong.n, settings->wrong.p);
	recorder.heap_is_whole = settings->heap_rate == 1;
	if (settings->is_set && thread_start_init())
		start_kinds(settings);
	if (settings->is_not_followed)
		stop_following();
	start_collector(settings);
	listen_where_told(settings);
	schedtrace_start();
	if (settings->is_set)
		serve_offer();
}

// Not between vfork and _exit, where the memory is the parent's.
static void finish(void)
{
	if (getpid() != recorder.pid)
		return;
	serve_finish();
	cpu_finish();
	tracer_finish();
	write_outputs(HEAP_DUMP_STACK());
}

static __attribute__((destructor)) void end(void)
{
	finish();
}

// exit runs the destructor above, _exit does not.
HOOK __attribute__((noreturn)) void _exit(int status)
{
	hook_resolve(&recorder.next._exit, "_exit");
	finish();
	recorder.next._exit(status);
}

HOOK __attribute__((noreturn)) void _Exit(int status)
{
	_exit(status);
}

// dlopen is left alone, because it asks who its caller is; new modules make themselves
// known by their first sample.
HOOK int dlclose(void *handle)
{
	int result;

	hook_resolve(&recorder.next.dlclose, "dlclose");
	result = recorder.next.dlclose(handle);
	modules_prune();
	return result;
}
