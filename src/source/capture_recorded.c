// Looks for the socket in its places, then asks like any URL.
#include "source/capture_recorded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/writer.h"
#include "binary/symbolize.h"
#include "profile/recording_socket.h"
#include "source/capture.h"
#include "source/capture_url.h"
#include "source/fetch.h"
#include "source/source.h"
#include "target/process.h"

// The kernel knows which process called listen.
static bool is_served_by(const char *path, int pid)
{
	CLEANUP_FD int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, path, strlen(path));
	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       peer.pid == pid;
}

static bool try_place(unsigned place, unsigned user, int pid, int namespace_pid,
		      struct arena *arena, struct str *url)
{
	char path[RECORDING_SOCKET_PATH];
	struct str word;

	recording_socket_path(place, user, namespace_pid, path);
	// In a container its files are elsewhere.
	word = process_shares_files_with_us(pid)
		       ? str_from(path)
		       : str_format(arena, "/proc/%d/root%s", pid, path);
	word = str_copy(arena, word);
	if (!is_served_by(str_terminated(arena, word), pid))
		return false;
	*url = str_format(arena, "unix://%.*s", (int)word.n, word.p);
	return true;
}

bool capture_recorded_find(int pid, struct arena *arena, struct str *url)
{
	struct process_status status;

	if (!process_read_status(pid, &status))
		return false;
	for (unsigned place = 0; place < RECORDING_SOCKET_PLACES; place++) {
		if (try_place(place, status.user, pid, status.namespace_pid, arena, url))
			return true;
		// A server that began as root.
		if (status.user != 0 &&
		    try_place(place, 0, pid, status.namespace_pid, arena, url))
			return true;
	}
	return false;
}

struct question {
	int pid;
	struct str url;
	const char *kind;
};

static bool ask(const struct question *question, int debug, double seconds,
		uint8_t **bytes, size_t *size, struct error *err)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct str word = str_format(&arena, "%.*s/debug/pprof/%s", (int)question->url.n,
				     question->url.p, question->kind);
	const struct fetch_options fetch = { 0 };
	struct capture_url_request request = {
		.word = str_terminated(&arena, word),
		.kind = question->kind,
		.debug = debug,
		.seconds = seconds,
		.options = &fetch,
	};

	return capture_url_fetch(&request, bytes, size, err) ||
	       error_wrap(err, "process %d", question->pid);
}

static struct question question_of(const struct capture_target *target)
{
	return (struct question){ target->pid, target->url, target->row->kind };
}

// What is about a Go runtime is not left out in silence.
static bool check_options(const struct capture_target *target,
			  const struct capture_options *options, struct error *err)
{
	const struct capture_goroutine_options *goroutine = &options->goroutine;
	const struct capture_sampled_options *sampled = &options->sampled;

	if (!sampled->is_live && !sampled->collects && !sampled->is_enabled &&
	    goroutine->state.n == 0 && goroutine->created_by.n == 0 &&
	    goroutine->label.n == 0 && goroutine->waiting_over_ns == 0 &&
	    !goroutine->with_system && !goroutine->is_stopped && !goroutine->is_sampled)
		return true;
	return error_set(err, ERROR_USAGE,
			 "process %d is a program with libgoprof: of the options of %s "
			 "it takes --seconds, --debug and those of reports, such as "
			 "-tagfocus",
			 target->pid, target->row->kind);
}

static void symbolize(int pid, struct profile *profile)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct symbolize_options options = {
		.pid = (uint32_t)pid,
		.no_kernel = true,
	};

	if (!process_shares_files_with_us(pid))
		options.modules.root = str_format(&arena, "/proc/%d/root", pid);
	symbolize_profile(profile, &options, &arena);
}

static bool ask_profile(const struct question *question, double seconds,
			struct profile **out, struct error *err)
{
	CLEANUP_FREE uint8_t *bytes = NULL;
	size_t size;

	if (!ask(question, 0, seconds, &bytes, &size, err) ||
	    !source_decode((struct str){ (const char *)bytes, size }, out, err))
		return false;
	symbolize(question->pid, *out);
	return true;
}

bool capture_recorded_cpu(int pid, double seconds, struct profile **out,
			  struct error *err)
{
	struct arena arena CLEANUP_ARENA = { 0 };
	struct question question = { .pid = pid, .kind = "profile" };

	return capture_recorded_find(pid, &arena, &question.url) &&
	       ask_profile(&question, seconds, out, err);
}

bool capture_recorded_profile(struct capture_target *target,
			      const struct capture_options *options,
			      struct capture_notes *notes, struct profile **out,
			      struct error *err)
{
	struct question question = question_of(target);

	(void)notes;
	return check_options(target, options, err) &&
	       ask_profile(&question, options->seconds, out, err);
}

bool capture_recorded_text(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes,
			   const struct capture_text_request *request, struct error *err)
{
	struct question question = question_of(target);
	CLEANUP_FREE uint8_t *bytes = NULL;
	size_t size;

	(void)notes;
	if (request->text == CAPTURE_JSON)
		return error_set(err, ERROR_USAGE,
				 "%s has no JSON of its own here: leave out --debug",
				 target->row->kind);
	if (!check_options(target, options, err))
		return false;
	if (!ask(&question, (int)request->text, options->seconds, &bytes, &size, err))
		return false;
	writer_bytes(request->w, bytes, size);
	return true;
}
