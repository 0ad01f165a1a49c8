// Compares words of argv with names of options.
#include "cmd/option_word.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"

bool option_word_value(int argc, char **argv, int *at, const char *name,
		       const char **value)
{
	const char *word = argv[*at];
	size_t length = strlen(name);

	word += word[0] == '-' ? 1 : 0;
	word += word[0] == '-' ? 1 : 0;
	if (word == argv[*at] || strncmp(word, name, length) != 0)
		return false;
	if (word[length] == '=') {
		*value = word + length + 1;
		*at += 1;
		return true;
	}
	if (word[length] != '\0')
		return false;
	*value = *at + 1 < argc ? argv[*at + 1] : NULL;
	*at += *value == NULL ? 1 : 2;
	return true;
}

bool option_word_switch(char **argv, int *at, const char *name, bool *out)
{
	const char *word = argv[*at];

	if (word[0] != '-' || strcmp(word + (word[1] == '-' ? 2 : 1), name) != 0)
		return false;
	*out = true;
	*at += 1;
	return true;
}

bool option_word_seconds(const char *value, double *out, struct error *err)
{
	double seconds = 0;

	if (value != NULL)
		str_to_double(str_from(value), &seconds);
	if (!(seconds > 0) || seconds > 1e7)
		return error_set(err, ERROR_USAGE,
				 "--seconds wants a number greater than 0, not %s: try "
				 "--seconds 10",
				 value == NULL ? "nothing" : value);
	*out = seconds;
	return true;
}
