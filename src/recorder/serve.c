// A thread and a poll loop for each listener; answers that take seconds wait in a table.
#include "recorder/serve.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/pages.h"
#include "base/writer.h"
#include "goprof.h"
#include "http/query.h"
#include "http/server.h"
#include "profile/recording.h"
#include "recorder/copy.h"
#include "recorder/cpu.h"
#include "recorder/memstats.h"
#include "recorder/number.h"
#include "recorder/owner_socket.h"
#include "recorder/serve_dump.h"
#include "recorder/serve_thread.h"
#include "recorder/serve_trace.h"
#include "recorder/state.h"
#include "recorder/talk.h"
#include "recorder/write.h"

enum {
	SLOTS = 16,
	NAME_MAX_SIZE = 128,
	CPU_HZ = 100,
	CPU_SECONDS = 30, // as Go
	TRACE_SECONDS = 5,
	SECONDS_MAX = 3600,
	CHILD_DELAY_MS = 20,
	LOOK_MS = 1000, // how late the process may end behind its last thread
	STEP_MS = 100,  // how late an answer may be
	STATUS_REFUSED = 400,
	STATUS_FORBIDDEN = 403,
	STATUS_NOT_FOUND = 404,
	STATUS_CONFLICT = 409,
	STATUS_FAILED = 500,
};

// One exchange, by its slot.
struct exchange {
	struct writer body;
	struct http_ticket ticket;
	const struct recording_profile *profile; // NULL: it waits for none
	struct serve_trace *trace;               // NULL: nor for a trace
	struct recording *before;
	int64_t due_ms;
	uint64_t debug; // 0: no text
	bool wants_cpu;
};

// How far the thread has come.
enum phase { PHASE_STARTING, PHASE_LISTENS, PHASE_FAILED, PHASE_ENDING };

struct serve {
	_Atomic uint32_t phase;
	bool is_owner; // at the owner's socket
	char word[NAME_MAX_SIZE];
	struct error err; // of PHASE_FAILED
	struct http_listener listener;
	struct http_server server;
	struct exchange exchanges[SLOTS];
	struct http_connection connections[SLOTS];
};

static void reply_text(struct serve *serve, struct http_ticket ticket, int status)
{
	struct http_reply reply = {
		.status = status,
		// By which pprof knows that the text is for its user.
		.headers = status >= STATUS_REFUSED ? "X-Go-Pprof: 1\r\n" : NULL,
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

static bool write_body(struct exchange *exchange, struct str name,
		       const struct recording *recording, struct error *err)
{
	struct write_text wish = {
		.profile = recording_find_profile(name),
		.level = exchange->debug > 1 ? TEXT_STACKS : TEXT_COUNTS,
	};

	return exchange->debug == 0
		       ? write_to_writer(name, recording, &exchange->body, err)
		       : write_text_to_writer(&wish, recording, &exchange->body, err);
}

static void reply_profile(struct serve *serve, struct http_ticket ticket, struct str name,
			  const struct recording *recording)
{
	struct exchange *exchange = &serve->exchanges[ticket.slot];
	struct http_reply reply = { .type = exchange->debug == 0
						    ? "application/octet-stream"
						    : NULL };
	struct error err;

	if (!write_body(exchange, name, recording, &err)) {
		refuse(serve, ticket,
		       err.code == ERROR_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_FAILED,
		       err.text);
		return;
	}
	reply.body = writer_contents(&exchange->body);
	http_server_reply(&serve->server, ticket, &reply);
}

static void lock(void)
{
	while (atomic_flag_test_and_set_explicit(&recorder.serve_lock,
						 memory_order_acquire))
		sched_yield();
}

static void unlock(void)
{
	atomic_flag_clear_explicit(&recorder.serve_lock, memory_order_release);
}

// The CPU profile runs while somebody waits for it, or because the program wants it.
static bool want_cpu(struct exchange *exchange)
{
	bool is_running;

	lock();
	is_running = atomic_load(&recorder.cpu_hz) != 0;
	exchange->wants_cpu =
		recorder.cpu_users > 0 || (!is_running && cpu_set_rate(CPU_HZ));
	recorder.cpu_users += exchange->wants_cpu;
	unlock();
	return is_running || exchange->wants_cpu;
}

static void end_wait(struct exchange *exchange)
{
	lock();
	if (exchange->wants_cpu && --recorder.cpu_users == 0)
		cpu_set_rate(0);
	unlock();
	copy_free(exchange->before);
	exchange->wants_cpu = false;
	exchange->before = NULL;
	exchange->profile = NULL;
}

static void begin_wait(struct serve *serve, struct http_ticket ticket,
		       const struct recording_profile *profile, uint64_t seconds)
{
	struct exchange *exchange = &serve->exchanges[ticket.slot];

	if (profile->kind == RECORDING_CPU && !want_cpu(exchange)) {
		refuse(serve, ticket, STATUS_FAILED, "the CPU profile cannot start");
		return;
	}
	exchange->before = copy_take();
	if (exchange->before == NULL) {
		end_wait(exchange);
		refuse(serve, ticket, STATUS_NOT_FOUND,
		       "no profile has been started in this process");
		return;
	}
	atomic_store(&exchange->before->states[profile->kind].started_ns, state_now_ns());
	exchange->ticket = ticket;
	exchange->due_ms = clock_now_ms() + (int64_t)seconds * 1000;
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
	end_wait(exchange);
}

static void answer_profile(struct serve *serve, const struct http_request *request,
			   struct str name, struct http_ticket ticket)
{
	const struct recording_profile *profile = recording_find_profile(name);
	struct exchange *exchange = &serve->exchanges[ticket.slot];
	char text[32];
	uint64_t seconds = 0;

	exchange->debug = 0;
	number_read(http_query_value(request->query, STR("debug"), text, sizeof(text)),
		    &exchange->debug);
	number_read(http_query_value(request->query, STR("seconds"), text, sizeof(text)),
		    &seconds);
	if (profile != NULL && profile->kind == RECORDING_CPU) {
		exchange->debug = 0; // as Go
		if (seconds == 0)
			seconds = CPU_SECONDS;
	}
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

static void answer_memstats(struct serve *serve, struct http_ticket ticket)
{
	struct goprof_memstats stats;

	if (!memstats_read_own(&stats)) {
		refuse(serve, ticket, STATUS_FAILED, "the kernel does not tell");
		return;
	}
	memstats_write(&stats, &serve->exchanges[ticket.slot].body);
	reply_text(serve, ticket, 0);
}

// Addresses are the body of a POST, or the query.
static void answer_symbol(struct serve *serve, const struct http_request *request,
			  struct http_ticket ticket)
{
	struct writer *body = &serve->exchanges[ticket.slot].body;
	struct str words = request->method == HTTP_POST ? request->body : request->query;

	if (state_recording() == NULL)
		refuse(serve, ticket, 0, "num_symbols: 0");
	else if (text_write_symbols(state_recording(), words, body))
		reply_text(serve, ticket, 0);
	else
		refuse(serve, ticket, STATUS_FAILED, "no memory to answer");
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

// All that is in the memory is for the owner alone.
static void answer_dump(struct serve *serve, const struct http_request *request,
			struct http_ticket ticket)
{
	struct http_reply reply = { .type = "application/octet-stream",
				    .has_stream = true };
	struct error err;

	if (!serve->is_owner) {
		refuse(serve, ticket, STATUS_FORBIDDEN,
		       "heap dumps are given at the owner's socket alone: goprof "
		       "heapdump PID -o FILE");
		return;
	}
	reply.stream = serve_dump_open(request->query, &err);
	if (reply.stream < 0)
		refuse(serve, ticket, STATUS_FAILED, err.text);
	else
		http_server_reply(&serve->server, ticket, &reply);
}

// What is in the blocks is not in it, but where they are.
static void answer_trace(struct serve *serve, const struct http_request *request,
			 struct http_ticket ticket)
{
	struct exchange *exchange = &serve->exchanges[ticket.slot];
	uint64_t seconds = TRACE_SECONDS;
	struct error err;
	char text[32];

	number_read(http_query_value(request->query, STR("seconds"), text, sizeof(text)),
		    &seconds);
	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	if (!serve->is_owner) {
		refuse(serve, ticket, STATUS_FORBIDDEN,
		       "allocation traces are given at the owner's socket alone: goprof "
		       "alloctrace PID");
		return;
	}
	exchange->trace = serve_trace_begin(request->query, &err);
	if (exchange->trace == NULL) {
		refuse(serve, ticket,
		       err.code == ERROR_LIMIT ? STATUS_CONFLICT : STATUS_FAILED,
		       err.text);
		return;
	}
	exchange->ticket = ticket;
	exchange->due_ms = clock_now_ms() + (int64_t)seconds * 1000;
}

static void finish_trace(struct serve *serve, struct exchange *exchange)
{
	struct http_reply reply = { .type = "application/octet-stream",
				    .has_stream = true };

	reply.stream = serve_trace_end(exchange->trace);
	exchange->trace = NULL;
	if (reply.stream < 0)
		refuse(serve, exchange->ticket, STATUS_FAILED, "the trace is lost");
	else
		http_server_reply(&serve->server, exchange->ticket, &reply);
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
	else if (str_equal(name, STR("alloctrace")))
		answer_trace(serve, request, ticket);
	else if (str_equal(name, STR("heapdump")))
		answer_dump(serve, request, ticket);
	else if (str_equal(name, STR("memstats")))
		answer_memstats(serve, ticket);
	else if (str_equal(name, STR("symbol")))
		answer_symbol(serve, request, ticket);
	else
		answer_profile(serve, request, name, ticket);
}

static void ended(void *context, struct http_ticket ticket)
{
	struct serve *serve = context;
	struct exchange *exchange = &serve->exchanges[ticket.slot];

	if (exchange->profile != NULL)
		end_wait(exchange);
	if (exchange->trace != NULL)
		serve_trace_drop(exchange->trace);
	exchange->trace = NULL;
	writer_deinit(&exchange->body);
	exchange->body = (struct writer){ 0 };
}

static int timeout_ms(const struct serve *serve)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (serve->exchanges[i].profile != NULL ||
		    serve->exchanges[i].trace != NULL)
			return STEP_MS;
	}
	return LOOK_MS;
}

static void serve_to_end(struct serve *serve)
{
	int64_t next_look = clock_now_ms() + LOOK_MS;

	for (;;) {
		if (clock_now_ms() >= next_look) {
			if (serve_thread_is_alone())
				return;
			next_look = clock_now_ms() + LOOK_MS;
		}
		http_server_step(&serve->server, NULL, 0, timeout_ms(serve));
		for (size_t i = 0; i < SLOTS; i++) {
			struct exchange *exchange = &serve->exchanges[i];

			bool is_due = clock_now_ms() >= exchange->due_ms;

			if (exchange->profile != NULL && is_due)
				finish_wait(serve, exchange);
			if (exchange->trace != NULL &&
			    (is_due || serve_trace_is_full(exchange->trace)))
				finish_trace(serve, exchange);
		}
	}
}

static bool begin(struct serve *serve)
{
	const struct timespec delay = { .tv_nsec = CHILD_DELAY_MS * 1000000 };
	bool is_apart = serve_thread_enter();

	// The owner's socket is nothing that the program has asked for.
	if (serve->is_owner && !is_apart)
		return error_set(&serve->err, ERROR_SYSTEM, "shares descriptors");
	// Most children become another program at once.
	if (serve->is_owner && recorder.is_forked)
		nanosleep(&delay, NULL);
	return serve->is_owner ? owner_socket_listen(&serve->listener, &serve->err)
			       : http_listen(serve->word, &serve->listener, &serve->err);
}

static void wake(_Atomic uint32_t *phase)
{
	syscall(SYS_futex, phase, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *run(void *argument)
{
	struct serve *serve = argument;
	uint32_t starting = PHASE_STARTING;
	bool is_begun = begin(serve);

	serve->server = (struct http_server){
		.listener = &serve->listener,
		.handler = { serve, answer, ended },
		.connections = serve->connections,
		.count = SLOTS,
	};
	if (!atomic_compare_exchange_strong(&serve->phase, &starting,
					    is_begun ? PHASE_LISTENS : PHASE_FAILED)) {
		if (is_begun)
			http_listener_close(&serve->listener);
		is_begun = false;
	}
	wake(&serve->phase);
	if (is_begun)
		serve_to_end(serve);
	serve_thread_leave();
	return NULL;
}

static bool await_outcome(struct serve *serve, struct error *err)
{
	while (atomic_load(&serve->phase) == PHASE_STARTING)
		syscall(SYS_futex, &serve->phase, FUTEX_WAIT_PRIVATE, PHASE_STARTING,
			NULL, NULL, 0);
	if (atomic_load(&serve->phase) == PHASE_LISTENS)
		return true;
	*err = serve->err;
	return false;
}

static struct serve *create(_Atomic(struct serve *) *place, struct error *err)
{
	struct serve *serve = pages_map(sizeof(*serve)), *none = NULL;

	if (serve == NULL) {
		(void)!error_set(err, ERROR_SYSTEM, "no memory to serve it");
		return NULL;
	}
	if (atomic_compare_exchange_strong(place, &none, serve))
		return serve;
	pages_unmap(serve, sizeof(*serve));
	(void)!error_set(err, ERROR_USAGE, "this process listens already");
	return NULL;
}

static bool start_thread(_Atomic(struct serve *) *place, struct serve *serve,
			 struct error *err)
{
	if (serve_thread_start(run, serve))
		return true;
	atomic_store(place, NULL);
	pages_unmap(serve, sizeof(*serve));
	return error_set(err, ERROR_SYSTEM, "no thread to serve it");
}

bool serve_start(struct str address, struct error *err)
{
	struct serve *serve;

	if (address.n >= sizeof(serve->word))
		return error_set(err, ERROR_USAGE, "the address is too long");
	serve = create(&recorder.serve, err);
	if (serve == NULL)
		return false;
	memcpy(serve->word, address.p, address.n);
	if (!start_thread(&recorder.serve, serve, err))
		return false;
	if (await_outcome(serve, err))
		return true;
	// Its thread may still be on its way out of it: it stays mapped.
	atomic_store(&recorder.serve, NULL);
	return false;
}

void serve_tell(void)
{
	const struct serve *serve = atomic_load(&recorder.serve);
	const struct http_listener *listener = &serve->listener;
	bool is_v6 = strchr(listener->name, ':') != NULL;

	if (listener->is_unix)
		talk("serves unix://%s/debug/pprof/", listener->name);
	else
		talk("serves http://%s%s%s:%u/debug/pprof/", is_v6 ? "[" : "",
		     listener->name, is_v6 ? "]" : "", listener->port);
}

void serve_offer(void)
{
	struct serve *serve;
	struct error err;

	if (recorder.settings.has_no_socket || atomic_load(&recorder.owner_serve) != NULL)
		return;
	serve = create(&recorder.owner_serve, &err);
	if (serve == NULL)
		return;
	serve->is_owner = true;
	(void)!start_thread(&recorder.owner_serve, serve, &err);
}

static void finish(struct serve *serve)
{
	if (serve != NULL && serve->listener.is_unix &&
	    atomic_exchange(&serve->phase, PHASE_ENDING) == PHASE_LISTENS)
		unlink(serve->listener.name);
}

void serve_finish(void)
{
	struct serve *owner = atomic_load(&recorder.owner_serve);
	uint32_t starting = PHASE_STARTING;

	if (owner != NULL)
		atomic_compare_exchange_strong(&owner->phase, &starting, PHASE_ENDING);
	finish(owner);
	finish(atomic_load(&recorder.serve));
}

void serve_reset_child(void)
{
	bool was_offered = atomic_load(&recorder.owner_serve) != NULL;

	atomic_store(&recorder.serve, NULL);
	atomic_store(&recorder.owner_serve, NULL);
	for (size_t i = 0; i < STATE_SERVE_THREADS; i++)
		atomic_store(&recorder.serve_tids[i], 0);
	recorder.cpu_users = 0;
	atomic_flag_clear(&recorder.serve_lock);
	if (was_offered)
		serve_offer();
}
