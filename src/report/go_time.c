// Formats times without losing a digit.
#include "report/go_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/writer.h"

enum { BILLION = 1000000000 };

// ".5" of 500000000: what is behind the point, without trailing zeros.
static void print_fraction(struct writer *w, uint64_t part, unsigned digits)
{
	char text[16];
	int n = snprintf(text, sizeof(text), ".%0*" PRIu64, (int)digits, part);

	while (n > 0 && (text[n - 1] == '0' || text[n - 1] == '.'))
		n--;
	writer_bytes(w, text, (size_t)n);
}

void go_time_print(struct writer *w, int64_t time_ns)
{
	int64_t fraction = time_ns % BILLION;
	time_t seconds = (time_t)(time_ns / BILLION);
	struct tm parts;
	char text[64] = "";

	if (fraction < 0) {
		fraction += BILLION;
		seconds--;
	}
	localtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &parts);
	writer_format(w, "Time: %s", text);
	print_fraction(w, (uint64_t)fraction, 9);
	strftime(text, sizeof(text), " %z %Z", &parts);
	writer_format(w, "%s\n", text);
}

// Below a second in the largest unit that leaves a digit before the point.
static void print_short(struct writer *w, uint64_t ns)
{
	if (ns < 1000) {
		writer_format(w, "%" PRIu64 "ns", ns);
	} else if (ns < 1000000) {
		writer_u64(w, ns / 1000);
		print_fraction(w, ns % 1000, 3);
		writer_text(w, "µs");
	} else {
		writer_u64(w, ns / 1000000);
		print_fraction(w, ns % 1000000, 6);
		writer_text(w, "ms");
	}
}

void go_time_print_duration(struct writer *w, int64_t duration_ns)
{
	uint64_t ns = duration_ns < 0 ? 0 - (uint64_t)duration_ns : (uint64_t)duration_ns;
	uint64_t seconds = ns / BILLION;

	writer_text(w, duration_ns < 0 ? "Duration: -" : "Duration: ");
	if (seconds == 0) {
		print_short(w, ns);
		writer_char(w, '\n');
		return;
	}
	if (seconds >= 3600)
		writer_format(w, "%" PRIu64 "h", seconds / 3600);
	if (seconds >= 60)
		writer_format(w, "%" PRIu64 "m", seconds / 60 % 60);
	writer_u64(w, seconds % 60);
	print_fraction(w, ns % BILLION, 9);
	writer_text(w, "s\n");
}
