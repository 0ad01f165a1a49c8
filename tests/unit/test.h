// The unit test harness: TEST(name) { ... } registers itself; a check that fails prints
// both values and ends that test.
#pragma once

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

struct test {
	const char *file, *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *test);
_Noreturn void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// Ends the running test as skipped, with the reason printed.
_Noreturn void test_skip(const char *reason);

// A path below tests/, for inputs that are files; valid until the next call.
const char *test_path(const char *name);

#define TEST(name)                                                                \
	static void test_##name(void);                                            \
	__attribute__((constructor)) static void test_register_##name(void)       \
	{                                                                         \
		static struct test test = { __FILE__, #name, test_##name, NULL }; \
		test_register(&test);                                             \
	}                                                                         \
	static void test_##name(void)

#define CHECK(condition)                                                          \
	do {                                                                      \
		if (!(condition))                                                 \
			test_fail(__FILE__, __LINE__, "%s is false", #condition); \
	} while (0)

#define CHECK_INT(actual, expected)                                                  \
	do {                                                                         \
		int64_t a_ = (int64_t)(actual), e_ = (int64_t)(expected);            \
		if (a_ != e_)                                                        \
			test_fail(__FILE__, __LINE__,                                \
				  "%s is %" PRId64 " (0x%" PRIx64 "), not %" PRId64, \
				  #actual, a_, a_, e_);                              \
	} while (0)

#define CHECK_STR(actual, expected)                                                    \
	do {                                                                           \
		struct str a_ = (actual), e_ = str_from(expected);                     \
		if (!str_equal(a_, e_))                                                \
			test_fail(__FILE__, __LINE__, "%s is \"%.*s\", not \"%s\"",    \
				  #actual, (int)a_.n, a_.p == NULL ? "" : a_.p, e_.p); \
	} while (0)
