// Undoes Go's quoting of keys and values.
#include "profile/go_labels.h"

#include "base/scan.h"
#include "base/writer.h"

static void put_utf8(struct writer *w, uint64_t rune)
{
	if (rune < 0x80) {
		writer_char(w, (char)rune);
	} else if (rune < 0x800) {
		writer_char(w, (char)(0xc0 | rune >> 6));
		writer_char(w, (char)(0x80 | (rune & 0x3f)));
	} else if (rune < 0x10000) {
		writer_char(w, (char)(0xe0 | rune >> 12));
		writer_char(w, (char)(0x80 | (rune >> 6 & 0x3f)));
		writer_char(w, (char)(0x80 | (rune & 0x3f)));
	} else {
		writer_char(w, (char)(0xf0 | (rune >> 18 & 7)));
		writer_char(w, (char)(0x80 | (rune >> 12 & 0x3f)));
		writer_char(w, (char)(0x80 | (rune >> 6 & 0x3f)));
		writer_char(w, (char)(0x80 | (rune & 0x3f)));
	}
}

// The character behind a backslash, one of those that strconv.Quote writes.
static bool unescape(struct scan *scan, struct writer *w)
{
	static const char letters[] = "abfnrtv\\\"'", meanings[] = "\a\b\f\n\r\t\v\\\"'";
	char letter = scan_peek(scan);
	const char *found = letter == '\0' ? NULL : strchr(letters, letter);
	size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
	uint64_t rune;

	scan_skip(scan, 1);
	if (found != NULL) {
		writer_char(w, meanings[found - letters]);
		return true;
	}
	if (digits == 0 || !str_to_u64(str_slice(scan->rest, 0, digits), 16, &rune))
		return false;
	scan_skip(scan, digits);
	if (letter == 'x')
		writer_char(w, (char)rune);
	else
		put_utf8(w, rune);
	return true;
}

static bool unquote(struct scan *scan, struct profile *profile, uint32_t *id)
{
	struct writer text;
	bool is_ok = true;

	if (!scan_text(scan, STR("\"")))
		return false;
	text = writer_to_memory();
	while (is_ok && scan->rest.n > 0 && scan_peek(scan) != '"') {
		char c = scan_peek(scan);

		scan_skip(scan, 1);
		if (c == '\\')
			is_ok = unescape(scan, &text);
		else
			writer_char(&text, c);
	}
	if (is_ok)
		*id = profile_intern(profile, writer_contents(&text));
	writer_deinit(&text);
	return is_ok && scan_text(scan, STR("\""));
}

size_t go_labels_read(struct profile *profile, struct str text,
		      struct profile_label labels[GO_LABELS_LIMIT])
{
	struct scan scan = scan_from(text);
	size_t count = 0;

	if (!scan_blanks(&scan) || !scan_text(&scan, STR("{")))
		return 0;
	while (count < GO_LABELS_LIMIT) {
		struct profile_label label = { 0 };

		if (!scan_blanks(&scan) || !unquote(&scan, profile, &label.key) ||
		    !scan_text(&scan, STR(":")) || !scan_blanks(&scan) ||
		    !unquote(&scan, profile, &label.string))
			return count;
		labels[count++] = label;
		if (!scan_text(&scan, STR(",")))
			return count;
	}
	return count;
}
