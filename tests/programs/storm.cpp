// A storm for a recorder inside: 64 threads that fork, load and unload a library, create
// threads and throw exceptions, while the program sends itself real-time signals and
// counts that none is lost. Words: SECONDS LIBRARY. Ends with "all well" and status 0.
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <time.h>
#include <unistd.h>
#include <vector>

// There where libgoprof is.
extern "C" int goprof_write_profile_fd(const char *name, int fd) __attribute__((weak));

static const char *library;
static double deadline;
static std::atomic<long> sent, received, forks, loads, starts, throws, looks;

static double now()
{
	timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return double(t.tv_sec) + double(t.tv_nsec) / 1e9;
}

static void fail(const char *what)
{
	printf("failed: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

__attribute__((noinline)) static int dive(int depth)
{
	std::string word(std::size_t(depth % 50 + 1), 'x');

	if (depth == 0)
		throw std::runtime_error(word);
	return dive(depth - 1) + int(word.size());
}

static void throw_one()
{
	try {
		dive(20);
		fail("nothing was thrown");
	} catch (const std::exception &e) {
		if (std::strcmp(e.what(), "x") != 0)
			fail("something else was thrown");
	}
	throws++;
}

static void fork_one()
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		throw_one();
		_exit(9);
	}
	if (pid < 0)
		fail("fork");
	while (waitpid(pid, &status, 0) != pid) {
		if (errno != EINTR)
			fail("waitpid");
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 9) {
		printf("status %x\n", status);
		fail("the child");
	}
	forks++;
}

static void load_one()
{
	void *handle = dlopen(library, RTLD_NOW);
	int (*work)(int);

	if (handle == nullptr)
		fail(dlerror());
	work = reinterpret_cast<int (*)(int)>(dlsym(handle, "life_library_work"));
	if (work == nullptr || work(500) != 500)
		fail("the library");
	dlclose(handle);
	loads++;
}

static void start_one()
{
	std::thread thread(throw_one);

	thread.join();
	starts++;
}

static void look_once()
{
	static const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (goprof_write_profile_fd != nullptr &&
	    goprof_write_profile_fd("threads", fd) != 0)
		fail("goprof_write_profile_fd");
	looks++;
	usleep(50000);
}

static void on_signal(int)
{
	received++;
}

// A few at once: the kernel keeps a limited number of them.
static void send_one()
{
	if (sent - received > 50) {
		sched_yield();
		return;
	}
	if (sigqueue(getpid(), SIGRTMIN + 3, sigval()) == 0)
		sent++;
	else if (errno != EAGAIN)
		fail("sigqueue");
	usleep(200);
}

static void repeat(void (*once)())
{
	while (now() < deadline)
		once();
}

int main(int argc, char **argv)
{
	static const struct {
		void (*once)();
		int threads;
	} parts[] = { { fork_one, 6 },   { load_one, 16 }, { start_one, 16 },
		      { throw_one, 24 }, { look_once, 1 }, { send_one, 1 } };
	struct sigaction action = {};
	std::vector<std::thread> threads;

	if (argc < 3)
		return 2;
	deadline = now() + atof(argv[1]);
	library = argv[2];
	action.sa_handler = on_signal;
	action.sa_flags = SA_RESTART;
	sigaction(SIGRTMIN + 3, &action, nullptr);
	for (const auto &part : parts) {
		for (int i = 0; i < part.threads; i++)
			threads.emplace_back(repeat, part.once);
	}
	for (auto &thread : threads)
		thread.join();
	for (int i = 0; i < 1000 && received != sent; i++)
		usleep(10000);
	printf("%ld forks, %ld loads, %ld starts, %ld throws, %ld looks, %ld signals\n",
	       forks.load(), loads.load(), starts.load(), throws.load(), looks.load(),
	       sent.load());
	if (received != sent) {
		printf("%ld signals of %ld\n", received.load(), sent.load());
		return 1;
	}
	if (forks == 0 || loads == 0 || starts == 0 || throws == 0 || sent == 0)
		return 1;
	puts("all well");
	return 0;
}
