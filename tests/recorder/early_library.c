// Does everything with locks, files and signals in a constructor that runs before
// others'.
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

int early_library_result = -1;

static void *lock_all(void *unused)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	struct timespec past = { 1, 0 };
	sem_t semaphore;
	mtx_t plain;

	early_library_result += pthread_mutex_trylock(&mutex);
	early_library_result += pthread_cond_timedwait(&condition, &mutex, &past) != 110;
	early_library_result += pthread_mutex_unlock(&mutex);
	early_library_result += pthread_rwlock_rdlock(&rwlock);
	early_library_result += pthread_rwlock_unlock(&rwlock);
	early_library_result += pthread_rwlock_wrlock(&rwlock);
	early_library_result += pthread_rwlock_unlock(&rwlock);
	sem_init(&semaphore, 0, 1);
	early_library_result += sem_wait(&semaphore);
	early_library_result += sem_trywait(&semaphore) != -1;
	early_library_result += sem_timedwait(&semaphore, &past) != -1;
	early_library_result += mtx_init(&plain, mtx_timed) != thrd_success;
	early_library_result += mtx_lock(&plain) != thrd_success;
	early_library_result += mtx_unlock(&plain) != thrd_success;
	return unused;
}

static void wait_for_nothing(void)
{
	struct timespec none = { 0, 1 };
	struct timeval no_time = { 0, 1 };
	struct epoll_event event;
	sigset_t set;
	int fd = epoll_create1(0), number;

	early_library_result += poll(NULL, 0, 1);
	early_library_result += ppoll(NULL, 0, &none, NULL);
	early_library_result += select(0, NULL, NULL, NULL, &no_time);
	early_library_result += pselect(0, NULL, NULL, NULL, &none, NULL);
	early_library_result += epoll_wait(fd, &event, 1, 1);
	early_library_result += nanosleep(&none, NULL);
	early_library_result += clock_nanosleep(CLOCK_REALTIME, 0, &none, NULL);
	early_library_result += usleep(1);
	early_library_result += (int)sleep(0);
	early_library_result += syscall(SYS_getpid) != getpid();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	early_library_result += sigwait(&set, &number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	close(fd);
}

static __attribute__((constructor)) void use_all(void)
{
	pthread_t thread;

	early_library_result = 0;
	free(realloc(malloc(10), 1000));
	lock_all(NULL);
	wait_for_nothing();
	early_library_result += pthread_create(&thread, NULL, lock_all, NULL);
	early_library_result += pthread_join(thread, NULL);
}
