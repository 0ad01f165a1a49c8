// Prints what `addr2line -if -a` prints, from goprof's symbol index, for
// bench/symbolize.sh.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/writer.h"
#include "binary/elf.h"
#include "binary/symbol_index.h"

enum { FRAMES_MAX = 256 };

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t *read_addresses(size_t *count)
{
	uint64_t *addresses = NULL;
	size_t capacity = 0;
	char line[64];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		addresses = table_reserve(addresses, &capacity, *count + 1,
					  sizeof(*addresses));
		addresses[(*count)++] = strtoull(line, NULL, 16);
	}
	return addresses;
}

static void print(const struct symbol_index *index, uint64_t address, struct writer *w)
{
	struct symbol_index_frame frames[FRAMES_MAX];
	size_t count = symbol_index_frames(index, address, frames, FRAMES_MAX);

	writer_format(w, "0x%016" PRIx64 "\n", address);
	if (count == 0)
		writer_text(w, "??\n??:0\n");
	for (size_t i = 0; i < count; i++) {
		writer_str(w, frames[i].name.n > 0 ? frames[i].name : STR("??"));
		writer_char(w, '\n');
		writer_str(w, frames[i].file.n > 0 ? frames[i].file : STR("??"));
		writer_char(w, ':');
		if (frames[i].line > 0)
			writer_u64(w, frames[i].line);
		else
			writer_char(w, '?');
		writer_char(w, '\n');
	}
}

// symbolize FILE [-a ALT] [-c CACHE] [-j THREADS] < addresses
int main(int argc, char **argv)
{
	struct symbol_index_options options = { 0 };
	struct writer w = writer_to_fd(1);
	struct error err;
	size_t count = 0;

	if (argc < 2 || !elf_open(argv[1], &options.elf, &err)) {
		fprintf(stderr, "symbolize: %s\n", argc < 2 ? "no file given" : err.text);
		return 2;
	}
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "-c") == 0)
			options.cache_path = argv[i + 1];
		else if (strcmp(argv[i], "-j") == 0)
			options.threads = (unsigned)atoi(argv[i + 1]);
		else if (strcmp(argv[i], "-a") != 0 ||
			 !elf_open(argv[i + 1], &options.alt, &err))
			return 2;
	}
	options.build_id = options.elf->build_id;
	uint64_t *addresses = read_addresses(&count);
	uint64_t *sorted = table_reserve(NULL, &(size_t){ 0 }, count, sizeof(*sorted));
	struct symbol_index *index = symbol_index_open(&options);

	if (index == NULL) {
		fprintf(stderr, "symbolize: %s has no DWARF\n", argv[1]);
		return 1;
	}
	memcpy(sorted, addresses, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	symbol_index_prepare(index, sorted, count);
	for (size_t i = 0; i < count; i++)
		print(index, addresses[i], &w);
	symbol_index_close(index);
	elf_close(options.elf);
	if (options.alt != NULL)
		elf_close(options.alt);
	return writer_finish(&w, &err) ? 0 : 1;
}
