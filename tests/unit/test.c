// Runs all registered tests, or those whose file or name contains an argument.
#include "test.h"

#include <stdarg.h>
#include <stdlib.h>

static struct test *tests;
static jmp_buf end_of_test;
enum outcome { PASSED, FAILED, SKIPPED };

void test_register(struct test *test)
{
	test->next = tests;
	tests = test;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	longjmp(end_of_test, FAILED);
}

void test_skip(const char *reason)
{
	printf("  skipped: %s\n", reason);
	longjmp(end_of_test, SKIPPED);
}

const char *test_path(const char *name)
{
	static char path[1024];
	const char *folder = getenv("GOPROF_TESTS");

	snprintf(path, sizeof(path), "%s/%s", folder == NULL ? "tests" : folder, name);
	return path;
}

static bool is_chosen(const struct test *test, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strstr(test->file, argv[i]) != NULL ||
		    strstr(test->name, argv[i]) != NULL)
			return true;
	}
	return argc == 1;
}

static enum outcome run(const struct test *test)
{
	int outcome = setjmp(end_of_test);

	if (outcome == 0)
		test->run();
	if (outcome == FAILED)
		printf("FAIL %s %s\n", test->file, test->name);
	return (enum outcome)outcome;
}

int main(int argc, char **argv)
{
	int counts[3] = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (const struct test *test = tests; test != NULL; test = test->next) {
		if (is_chosen(test, argc, argv))
			counts[run(test)]++;
	}
	printf("unit: %d passed, %d failed, %d skipped\n", counts[PASSED], counts[FAILED],
	       counts[SKIPPED]);
	return counts[FAILED] == 0 && counts[PASSED] > 0 ? 0 : 1;
}
