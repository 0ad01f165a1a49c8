// The top table.
#include "report/text.h"

#include "base/cleanup.h"
#include "base/writer.h"
#include "report/header.h"
#include "report/report.h"

static const char *inlining_words(enum report_inlining inlining)
{
	switch (inlining) {
	case INLINED_NEVER:
		return "";
	case INLINED_ALWAYS:
		return " (inline)";
	case INLINED_PARTLY:
		return " (partial-inline)";
	}
	return "";
}

static void print_row(const struct report *report, const struct report_row *row,
		      struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str flat = report_value(report, &scratch, row->flat);
	struct str cum = report_value(report, &scratch, row->cum);
	struct measure_percent flat_share = measure_percentage(row->flat, report->total);
	struct measure_percent sum_share =
		measure_percentage(row->flat_sum, report->total);
	struct measure_percent cum_share = measure_percentage(row->cum, report->total);

	writer_format(w, "%10.*s %s %s %10.*s %s  ", (int)flat.n, flat.p, flat_share.text,
		      sum_share.text, (int)cum.n, cum.p, cum_share.text);
	writer_str(w, row->label);
	writer_text(w, inlining_words(row->inlining));
	writer_char(w, '\n');
}

bool text_render(struct report *report, struct writer *w, struct error *err)
{
	(void)err;
	header_print(report, w);
	writer_text(w, "      flat  flat%   sum%        cum   cum%\n");
	for (size_t i = 0; i < report->row_count; i++)
		print_row(report, &report->rows[i], w);
	return true;
}
