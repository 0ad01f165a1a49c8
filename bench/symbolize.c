// Prints what `addr2line -if -a` prints, from goprof's symbol index, for
// bench/symbolize.sh.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/pieces.h"
#include "base/writer.h"
#include "binary/elf.h"
#include "binary/radix.h"
#include "binary/symbol_index.h"

enum { FRAMES_MAX = 256, PIECE_ROWS = 2000 };

// What was asked for, in the order of the input.
struct questions {
	uint64_t *addresses;
	size_t count, capacity;
};

static bool read_questions(struct questions *out, struct error *err)
{
	struct file_view view;
	struct str text, line;
	uint64_t address;

	if (!file_view_from_fd(0, "standard input", &view, err))
		return false;
	text = (struct str){ (const char *)view.bytes, view.size };
	while (str_cut(&text, '\n', &line)) {
		if (!str_to_u64(str_trim(line), 16, &address))
			continue;
		out->addresses = table_reserve(out->addresses, &out->capacity,
					       out->count + 1, sizeof(uint64_t));
		out->addresses[out->count++] = address;
	}
	file_view_close(&view);
	return true;
}

// Finds all in ascending order; the places are in that of the questions.
static struct symbol_index_place *find_all(struct symbol_index *index,
					   const struct questions *questions)
{
	size_t count = questions->count;
	struct symbol_index_place *places = table_zeroed(count + 1, sizeof(*places));
	CLEANUP_FREE struct radix_item *items = table_zeroed(count + 1, sizeof(*items));
	CLEANUP_FREE struct radix_item *spare = table_zeroed(count + 1, sizeof(*spare));
	CLEANUP_FREE uint64_t *sorted = table_zeroed(count + 1, sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		items[i] = (struct radix_item){ questions->addresses[i], (uint32_t)i };
	radix_sort(items, spare, count);
	for (size_t i = 0; i < count; i++)
		sorted[i] = items[i].key;
	symbol_index_prepare(index, sorted, count);
	for (size_t i = 0; i < count; i++)
		places[items[i].value] = symbol_index_find(index, sorted[i]);
	return places;
}

static void print_address(struct writer *w, uint64_t address)
{
	static const char digits[] = "0123456789abcdef";
	char text[19] = "0x";

	for (size_t i = 0; i < 16; i++)
		text[2 + i] = digits[address >> (60 - 4 * i) & 15];
	text[18] = '\n';
	writer_bytes(w, text, sizeof(text));
}

static void print(struct writer *w, const struct symbol_index_frame *frames, size_t count)
{
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

struct answers {
	const struct questions *questions;
	const struct symbol_index_place *places;
	const struct symbol_index *index;
};

static void print_some(const void *context, size_t from, size_t to, struct writer *w)
{
	const struct answers *answers = context;
	struct symbol_index_frame frames[FRAMES_MAX];

	for (size_t i = from; i < to; i++) {
		print_address(w, answers->questions->addresses[i]);
		print(w, frames,
		      symbol_index_frames(answers->index, answers->places[i], frames,
					  FRAMES_MAX));
	}
}

static void print_all(const struct answers *answers, unsigned threads, struct writer *w)
{
	size_t count = answers->questions->count;
	struct pieces pieces = { count, PIECE_ROWS, print_some, answers };

	if (threads == 1)
		print_some(answers, 0, count, w);
	else
		pieces_write(&pieces, w);
}

static bool parse(int argc, char **argv, struct symbol_index_options *options,
		  struct error *err)
{
	if (argc < 2)
		return error_set(err, ERROR_USAGE,
				 "symbolize FILE [-a ALT] [-c CACHE] [-j THREADS]");
	if (!elf_open(argv[1], &options->elf, err))
		return false;
	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "-c") == 0)
			options->cache_path = argv[i + 1];
		else if (strcmp(argv[i], "-j") == 0)
			options->threads = (unsigned)atoi(argv[i + 1]);
		else if (strcmp(argv[i], "-a") != 0)
			return error_set(err, ERROR_USAGE, "symbolize: %s?", argv[i]);
		else if (!elf_open(argv[i + 1], &options->alt, err))
			return false;
	}
	options->build_id = options->elf->build_id;
	return true;
}

// symbolize FILE [-a ALT] [-c CACHE] [-j THREADS] < addresses
int main(int argc, char **argv)
{
	struct symbol_index_options options = { 0 };
	struct questions questions = { 0 };
	struct answers answers = { &questions, NULL, NULL };
	struct writer w = writer_to_fd(1);
	struct symbol_index *index;
	struct error err;

	if (!parse(argc, argv, &options, &err) || !read_questions(&questions, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	index = symbol_index_open(&options);
	if (index == NULL) {
		fprintf(stderr, "symbolize: %s has no DWARF\n", argv[1]);
		return 1;
	}
	answers.places = find_all(index, &questions);
	answers.index = index;
	print_all(&answers, options.threads, &w);
	symbol_index_close(index);
	return writer_finish(&w, &err) ? 0 : 1;
}
