// Reads and rewrites the queries of URLs as Go's net/url does, which pprof is made with.
#include "source/url_query.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/percent.h"
#include "base/writer.h"

struct pair {
	struct str key, value; // unescaped
	size_t order;
};

struct pairs {
	struct pair *items;
	size_t count, capacity;
};

bool url_unescape(struct arena *arena, struct str s, struct str *out)
{
	char *bytes = arena_alloc(arena, s.n + 1);
	size_t size = 0;

	for (size_t i = 0; i < s.n; i++) {
		int byte = (unsigned char)s.p[i];

		if (byte == '%') {
			byte = percent_byte(s.p + i, s.n - i);
			i += PERCENT_SIZE - 1;
		}
		if (byte < 0)
			return false;
		bytes[size++] = (char)byte;
	}
	*out = (struct str){ bytes, size };
	return true;
}

// In a query a blank may be written as '+'.
static bool unescape_word(struct arena *arena, struct str s, struct str *out)
{
	struct str spaced = str_copy(arena, s);
	char *bytes = (char *)spaced.p;

	for (size_t i = 0; i < spaced.n; i++)
		bytes[i] = bytes[i] == '+' ? ' ' : bytes[i];
	return url_unescape(arena, spaced, out);
}

static void escape_word(struct writer *w, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
				(c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
				c == '.' || c == '~';

		if (is_plain)
			writer_char(w, (char)c);
		else if (c == ' ')
			writer_char(w, '+');
		else
			writer_format(w, "%%%02X", c);
	}
}

static int compare_pairs(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	int by_key = str_compare(a->key, b->key);

	if (by_key != 0)
		return by_key;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void add_pair(struct pairs *pairs, struct str key, struct str value)
{
	pairs->items = table_reserve(pairs->items, &pairs->capacity, pairs->count + 1,
				     sizeof(struct pair));
	pairs->items[pairs->count] = (struct pair){ key, value, pairs->count };
	pairs->count++;
}

static struct pairs read_pairs(struct arena *arena, struct str query)
{
	struct pairs pairs = { 0 };
	struct str piece;

	while (str_cut(&query, '&', &piece)) {
		ptrdiff_t equals = str_find_char(piece, '=');
		struct str key = piece, value = STR("");

		if (piece.n == 0 || str_find_char(piece, ';') != STR_NOT_FOUND)
			continue;
		if (equals != STR_NOT_FOUND) {
			key = str_slice(piece, 0, (size_t)equals);
			value = str_after(piece, (size_t)equals + 1);
		}
		if (unescape_word(arena, key, &key) &&
		    unescape_word(arena, value, &value))
			add_pair(&pairs, key, value);
	}
	return pairs;
}

static void drop_key(struct pairs *pairs, struct str key)
{
	size_t kept = 0;

	for (size_t i = 0; i < pairs->count; i++) {
		if (!str_equal(pairs->items[i].key, key))
			pairs->items[kept++] = pairs->items[i];
	}
	pairs->count = kept;
}

struct str url_query_rewrite(struct arena *arena, struct str query, int64_t seconds)
{
	struct pairs pairs = read_pairs(arena, query);
	struct writer w = writer_to_memory();
	struct str result;

	if (seconds > 0) {
		drop_key(&pairs, STR("seconds"));
		add_pair(&pairs, STR("seconds"),
			 str_format(arena, "%lld", (long long)seconds));
	}
	if (pairs.count > 0)
		qsort(pairs.items, pairs.count, sizeof(struct pair), compare_pairs);
	for (size_t i = 0; i < pairs.count; i++) {
		if (i > 0)
			writer_char(&w, '&');
		escape_word(&w, pairs.items[i].key);
		writer_char(&w, '=');
		escape_word(&w, pairs.items[i].value);
	}
	result = str_copy(arena, writer_contents(&w));
	writer_deinit(&w);
	free(pairs.items);
	return result;
}

int64_t url_query_seconds(struct arena *arena, struct str query)
{
	struct pairs pairs = read_pairs(arena, query);
	int64_t seconds = 0;

	for (size_t i = 0; i < pairs.count; i++) {
		if (!str_equal(pairs.items[i].key, STR("seconds")))
			continue;
		if (!str_to_i64(pairs.items[i].value, 10, &seconds) || seconds < 0 ||
		    seconds > INT32_MAX)
			seconds = 0;
		break;
	}
	free(pairs.items);
	return seconds;
}
