// Waits of known length by what C++ has for them, in the words of waits.c: "truth NAME
// COUNT NANOSECONDS", wait_* for the block profile, hold_* for the mutex profile. What
// goes to the kernel by itself may wake up for nothing: its count is a least one.
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>
#include <vector>

#define APART __attribute__((noipa))

using namespace std::chrono_literals;

static constexpr int ROUNDS = 10;
static constexpr auto PAUSE = 30ms;

static int64_t now_ns()
{
	return std::chrono::steady_clock::now().time_since_epoch().count();
}

// A pair of threads: the first one waits for what the second one does after a while.
struct scene {
	const char *wait_name, *hold_name;
	void (*wait)(scene &);
	void (*hold)(scene &);
	std::mutex mutex, other;
	std::timed_mutex timed;
	std::shared_mutex shared;
	std::condition_variable condition;
	std::condition_variable_any any;
	std::counting_semaphore<> semaphore{ 0 };
	std::barrier<> barrier{ 2 };
	std::atomic<int> word{ 0 };
	std::promise<int> promise;
	bool is_there = false;
	std::atomic<int> turn{ 0 };
	std::atomic<int64_t> since_ns{ 0 };
	int64_t waited_ns = 0, held_ns = 0;

	scene(const char *wait_name, void (*wait)(scene &), const char *hold_name,
	      void (*hold)(scene &))
	    : wait_name(wait_name), hold_name(hold_name), wait(wait), hold(hold)
	{
	}

	// By sleeping, which is no wait.
	void expect(int value)
	{
		while (turn != value)
			std::this_thread::sleep_for(200us);
	}

	void begin()
	{
		since_ns = now_ns();
	}

	void end()
	{
		waited_ns += now_ns() - since_ns;
	}

	void let_wait()
	{
		turn = 1;
		std::this_thread::sleep_for(PAUSE);
		held_ns += now_ns() - since_ns;
	}

	void release_later()
	{
		turn = 1;
		std::this_thread::sleep_for(PAUSE);
	}
};

APART static void wait_mutex(scene &s)
{
	s.expect(1);
	s.begin();
	s.mutex.lock();
	s.end();
	s.mutex.unlock();
}

APART static void hold_mutex(scene &s)
{
	std::lock_guard<std::mutex> guard(s.mutex);
	s.let_wait();
}

APART static void wait_timed_mutex(scene &s)
{
	s.expect(1);
	s.begin();
	bool is_mine = s.timed.try_lock_for(5s);
	s.end();
	if (is_mine)
		s.timed.unlock();
}

APART static void hold_timed_mutex(scene &s)
{
	std::lock_guard<std::timed_mutex> guard(s.timed);
	s.let_wait();
}

APART static void wait_shared(scene &s)
{
	s.expect(1);
	s.begin();
	s.shared.lock_shared();
	s.end();
	s.shared.unlock_shared();
}

APART static void hold_exclusive(scene &s)
{
	std::unique_lock<std::shared_mutex> guard(s.shared);
	s.let_wait();
}

APART static void wait_exclusive(scene &s)
{
	s.expect(1);
	s.begin();
	s.shared.lock();
	s.end();
	s.shared.unlock();
}

APART static void hold_shared(scene &s)
{
	std::shared_lock<std::shared_mutex> guard(s.shared);
	s.let_wait();
}

APART static void wait_condition(scene &s)
{
	std::unique_lock<std::mutex> guard(s.other);

	s.turn = 1;
	s.begin();
	s.condition.wait(guard, [&s] { return s.is_there; });
	s.end();
	s.is_there = false;
}

APART static void notify(scene &s)
{
	s.expect(1);
	std::this_thread::sleep_for(PAUSE);
	{
		std::lock_guard<std::mutex> guard(s.other);
		s.is_there = true;
	}
	s.condition.notify_one();
}

APART static void wait_condition_for(scene &s)
{
	std::unique_lock<std::mutex> guard(s.other);

	s.begin();
	s.condition.wait_for(guard, PAUSE, [] { return false; });
	s.end();
}

static void do_nothing(scene &)
{
}

APART static void wait_thread(scene &s)
{
	std::thread thread([] { std::this_thread::sleep_for(PAUSE); });

	s.begin();
	thread.join();
	s.end();
}

APART static void futex_semaphore(scene &s)
{
	s.turn = 1;
	s.begin();
	s.semaphore.acquire();
	s.end();
}

APART static void release(scene &s)
{
	s.expect(1);
	std::this_thread::sleep_for(PAUSE);
	s.semaphore.release();
}

APART static void futex_semaphore_for(scene &s)
{
	s.begin();
	bool is_taken = s.semaphore.try_acquire_for(PAUSE);
	s.end();
	if (is_taken)
		std::puts("taken");
}

APART static void futex_barrier(scene &s)
{
	s.turn = 1;
	s.begin();
	s.barrier.arrive_and_wait();
	s.end();
}

APART static void arrive(scene &s)
{
	s.expect(1);
	std::this_thread::sleep_for(PAUSE);
	s.barrier.arrive_and_wait();
}

APART static void futex_atomic(scene &s)
{
	s.turn = 1;
	s.begin();
	s.word.wait(0);
	s.end();
	s.word = 0;
}

APART static void notify_atomic(scene &s)
{
	s.expect(1);
	std::this_thread::sleep_for(PAUSE);
	s.word = 1;
	s.word.notify_one();
}

APART static void futex_future(scene &s)
{
	std::future<int> future;

	s.promise = std::promise<int>();
	future = s.promise.get_future();
	s.turn = 1;
	s.begin();
	if (future.get() != 7)
		std::puts("not 7");
	s.end();
}

APART static void keep_promise(scene &s)
{
	s.expect(1);
	std::this_thread::sleep_for(PAUSE);
	s.promise.set_value(7);
}

static void run(scene &s)
{
	for (int i = 0; i < ROUNDS; i++) {
		std::thread holder([&s] { s.hold(s); });

		s.wait(s);
		// It has ended by then, so that to join it is no wait.
		std::this_thread::sleep_for(5ms);
		holder.join();
		s.turn = 0;
	}
	std::printf("truth %s %d %ld\n", s.wait_name, ROUNDS, (long)s.waited_ns);
	if (s.held_ns > 0)
		std::printf("truth %s %d %ld\n", s.hold_name, ROUNDS, (long)s.held_ns);
}

#define SCENE(wait, hold)                \
	{                                \
#wait, wait, #hold, hold \
	}

int main()
{
	static scene scenes[] = {
		SCENE(wait_mutex, hold_mutex),
		SCENE(wait_timed_mutex, hold_timed_mutex),
		SCENE(wait_shared, hold_exclusive),
		SCENE(wait_exclusive, hold_shared),
		SCENE(wait_condition, notify),
		SCENE(wait_condition_for, do_nothing),
		SCENE(wait_thread, do_nothing),
		SCENE(futex_semaphore, release),
		SCENE(futex_semaphore_for, do_nothing),
		SCENE(futex_barrier, arrive),
		SCENE(futex_atomic, notify_atomic),
		SCENE(futex_future, keep_promise),
	};
	std::vector<std::thread> threads;

	// What the recorder meets for the first time takes it a while.
	std::counting_semaphore<> warm{ 0 };
	warm.try_acquire_for(1ms);
	for (scene &s : scenes)
		threads.emplace_back([&s] { run(s); });
	for (std::thread &thread : threads)
		thread.join();
}
