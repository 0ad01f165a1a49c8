// children [SECONDS]: a process that works, a child that it forks, and another that
// becomes this program anew. Each prints its own total.
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "truth.h"

APART uint64_t parent_work(uint64_t x, uint64_t n)
{
	return truth_work(x + 1, n);
}

APART uint64_t forked_work(uint64_t x, uint64_t n)
{
	return truth_work(x + 2, n);
}

APART uint64_t before_exec(uint64_t x, uint64_t n)
{
	return truth_work(x + 3, n);
}

APART uint64_t after_exec(uint64_t x, uint64_t n)
{
	return truth_work(x + 4, n);
}

APART uint64_t work_for(const char *name, int64_t budget,
			uint64_t (*work)(uint64_t x, uint64_t n))
{
	int64_t taken = 0, at = truth_now();
	uint64_t x = 1;

	while (taken < budget) {
		x = work(x, truth_round(x));
		at = truth_lap(&taken, at);
	}
	truth_print(name, taken);
	return x;
}

static void become_anew(char *seconds, int64_t budget)
{
	char *words[] = { "children", seconds, "anew", NULL };

	work_for("before_exec", budget, before_exec);
	fflush(stdout);
	execv("/proc/self/exe", words);
	_exit(127);
}

int main(int argc, char **argv)
{
	int64_t budget = truth_budget(argc, argv) / 4;

	if (argc > 2)
		return truth_finish(work_for("after_exec", budget, after_exec));
	if (fork() == 0)
		return truth_finish(work_for("forked_work", budget, forked_work));
	if (fork() == 0)
		become_anew(argc > 1 ? argv[1] : "1", budget);
	uint64_t x = work_for("parent_work", budget, parent_work);
	while (wait(NULL) > 0)
		;
	return truth_finish(x);
}
