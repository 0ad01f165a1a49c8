// The text wordstorm works on: files of this machine, or made up from a seed.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Owns its text, which is lower-case letters, blanks and whatever else the files hold.
struct corpus {
	char *text;
	size_t size;
	size_t files; // 0: made up
};

// Reads what the pattern of glob(7) matches, as much as fits; false where that is
// nothing.
bool corpus_read(struct corpus *out, const char *pattern, size_t limit);

// Makes up `size` bytes of words, a few of them frequent and many of them rare; the same
// seed gives the same text on every machine.
void corpus_generate(struct corpus *out, uint64_t seed, size_t size);

void corpus_deinit(struct corpus *corpus);

enum { CORPUS_WORD_MAX = 4096 };

// Where the word that `at` stands in ends, `at` itself between words and at the start. A
// word of more than CORPUS_WORD_MAX letters is cut.
size_t corpus_boundary(const struct corpus *corpus, size_t at);
