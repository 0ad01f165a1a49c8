// Writes a Go heap dump of N objects for bench/heapdump.py: lists, trees, shared leaves
// and pointers back, two pointers an object on average.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "base/writer.h"
#include "heapdump/go_dump.h"

enum { OBJECT_SIZE = 64, WORDS = OBJECT_SIZE / 8, RECORDS_LIST = 50 };

#define FIRST_ADDRESS 0xc000000000u

static void put_number(struct writer *w, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		writer_char(w, (char)(value | 0x80));
	writer_char(w, (char)value);
}

static void put_text(struct writer *w, const char *text)
{
	put_number(w, strlen(text));
	writer_text(w, text);
}

static void put_memory(struct writer *w, const uint64_t *pointers, unsigned count,
		       unsigned words)
{
	static const uint64_t nothing;

	put_number(w, words * (uint64_t)8);
	writer_bytes(w, pointers, count * sizeof(*pointers));
	for (unsigned i = count; i < words; i++)
		writer_bytes(w, &nothing, sizeof(nothing));
	for (unsigned i = 0; i < count; i++) {
		put_number(w, 1);
		put_number(w, i * (uint64_t)8);
	}
	put_number(w, 0);
}

static uint64_t address_of(uint64_t object)
{
	return FIRST_ADDRESS + object * OBJECT_SIZE;
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 20;
}

// Of ten objects two are leaves and one has six pointers to anywhere; the others are
// nodes of a binary tree, of a list, or both.
static unsigned pointers_of(uint64_t object, uint64_t count, uint64_t *state,
			    uint64_t *out)
{
	unsigned n = 0;

	if (object % 10 == 9 || object % 10 == 7)
		return 0;
	if (object % 10 == 5) {
		while (n < 6)
			out[n++] = address_of(next_random(state) % count);
		return n;
	}
	if (object + 1 < count && object % RECORDS_LIST != RECORDS_LIST - 1)
		out[n++] = address_of(object + 1);
	if (2 * object + 2 < count)
		out[n++] = address_of(2 * object + 2);
	return n;
}

static void write_dump(struct writer *w, uint64_t count)
{
	static const uint64_t params[] = { 6, 0, 8, 0, 0 };
	uint64_t state = 1, pointers[WORDS], first = address_of(0);

	writer_text(w, GO_DUMP_MAGIC);
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		put_number(w, params[i]);
	put_text(w, "amd64");
	put_text(w, "go1.21.0");
	put_number(w, 2);
	for (uint64_t i = 0; i < count; i++) {
		unsigned n = pointers_of(i, count, &state, pointers);

		put_number(w, 1);
		put_number(w, address_of(i));
		put_memory(w, pointers, n, WORDS);
	}
	put_number(w, 13);
	put_number(w, 0x500000);
	put_memory(w, &first, 1, 1);
	put_number(w, 0);
}

int main(int argc, char **argv)
{
	uint64_t count;
	struct file_output out;
	struct writer w;
	struct error err;
	bool is_written;

	if (argc != 3 || !str_to_u64(str_from(argv[2]), 10, &count) || count == 0) {
		fputs("usage: heapdump OUT COUNT\n", stderr);
		return 2;
	}
	if (!file_output_open(&out, argv[1], &err)) {
		log_warn("%s", err.text);
		return 1;
	}
	w = writer_to_fd(out.fd);
	write_dump(&w, count);
	is_written = writer_finish(&w, &err) && file_output_commit(&out, &err);
	writer_deinit(&w);
	if (!is_written)
		log_warn("%s", err.text);
	return is_written ? 0 : 1;
}
