// Work in child processes: results, failures, what nobody waits for, what takes too long.
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/writer.h"
#include "test.h"
#include "web/jobs.h"

static bool repeat_key(void *context, struct str key, struct writer *w, struct error *err)
{
	(void)context;
	(void)err;
	writer_str(w, key);
	return true;
}

static bool fail(void *context, struct str key, struct writer *w, struct error *err)
{
	(void)context;
	writer_str(w, key);
	return error_set(err, ERROR_USAGE, "it is not to be");
}

static bool crash(void *context, struct str key, struct writer *w, struct error *err)
{
	(void)context;
	(void)key;
	(void)w;
	(void)err;
	_exit(9);
}

static bool sleep_long(void *context, struct str key, struct writer *w, struct error *err)
{
	(void)context;
	(void)key;
	(void)w;
	(void)err;
	sleep(100);
	return true;
}

static void finish(struct jobs *jobs, const struct job *job)
{
	struct pollfd polls[JOBS_MAX];

	while (!job_is_ended(job)) {
		size_t count = jobs_prepare(jobs, polls);

		poll(polls, count, 100);
		jobs_collect(jobs);
	}
}

static struct job *add(struct jobs *jobs, const char *key,
		       bool (*run)(void *, struct str, struct writer *, struct error *))
{
	return jobs_add(jobs, str_from(key), &(struct job_work){ .run = run });
}

TEST(jobs_keep_results_under_their_key)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));
	struct job *job = add(jobs, "one", repeat_key);

	finish(jobs, job);
	CHECK_INT(job->state, JOB_DONE);
	CHECK_STR(job->result, "one");
	jobs_release(job);
	CHECK(jobs_find(jobs, STR("one")) == job);
	CHECK(jobs_find(jobs, STR("two")) == NULL);
	jobs_deinit(jobs);
	free(jobs);
}

TEST(jobs_tell_failures)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));
	struct job *failed = add(jobs, "key", fail), *crashed = add(jobs, "crash", crash);

	finish(jobs, failed);
	finish(jobs, crashed);
	CHECK_INT(failed->state, JOB_FAILED);
	CHECK_STR(failed->result, "it is not to be");
	CHECK_INT(crashed->state, JOB_FAILED);
	CHECK_INT(crashed->result.n, 0);
	jobs_deinit(jobs);
	free(jobs);
}

TEST(jobs_end_what_nobody_waits_for)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));
	struct pollfd polls[JOBS_MAX];
	struct job *job = add(jobs, "long", sleep_long);

	CHECK_INT(jobs_prepare(jobs, polls), 1);
	CHECK_INT(job->state, JOB_RUNNING);
	jobs_release(job);
	CHECK_INT(job->state, JOB_FREE);
	jobs_deinit(jobs);
	free(jobs);
}

TEST(jobs_run_few_at_once_and_queue_the_rest)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));
	struct pollfd polls[JOBS_MAX];
	char key[16];

	for (int i = 0; i < JOBS_MAX; i++) {
		snprintf(key, sizeof(key), "%d", i);
		CHECK(add(jobs, key, sleep_long) != NULL);
	}
	CHECK(add(jobs, "one more", sleep_long) == NULL);
	CHECK_INT(jobs_prepare(jobs, polls), JOBS_RUNNING_MAX);
	jobs_deinit(jobs);
	free(jobs);
}

TEST(jobs_end_what_takes_too_long)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));
	struct job *job =
		jobs_add(jobs, STR("slow"),
			 &(struct job_work){ .run = sleep_long, .seconds_max = 1 });

	finish(jobs, job);
	CHECK_INT(job->state, JOB_FAILED);
	jobs_deinit(jobs);
	free(jobs);
}
