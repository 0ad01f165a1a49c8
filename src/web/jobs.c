// fork, a memory file for the result, a descriptor that tells the end.
#include "web/jobs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/writer.h"

enum { AWAIT_STEP_MS = 500 };

struct job *jobs_find(struct jobs *jobs, struct str key)
{
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *job = &jobs->jobs[i];

		if (job->state == JOB_FREE || !str_equal(str_from(job->key), key))
			continue;
		job->last_use = ++jobs->uses;
		return job;
	}
	return NULL;
}

bool job_is_ended(const struct job *job)
{
	return job->state == JOB_DONE || job->state == JOB_FAILED;
}

static void stop(struct job *job)
{
	if (job->state != JOB_RUNNING)
		return;
	kill(job->pid, SIGKILL);
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(job->pid_fd);
	close(job->result_fd);
}

void jobs_drop(struct job *job)
{
	stop(job);
	if (job->result.n > 0)
		munmap((void *)job->result.p, job->result.n);
	free(job->key);
	*job = (struct job){ .state = JOB_FREE };
}

void jobs_deinit(struct jobs *jobs)
{
	for (size_t i = 0; i < JOBS_MAX; i++) {
		if (jobs->jobs[i].state != JOB_FREE)
			jobs_drop(&jobs->jobs[i]);
	}
}

// A free place, or that of the result that was asked for longest ago.
static struct job *place_for_job(struct jobs *jobs)
{
	struct job *oldest = NULL;

	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *job = &jobs->jobs[i];

		if (job->state == JOB_FREE)
			return job;
		if (job_is_ended(job) && job->users == 0 &&
		    (oldest == NULL || job->last_use < oldest->last_use))
			oldest = job;
	}
	if (oldest != NULL)
		jobs_drop(oldest);
	return oldest;
}

struct job *jobs_add(struct jobs *jobs, struct str key, const struct job_work *work)
{
	struct job *job = place_for_job(jobs);

	if (job == NULL)
		return NULL;
	*job = (struct job){
		.state = JOB_QUEUED,
		.work = *work,
		.key = strndup(key.p, key.n),
		.users = 1,
		.last_use = ++jobs->uses,
	};
	if (job->key == NULL)
		arena_out_of_memory(key.n);
	return job;
}

// The clients' sockets must not stay open in here: their end would not be seen.
static void keep_only(int fd)
{
	if (fd > 3)
		close_range(3, (unsigned)fd - 1, 0);
	close_range((unsigned)fd + 1, ~0u, 0);
}

static _Noreturn void run_in_child(const struct job *job)
{
	int fd = job->result_fd;
	struct writer w = writer_to_fd(fd);
	struct error err = { 0 };
	bool is_done;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	keep_only(fd);
	is_done = job->work.run(job->work.context, str_from(job->key), &w, &err) &&
		  writer_finish(&w, &err);
	if (!is_done && (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
			 write(fd, err.text, strlen(err.text)) < 0))
		_exit(2);
	_exit(is_done ? 0 : 1);
}

static void fail(struct job *job)
{
	job->state = JOB_FAILED;
	job->result = (struct str){ NULL, 0 };
}

static void start(struct job *job)
{
	unsigned seconds =
		job->work.seconds_max == 0 ? JOB_SECONDS_MAX : job->work.seconds_max;

	job->result_fd = memfd_create("report", MFD_CLOEXEC);
	if (job->result_fd < 0) {
		fail(job);
		return;
	}
	job->pid = fork();
	if (job->pid == 0)
		run_in_child(job);
	job->pid_fd = job->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, job->pid, 0);
	job->end_ms = clock_now_ms() + (int64_t)seconds * 1000;
	job->state = JOB_RUNNING;
	if (job->pid_fd >= 0)
		return;
	if (job->pid > 0)
		stop(job);
	fail(job);
}

size_t jobs_prepare(struct jobs *jobs, struct pollfd *polls)
{
	size_t running = 0, count = 0;

	for (size_t i = 0; i < JOBS_MAX; i++)
		running += jobs->jobs[i].state == JOB_RUNNING &&
			   !jobs->jobs[i].work.is_out_of_line;
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct job *job = &jobs->jobs[i];

		if (job->state == JOB_QUEUED &&
		    (job->work.is_out_of_line || running < JOBS_RUNNING_MAX)) {
			running += !job->work.is_out_of_line;
			start(job);
		}
		if (job->state == JOB_RUNNING)
			polls[count++] =
				(struct pollfd){ .fd = job->pid_fd, .events = POLLIN };
	}
	return count;
}

static struct str map_result(int fd)
{
	struct stat status;
	void *bytes;

	if (fstat(fd, &status) != 0 || status.st_size == 0)
		return (struct str){ NULL, 0 };
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return (struct str){ NULL, 0 };
	return (struct str){ bytes, (size_t)status.st_size };
}

static void reap(struct job *job)
{
	int status;

	if (clock_now_ms() > job->end_ms)
		kill(job->pid, SIGKILL);
	if (waitpid(job->pid, &status, WNOHANG) != job->pid)
		return;
	job->state = JOB_FAILED;
	if (WIFEXITED(status)) // half a result is none
		job->result = map_result(job->result_fd);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		job->state = JOB_DONE;
	close(job->pid_fd);
	close(job->result_fd);
}

void jobs_collect(struct jobs *jobs)
{
	for (size_t i = 0; i < JOBS_MAX; i++) {
		if (jobs->jobs[i].state == JOB_RUNNING)
			reap(&jobs->jobs[i]);
	}
}

void jobs_await(struct jobs *jobs, const struct job *job)
{
	while (job->state == JOB_RUNNING) {
		struct pollfd end = { .fd = job->pid_fd, .events = POLLIN };

		poll(&end, 1, AWAIT_STEP_MS);
		jobs_collect(jobs);
	}
}

void jobs_release(struct job *job)
{
	job->users--;
	if (job->users == 0 && !job_is_ended(job))
		jobs_drop(job);
}
