// Runs requests side by side in one thread.
#include "source/fetch.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "source/curl_library.h"
#include "source/fetch_error.h"
#include "source/fetch_request.h"

enum { TICK_MS = 200, MOST_AT_ONCE = 128 };

// The requests of one round.
struct round {
	const struct curl_library *curl;
	CURLM *multi;
	struct fetch_request *requests;
	size_t count;
};

static void fail_all(struct fetch *fetches, size_t count, const struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		fetches[i].is_done = false;
		fetches[i].err = *err;
	}
}

static void finish_request(struct fetch_request *request, CURLcode code)
{
	struct fetch *fetch = request->fetch;

	fetch->is_done = fetch_error_judge(request, code);
}

static size_t take_finished(struct round *round)
{
	size_t finished = 0;
	int left;

	for (;;) {
		CURLMsg *message = round->curl->multi_info_read(round->multi, &left);
		char *request = NULL;

		if (message == NULL)
			return finished;
		if (message->msg != CURLMSG_DONE)
			continue;
		round->curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
					  &request);
		finish_request((struct fetch_request *)(void *)request,
			       message->data.result);
		finished++;
	}
}

static void tell(struct fetch_watch *watch, struct fetch_progress *progress,
		 const struct fetch *fetches, double start)
{
	if (watch == NULL)
		return;
	progress->elapsed_seconds = fetch_request_now() - start;
	progress->bytes = 0;
	for (size_t i = 0; i < progress->count; i++)
		progress->bytes += fetches[i].size;
	watch->tick(watch, progress);
}

// Until every request has its outcome.
static void run_round(struct round *round, struct fetch *fetches,
		      struct fetch_watch *watch)
{
	struct fetch_progress progress = { .count = round->count };
	double start = fetch_request_now();
	int running = 1;

	for (size_t i = 0; i < round->count; i++) {
		if (fetches[i].url->seconds > progress.seconds)
			progress.seconds = fetches[i].url->seconds;
	}
	while (running > 0) {
		CURLMcode code = round->curl->multi_perform(round->multi, &running);

		progress.finished += take_finished(round);
		tell(watch, &progress, fetches, start);
		if (code == CURLM_OK && running > 0)
			code = round->curl->multi_poll(round->multi, NULL, 0, TICK_MS,
						       NULL);
		if (code != CURLM_OK)
			break;
	}
}

static bool add_request(struct round *round, const struct fetch_session *session,
			struct fetch *fetch)
{
	struct fetch_request *request = &round->requests[round->count];

	// Stands where a request ends without an outcome of its own.
	error_set(&fetch->err, ERROR_SYSTEM,
		  "http fetch: it was not carried out: try "
		  "again");
	if (!fetch_request_init(request, session, fetch))
		return false;
	round->count++;
	return round->curl->multi_add_handle(round->multi, request->easy) == CURLM_OK;
}

static void fetch_round(struct fetch *fetches, size_t count,
			const struct fetch_session *session, struct fetch_watch *watch)
{
	struct round round = {
		.curl = session->curl,
		.multi = session->curl->multi_init(),
		.requests = table_zeroed(count, sizeof(struct fetch_request)),
	};
	bool is_added = round.multi != NULL;

	for (size_t i = 0; i < count && is_added; i++)
		is_added = add_request(&round, session, &fetches[i]);
	if (is_added)
		run_round(&round, fetches, watch);
	for (size_t i = 0; i < round.count; i++) {
		round.curl->multi_remove_handle(round.multi, round.requests[i].easy);
		fetch_request_deinit(&round.requests[i]);
	}
	if (round.multi != NULL)
		round.curl->multi_cleanup(round.multi);
	free(round.requests);
}

void fetch_all(struct fetch *fetches, size_t count, const struct fetch_options *options,
	       struct fetch_watch *watch)
{
	struct fetch_session session;
	struct curl_library curl;
	struct error err;

	if (count == 0)
		return;
	if (!curl_library_load(&curl, &err) ||
	    !fetch_session_init(&session, &curl, options, &err)) {
		fail_all(fetches, count, &err);
		return;
	}
	for (size_t at = 0; at < count; at += MOST_AT_ONCE) {
		size_t left = count - at;

		fetch_round(fetches + at, left < MOST_AT_ONCE ? left : MOST_AT_ONCE,
			    &session, watch);
	}
	fetch_session_deinit(&session);
}

void fetch_deinit(struct fetch *fetches, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(fetches[i].bytes);
		fetches[i].bytes = NULL;
		fetches[i].size = 0;
	}
}
