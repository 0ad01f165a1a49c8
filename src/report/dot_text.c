// Escapes, shortens and colours.
#include "report/dot_text.h"

#include <inttypes.h>
#include <math.h>

#include "base/cleanup.h"
#include "base/writer.h"
#include "report/nodes.h"
#include "report/short_name.h"

void dot_text_print(struct writer *w, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\n') {
			writer_text(w, "\\l");
			continue;
		}
		if (c == '\\' || c == '"')
			writer_char(w, '\\');
		writer_char(w, c);
	}
}

// "a::b.c" as three lines. The "[...]" of Go's generic names stays together.
static void print_parts(struct writer *w, struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		struct str rest = str_after(name, i);

		if (str_starts_with(rest, STR("::"))) {
			writer_text(w, "\\n");
			i++;
		} else if (str_starts_with(rest, STR("[...]"))) {
			writer_text(w, "[…]");
			i += 4;
		} else if (name.p[i] == '.') {
			writer_text(w, "\\n");
		} else {
			dot_text_print(w, str_slice(name, i, i + 1));
		}
	}
}

static void print_place(struct writer *w, const struct nodes *nodes, uint32_t node)
{
	const struct node_key *key = &nodes->keys[node];
	struct str file = str_basename(nodes_file(nodes, node));
	struct str object = str_basename(nodes_object(nodes, node));

	if (key->line != 0) {
		writer_str(w, file);
		writer_format(w, ":%" PRId64, key->line);
		if (key->column != 0)
			writer_format(w, ":%" PRId64, key->column);
	} else if (file.n > 0) {
		writer_str(w, file);
	} else if (key->name != 0) {
		return;
	} else if (object.n > 0) {
		writer_format(w, "[%.*s]", (int)object.n, object.p);
	} else {
		writer_text(w, "<unknown>");
	}
	writer_text(w, "\\n");
}

void dot_text_print_name(struct writer *w, const struct nodes *nodes, uint32_t node)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct node_key *key = &nodes->keys[node];

	if (key->address != 0)
		writer_format(w, "%016" PRIx64 "\\n", key->address);
	if (key->name != 0) {
		print_parts(w, short_name(&scratch, nodes_name(nodes, node)));
		writer_text(w, "\\n");
	}
	print_place(w, nodes, node);
}

void dot_text_print_color(struct writer *w, double share, enum dot_ink ink)
{
	double saturation = ink == DOT_FILL ? 0.1 : 1.0;
	double value = ink == DOT_FILL ? 0.93 : 0.7;
	double score = fmax(-1.0, fmin(1.0, share));
	double red = value, green = value, blue;

	// Near nothing it is grey rather than yellow.
	if (fabs(score) < 0.2)
		saturation *= fabs(score) / 0.2;
	score = score > 0 ? pow(score, 1.0 - 0.7) : -pow(-score, 1.0 - 0.7);
	if (score < 0)
		red = value * (1 + saturation * score);
	else
		green = value * (1 - saturation * score);
	blue = value * (1 - saturation);
	// A share of nothing has no green at all in pprof.
	if (isnan(share))
		green = 0;
	writer_format(w, "#%02x%02x%02x", (unsigned)(red * 255.0) & 0xff,
		      (unsigned)(green * 255.0) & 0xff, (unsigned)(blue * 255.0) & 0xff);
}
