// Calls that a signal may end early, timed out, refused and answered, between bits of
// work that bring on the timers of profilers. What each returned is printed;
// "interrupted" counts on stderr those that were repeated because of EINTR. The first
// word is how many rounds.
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

enum { SOON_NS = 1000000 };

static int pipe_ends[2], pair[2], epoll, queue, semaphores;
static sem_t semaphore;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER,
		       held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static const struct timespec soon = { 0, SOON_NS };
static long interrupted;

static struct timespec soon_by(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += SOON_NS;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

static long call_poll(void)
{
	struct pollfd fd = { pipe_ends[0], POLLIN, 0 };

	return poll(&fd, 1, 1);
}

static long call_ppoll(void)
{
	struct pollfd fd = { pipe_ends[0], POLLIN, 0 };

	return ppoll(&fd, 1, &soon, NULL);
}

static long call_select(void)
{
	struct timeval timeout = { 0, SOON_NS / 1000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(pipe_ends[0], &set);
	return select(pipe_ends[0] + 1, &set, NULL, NULL, &timeout);
}

static long call_pselect(void)
{
	return pselect(0, NULL, NULL, NULL, &soon, NULL);
}

static long call_epoll_wait(void)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, 1);
}

static long call_nanosleep(void)
{
	return nanosleep(&soon, NULL);
}

// Errors of the functions of threads are their results.
static long as_errno(int error)
{
	errno = error;
	return error == 0 ? 0 : -1;
}

static long call_clock_nanosleep(void)
{
	return as_errno(clock_nanosleep(CLOCK_MONOTONIC, 0, &soon, NULL));
}

static long call_clock_nanosleep_until(void)
{
	struct timespec until = soon_by(CLOCK_MONOTONIC);

	return as_errno(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
}

static long call_usleep(void)
{
	return usleep(SOON_NS / 1000);
}

static long call_sem_timedwait(void)
{
	struct timespec until = soon_by(CLOCK_REALTIME);

	return sem_timedwait(&semaphore, &until);
}

static long call_cond_timedwait(void)
{
	struct timespec until = soon_by(CLOCK_REALTIME);
	int error;

	pthread_mutex_lock(&mutex);
	error = pthread_cond_timedwait(&condition, &mutex, &until);
	pthread_mutex_unlock(&mutex);
	return as_errno(error);
}

static long call_mutex_timedlock(void)
{
	struct timespec until = soon_by(CLOCK_REALTIME);

	return as_errno(pthread_mutex_timedlock(&held, &until));
}

static long call_recv(void)
{
	char byte;

	return recv(pair[0], &byte, 1, 0);
}

static long call_accept(void)
{
	return accept(pair[0], NULL, NULL);
}

static long call_connect(void)
{
	struct sockaddr_in nobody = { .sin_family = AF_INET, .sin_port = htons(1) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), result, errnum;

	nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	result = connect(fd, (struct sockaddr *)&nobody, sizeof(nobody));
	errnum = errno;
	close(fd);
	errno = errnum;
	return result;
}

static long call_semtimedop(void)
{
	struct sembuf take = { 0, -1, 0 };

	return semtimedop(semaphores, &take, 1, &soon);
}

static long call_msgrcv(void)
{
	struct {
		long type;
		char text[8];
	} message;

	return msgrcv(queue, &message, sizeof(message.text), 0, IPC_NOWAIT);
}

static long call_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigtimedwait(&set, NULL, &soon);
}

static long call_read(void)
{
	char bytes[16];

	return read(pair[1], bytes, sizeof(bytes));
}

static long call_waitpid(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(3);
	return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : -1;
}

static long call_flock(void)
{
	return flock(pipe_ends[0], LOCK_EX);
}

static const struct {
	const char *name;
	long (*run)(void);
} calls[] = {
	{ "poll", call_poll },
	{ "ppoll", call_ppoll },
	{ "select", call_select },
	{ "pselect", call_pselect },
	{ "epoll_wait", call_epoll_wait },
	{ "nanosleep", call_nanosleep },
	{ "clock_nanosleep", call_clock_nanosleep },
	{ "clock_nanosleep until", call_clock_nanosleep_until },
	{ "usleep", call_usleep },
	{ "sem_timedwait", call_sem_timedwait },
	{ "pthread_cond_timedwait", call_cond_timedwait },
	{ "pthread_mutex_timedlock", call_mutex_timedlock },
	{ "recv", call_recv },
	{ "read", call_read },
	{ "accept", call_accept },
	{ "connect", call_connect },
	{ "semtimedop", call_semtimedop },
	{ "msgrcv", call_msgrcv },
	{ "sigtimedwait", call_sigtimedwait },
	{ "waitpid", call_waitpid },
	{ "flock", call_flock },
};

static void prepare(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct timeval timeout = { 0, SOON_NS / 1000 };

	if (pipe(pipe_ends) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		exit(3);
	epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, pipe_ends[0], &event);
	for (int i = 0; i < 2; i++)
		setsockopt(pair[i], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	queue = msgget(IPC_PRIVATE, 0600);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	sem_init(&semaphore, 0, 0);
	pthread_mutex_lock(&held);
}

// Of different lengths, so that timers go off at any place of the call that follows.
static void work(int amount)
{
	for (volatile int i = 0; i < amount % 97 * 5000; i++)
		;
}

static int errnum;

static long repeat(long (*run)(void))
{
	long result;

	do {
		errno = 0;
		result = run();
		errnum = errno;
		interrupted += result == -1 && errnum == EINTR;
	} while (result == -1 && errnum == EINTR);
	return result;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 0, step = 0;

	prepare();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (int round = 0; round < rounds; round++) {
			work(step += 41);
			long result = repeat(calls[i].run);

			if (round == 0)
				printf("%s:", calls[i].name);
			printf(" %ld", result);
			if (result == -1)
				printf(" %s", strerror(errnum));
		}
		putchar('\n');
	}
	msgctl(queue, IPC_RMID, NULL);
	semctl(semaphores, 0, IPC_RMID);
	fprintf(stderr, "interrupted %ld\n", interrupted);
	return 7;
}
