// Three threads that wait while the first one sleeps for the time of some lines; then the
// stderr becomes the file that the first word names, for as long again.
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS = 3 };

static void *wait_for_ever(void *unused)
{
	pause();
	return unused;
}

int main(int argc, char **argv)
{
	useconds_t time_us = argc > 2 ? (useconds_t)atoi(argv[2]) : 0;
	pthread_t thread;
	int fd;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, wait_for_ever, NULL);
	usleep(time_us);
	// What looks at us has no descriptors in our table.
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (fd != STDERR_FILENO + 1 || dup2(fd, STDERR_FILENO) < 0)
		return 2;
	close(fd);
	usleep(time_us);
	return 0;
}
