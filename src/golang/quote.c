// Source: printquoted in src/runtime/print.go, strconv.Quote.
#include "golang/quote.h"

#include "base/writer.h"

static void write_ascii(struct writer *w, unsigned char c)
{
	if (c == '\n')
		writer_text(w, "\\n");
	else if (c == '\r')
		writer_text(w, "\\r");
	else if (c == '\t')
		writer_text(w, "\\t");
	else if (c == '"' || c == '\\')
		writer_format(w, "\\%c", c);
	else if (c < ' ' || c == 127)
		writer_format(w, "\\x%02x", c);
	else
		writer_char(w, (char)c);
}

// The code point that begins at s.p[*at], and *at behind it; 0xfffd for what is no UTF-8.
static uint32_t next_rune(struct str s, size_t *at)
{
	unsigned char c = (unsigned char)s.p[(*at)++];
	size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	uint32_t rune = c & (0x3fu >> more);

	if (c < 0xc2 || c > 0xf4 || more > s.n - *at)
		return 0xfffd;
	for (size_t i = 0; i < more; i++)
		rune = rune << 6 | ((unsigned char)s.p[*at + i] & 0x3fu);
	*at += more;
	return rune;
}

void quote_write_runtime(struct writer *w, struct str s)
{
	writer_char(w, '"');
	for (size_t at = 0; at < s.n;) {
		uint32_t rune;

		if ((unsigned char)s.p[at] < 0x80) {
			write_ascii(w, (unsigned char)s.p[at++]);
			continue;
		}
		rune = next_rune(s, &at);
		if (rune < 0x10000)
			writer_format(w, "\\u%04x", rune);
		else
			writer_format(w, "\\U%08x", rune);
	}
	writer_char(w, '"');
}

void quote_write(struct writer *w, struct str s)
{
	writer_char(w, '"');
	for (size_t at = 0; at < s.n; at++) {
		if ((unsigned char)s.p[at] < 0x80)
			write_ascii(w, (unsigned char)s.p[at]);
		else
			writer_char(w, s.p[at]);
	}
	writer_char(w, '"');
}
