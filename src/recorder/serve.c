// One thread, one poll loop; answers that take seconds wait in a table.
#include "recorder/serve.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pages.h"
#include "base/writer.h"
#include "http/query.h"
#include "http/server.h"
#include "profile/recording.h"
#include "recorder/copy.h"
#include "recorder/cpu.h"
#include "recorder/hook.h"
#include "recorder/number.h"
#include "recorder/state.h"
#include "recorder/thread.h"
#include "recorder/write.h"

enum {
	SLOTS = 16,
	NAME_MAX_SIZE = 128,
	CPU_HZ = 100,
	CPU_SECONDS = 30, // as Go
	SECONDS_MAX = 3600,
	STEP_MS = 100, // how late an answer may be
	STATUS_NOT_FOUND = 404,
	STATUS_NOT_IMPLEMENTED = 501,
	STATUS_FAILED = 500,
};

// One exchange, by its slot.
struct exchange {
	struct writer body;
	struct http_ticket ticket;
	const struct recording_profile *profile; // NULL: nothing to wait for
	struct recording *before;
	int64_t due_ms;
	bool wants_cpu;
};

struct serve {
	struct http_listener listener;
	struct http_server server;
	struct exchange exchanges[SLOTS];
	unsigned cpu_users; // exchanges for which we turned the CPU profile on
	struct http_connection connections[SLOTS];
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void reply_text(struct serve *serve, struct http_ticket ticket, int status)
{
	struct http_reply reply = {
		.status = status,
		.body = writer_contents(&serve->exchanges[ticket.slot].body),
	};

	http_server_reply(&serve->server, ticket, &reply);
}

static void refuse(struct serve *serve, struct http_ticket ticket, int status,
		   const char *why)
{
	struct writer *body = &serve->exchanges[ticket.slot].body;

	writer_text(body, why);
	writer_char(body, '\n');
	reply_text(serve, ticket, status);
}

static void reply_profile(struct serve *serve, struct http_ticket ticket, struct str name,
			  const struct recording *recording)
{
	struct exchange *exchange = &serve->exchanges[ticket.slot];
	struct http_reply reply = { .type = "application/octet-stream" };
	struct error err;

	if (!write_to_writer(name, recording, &exchange->body, &err)) {
		refuse(serve, ticket,
		       err.code == ERROR_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_FAILED,
		       err.text);
		return;
	}
	reply.body = writer_contents(&exchange->body);
	http_server_reply(&serve->server, ticket, &reply);
}

// The CPU profile runs while somebody waits for it, or because the program wants it.
static bool want_cpu(struct serve *serve, struct exchange *exchange)
{
	if (serve->cpu_users == 0 && atomic_load(&recorder.cpu_hz) != 0)
		return true;
	if (serve->cpu_users == 0 && !cpu_set_rate(CPU_HZ))
		return false;
	serve->cpu_users++;
	exchange->wants_cpu = true;
	return true;
}

static void end_wait(struct serve *serve, struct exchange *exchange)
{
	if (exchange->wants_cpu && --serve->cpu_users == 0)
		cpu_set_rate(0);
	copy_free(exchange->before);
	exchange->wants_cpu = false;
	exchange->before = NULL;
	exchange->profile = NULL;
}

static void begin_wait(struct serve *serve, struct http_ticket ticket,
		       const struct recording_profile *profile, uint64_t seconds)
{
	struct exchange *exchange = &serve->exchanges[ticket.slot];

	if (profile->kind == RECORDING_CPU && !want_cpu(serve, exchange)) {
		refuse(serve, ticket, STATUS_FAILED, "the CPU profile cannot start");
		return;
	}
	exchange->before = copy_take();
	if (exchange->before == NULL) {
		end_wait(serve, exchange);
		refuse(serve, ticket, STATUS_NOT_FOUND,
		       "no profile has been started in this process");
		return;
	}
	atomic_store(&exchange->before->states[profile->kind].started_ns, state_now_ns());
	exchange->ticket = ticket;
	exchange->due_ms = now_ms() + (int64_t)seconds * 1000;
	exchange->profile = profile;
}

static void finish_wait(struct serve *serve, struct exchange *exchange)
{
	const struct recording_profile *profile = exchange->profile;
	struct recording *after = copy_take();

	if (after == NULL) {
		refuse(serve, exchange->ticket, STATUS_FAILED, "no memory to answer");
	} else {
		copy_subtract(after, exchange->before, profile);
		atomic_store(
			&after->states[profile->kind].started_ns,
			atomic_load(&exchange->before->states[profile->kind].started_ns));
		reply_profile(serve, exchange->ticket, str_from(profile->name), after);
	}
	copy_free(after);
	end_wait(serve, exchange);
}

static void answer_profile(struct serve *serve, const struct http_request *request,
			   struct str name, struct http_ticket ticket)
{
	const struct recording_profile *profile = recording_find_profile(name);
	char text[32];
	struct str debug =
		http_query_value(request->query, STR("debug"), text, sizeof(text));
	uint64_t seconds = 0;

	if (debug.n > 0 && !str_equal(debug, STR("0"))) {
		refuse(serve, ticket, STATUS_NOT_IMPLEMENTED,
		       "there is no text from inside a program: goprof -text URL "
		       "reports this profile");
		return;
	}
	number_read(http_query_value(request->query, STR("seconds"), text, sizeof(text)),
		    &seconds);
	if (profile != NULL && profile->kind == RECORDING_CPU && seconds == 0)
		seconds = CPU_SECONDS;
	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	if (profile == NULL)
		refuse(serve, ticket, STATUS_NOT_FOUND, "Unknown profile");
	else if (seconds > 0 && profile->kind != RECORDING_THREADS)
		begin_wait(serve, ticket, profile, seconds);
	else
		reply_profile(serve, ticket, name, state_recording());
}

// The words of the program, with a NUL between them, as Go.
static void answer_cmdline(struct serve *serve, struct http_ticket ticket)
{
	struct writer *body = &serve->exchanges[ticket.slot].body;
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	char bytes[4096];
	ssize_t size;

	while (fd >= 0 && (size = read(fd, bytes, sizeof(bytes))) > 0)
		writer_bytes(body, bytes, (size_t)size);
	if (fd >= 0)
		close(fd);
	if (body->used > 0)
		body->used--;
	reply_text(serve, ticket, 0);
}

static void answer_index(struct serve *serve, struct http_ticket ticket)
{
	static const char *const names[] = { "allocs",       "block",  "goroutine",
					     "heap",         "mutex",  "profile",
					     "threadcreate", "threads" };
	struct exchange *exchange = &serve->exchanges[ticket.slot];
	struct http_reply reply = { .type = "text/html; charset=utf-8" };

	writer_text(&exchange->body, "<!DOCTYPE html><title>/debug/pprof/</title>"
				     "<h1>/debug/pprof/</h1><ul>\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		writer_format(&exchange->body, "<li><a href=\"%s\">%s</a>\n", names[i],
			      names[i]);
	writer_text(&exchange->body, "</ul>\n");
	reply.body = writer_contents(&exchange->body);
	http_server_reply(&serve->server, ticket, &reply);
}

static void answer(void *context, const struct http_request *request,
		   struct http_ticket ticket)
{
	struct serve *serve = context;
	struct str root = STR("/debug/pprof/");
	struct str name = str_after(request->path, root.n);

	serve->exchanges[ticket.slot].body = writer_to_pages();
	if (str_equal(request->path, STR("/debug/pprof")) ||
	    str_equal(request->path, root))
		answer_index(serve, ticket);
	else if (!str_starts_with(request->path, root))
		refuse(serve, ticket, STATUS_NOT_FOUND, "404 page not found");
	else if (str_equal(name, STR("cmdline")))
		answer_cmdline(serve, ticket);
	else if (str_equal(name, STR("symbol")))
		// Names come from the mapped files, by whoever has the profile.
		refuse(serve, ticket, 0, "num_symbols: 0");
	else
		answer_profile(serve, request, name, ticket);
}

static void ended(void *context, struct http_ticket ticket)
{
	struct serve *serve = context;
	struct exchange *exchange = &serve->exchanges[ticket.slot];

	if (exchange->profile != NULL)
		end_wait(serve, exchange);
	writer_deinit(&exchange->body);
	exchange->body = (struct writer){ 0 };
}

static void *run(void *argument)
{
	struct serve *serve = argument;

	thread_state.is_inside = true;
	prctl(PR_SET_NAME, "goprof");
	for (;;) {
		http_server_step(&serve->server, NULL, 0, STEP_MS);
		for (size_t i = 0; i < SLOTS; i++) {
			struct exchange *exchange = &serve->exchanges[i];

			if (exchange->profile != NULL && now_ms() >= exchange->due_ms)
				finish_wait(serve, exchange);
		}
	}
	return NULL;
}

static bool start_thread(struct serve *serve)
{
	sigset_t all, before;
	pthread_t thread;
	bool is_started;

	hook_resolve(&recorder.next.pthread_create, "pthread_create");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	is_started = recorder.next.pthread_create(&thread, NULL, run, serve) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (is_started)
		pthread_detach(thread);
	return is_started;
}

static bool listen_and_start(struct serve *serve, struct str address, struct error *err)
{
	char word[NAME_MAX_SIZE];

	if (address.n >= sizeof(word))
		return error_set(err, ERROR_USAGE, "the address is too long");
	snprintf(word, sizeof(word), "%.*s", (int)address.n, address.p);
	if (!http_listen(word, &serve->listener, err))
		return false;
	serve->server = (struct http_server){
		.listener = &serve->listener,
		.handler = { serve, answer, ended },
		.connections = serve->connections,
		.count = SLOTS,
	};
	if (start_thread(serve))
		return true;
	http_listener_close(&serve->listener);
	return error_set(err, ERROR_SYSTEM, "no thread to serve it");
}

bool serve_start(struct str address, struct error *err)
{
	struct serve *serve = pages_map(sizeof(*serve)), *none = NULL;

	if (serve == NULL)
		return error_set(err, ERROR_SYSTEM, "no memory to serve it");
	if (!atomic_compare_exchange_strong(&recorder.serve, &none, serve)) {
		pages_unmap(serve, sizeof(*serve));
		return error_set(err, ERROR_USAGE, "this process listens already");
	}
	if (listen_and_start(serve, address, err))
		return true;
	atomic_store(&recorder.serve, NULL);
	pages_unmap(serve, sizeof(*serve));
	return false;
}

void serve_reset_child(void)
{
	struct serve *serve = atomic_load(&recorder.serve);

	if (serve == NULL)
		return;
	close(serve->listener.fd);
	for (size_t i = 0; i < SLOTS; i++) {
		if (serve->connections[i].phase != HTTP_FREE)
			close(serve->connections[i].fd);
	}
	atomic_store(&recorder.serve, NULL);
}
