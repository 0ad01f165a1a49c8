// Runs the little program that FUNCDATA_ArgInfo is.
//
//   0xff end, 0xfe "{", 0xfd "}", 0xfc "...", 0xfb "_" (too far away to tell),
//   else an offset and a size of an integer
#include "golang/goroutine_arguments.h"

#include "base/memory.h"
#include "base/reader.h"
#include "base/writer.h"
#include "golang/code.h"
#include "golang/goroutine.h"

enum {
	OP_END = 0xff,
	OP_OPEN = 0xfe,
	OP_CLOSE = 0xfd,
	OP_DOTS = 0xfc,
	OP_TOO_FAR = 0xfb,
	PROGRAM_LIMIT = 171, // abi.TraceArgsMaxLen
};

struct arguments {
	struct writer *w;
	const struct go_point *point;
	const struct memory *stack;
	uint64_t start;
	unsigned first_live; // offsets from here on have a bit in the map
	unsigned slot;       // number of the next such value
	bool needs_comma;
};

static void write_hex(struct writer *w, uint64_t value)
{
	char text[18];
	size_t at = sizeof(text);

	do {
		text[--at] = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value != 0);
	text[--at] = 'x';
	text[--at] = '0';
	writer_bytes(w, text + at, sizeof(text) - at);
}

static bool is_live(const struct arguments *arguments, unsigned offset)
{
	const struct go_point *point = arguments->point;
	size_t at;

	if (point->live.n == 0 || point->live_index <= 0 ||
	    offset < arguments->first_live)
		return true;
	at = (size_t)point->live_index + arguments->slot / 8;
	return at >= point->live.n ||
	       ((uint8_t)point->live.p[at] >> arguments->slot % 8 & 1) != 0;
}

static void write_value(struct arguments *arguments, unsigned offset, unsigned size)
{
	uint64_t value = 0;

	if (size > sizeof(value) ||
	    !memory_read(arguments->stack, arguments->start + offset, &value, size))
		writer_char(arguments->w, '_');
	else
		write_hex(arguments->w, value);
	if (!is_live(arguments, offset))
		writer_char(arguments->w, '?');
	arguments->slot += offset >= arguments->first_live;
}

static void comma(struct arguments *arguments)
{
	if (arguments->needs_comma)
		writer_text(arguments->w, ", ");
	arguments->needs_comma = true;
}

void goroutine_arguments_write(struct writer *w, const struct go_frame *frame,
			       const struct memory *stack)
{
	const struct go_point *point = frame->point;
	struct reader r = reader_from_str(str_slice(point->arguments, 0, PROGRAM_LIMIT));
	struct arguments arguments = {
		.w = w,
		.point = point,
		.stack = stack,
		.start = frame->fp,
		.first_live = point->live.n > 0 ? (uint8_t)point->live.p[0] : 0xff,
	};

	while (reader_left(&r) > 0) {
		unsigned op = reader_u8(&r);

		if (op == OP_END)
			return;
		if (op == OP_CLOSE) {
			writer_char(w, '}');
			arguments.needs_comma = true;
			continue;
		}
		comma(&arguments);
		if (op == OP_OPEN) {
			writer_char(w, '{');
			arguments.needs_comma = false;
		} else if (op == OP_DOTS) {
			writer_text(w, "...");
		} else if (op == OP_TOO_FAR) {
			writer_char(w, '_');
		} else {
			write_value(&arguments, op, reader_u8(&r));
		}
	}
}
