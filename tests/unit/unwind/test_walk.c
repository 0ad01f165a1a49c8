// Walks at every instruction of real code, compared with the stack as it truly is.
#include <regex.h>
#include <stdlib.h>
#include <time.h>

#include "stepper.h"
#include "test.h"

static void report(const char *what, const struct stepper_result *r)
{
	printf("  %-22s %7zu walks: %.3f%% right, %zu truncated, %zu wrong\n", what,
	       r->walks, 100.0 * (double)r->right / (double)r->walks, r->truncated,
	       r->wrong);
}

static void check_command(const char **argv, size_t every, size_t steps)
{
	struct stepper_options options = { .argv = argv,
					   .every = every,
					   .steps = steps,
					   .is_verbose = getenv("STEPPER") != NULL };
	struct stepper_result r = stepper_run(&options);

	report(argv[0], &r);
	CHECK(r.walks > 0);
	CHECK(r.right * 1000 >= r.walks * 995);
}

static void check_function(const char *name, void (*run)(void))
{
	struct stepper_options options = { .run = run,
					   .is_verbose = getenv("STEPPER") != NULL };
	struct stepper_result r = stepper_run(&options);

	report(name, &r);
	CHECK(r.walks > 100);
	CHECK(r.right * 1000 >= r.walks * 999);
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void sort_and_print(void)
{
	int numbers[32];
	char text[128];
	regex_t regex;

	for (int i = 0; i < 32; i++)
		numbers[i] = i * 7919 % 101;
	qsort(numbers, 32, sizeof(numbers[0]), compare);
	snprintf(text, sizeof(text), "%d %s %.3f", numbers[3], "text", 3.25);
	if (regcomp(&regex, "a[bc]*d+", REG_EXTENDED) == 0)
		regfree(&regex);
}

static void ask_time(void)
{
	struct timespec now;

	for (int i = 0; i < 20; i++)
		clock_gettime(CLOCK_MONOTONIC, &now);
}

TEST(walk_libc)
{
	check_function("libc", sort_and_print);
}

TEST(walk_vdso)
{
	check_function("vdso", ask_time);
}

TEST(walk_true)
{
	const char *argv[] = { "/bin/true", NULL };

	check_command(argv, 7, 0);
}
