// Reads or makes up the text that wordstorm works on.
#include "corpus.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void corpus_allocate(struct corpus *corpus, size_t capacity)
{
	*corpus = (struct corpus){ .text = malloc(capacity) };
	if (corpus->text == NULL) {
		fprintf(stderr, "wordstorm: no memory for %zu bytes of text\n", capacity);
		exit(1);
	}
}

static void append_file(struct corpus *corpus, const char *path, size_t limit)
{
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return;
	size_t room = limit - corpus->size;
	size_t got = fread(corpus->text + corpus->size, 1, room, file);
	corpus->size += got;
	corpus->files += got > 0;
	fclose(file);
}

bool corpus_read(struct corpus *out, const char *pattern, size_t limit)
{
	glob_t found;

	if (glob(pattern, GLOB_BRACE, NULL, &found) != 0)
		return false;
	corpus_allocate(out, limit);
	for (size_t i = 0; i < found.gl_pathc; i++)
		append_file(out, found.gl_pathv[i], limit);
	globfree(&found);
	for (size_t i = 0; i < out->size; i++)
		out->text[i] = (char)tolower((unsigned char)out->text[i]);
	if (out->size > 0)
		return true;
	corpus_deinit(out);
	return false;
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

// Words are numbers spelt in syllables, so that a word looks the same each time it comes.
static size_t spell_number(char *out, uint64_t number)
{
	static const char syllables[16][3] = {
		"ba", "ce", "di", "fo", "gu", "ha", "je", "ki",
		"lo", "mu", "na", "pe", "ri", "so", "tu", "ve",
	};
	size_t length = 0;

	do {
		memcpy(out + length, syllables[number % 16], 2);
		length += 2;
		number /= 16;
	} while (number > 0);
	return length;
}

void corpus_generate(struct corpus *out, uint64_t seed, size_t size)
{
	corpus_allocate(out, size);
	while (out->size + 40 < size) {
		// A product of two uniform numbers favours small ones, as language does.
		uint64_t a = next_random(&seed) % 256, b = next_random(&seed) % 256;

		out->size += spell_number(out->text + out->size, a * b * a / 256);
		out->text[out->size++] = next_random(&seed) % 12 == 0 ? '\n' : ' ';
	}
}

void corpus_deinit(struct corpus *corpus)
{
	free(corpus->text);
	*corpus = (struct corpus){ 0 };
}

size_t corpus_boundary(const struct corpus *corpus, size_t at)
{
	if (at == 0 || at >= corpus->size)
		return at == 0 ? 0 : corpus->size;
	size_t limit =
		corpus->size - at < CORPUS_WORD_MAX ? corpus->size : at + CORPUS_WORD_MAX;
	while (at < limit && isalpha((unsigned char)corpus->text[at]))
		at++;
	return at;
}
