// One line a row; quotes only where a field needs them.
#include "report/csv.h"

#include <string.h>

#include "base/writer.h"
#include "report/report.h"

static bool needs_quotes(struct str field)
{
	for (size_t i = 0; i < field.n; i++) {
		if (strchr(",\"\r\n", field.p[i]) != NULL)
			return true;
	}
	return false;
}

static void write_field(struct writer *w, struct str field)
{
	if (!needs_quotes(field)) {
		writer_str(w, field);
		return;
	}
	writer_char(w, '"');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			writer_char(w, '"');
		writer_char(w, field.p[i]);
	}
	writer_char(w, '"');
}

static void write_row(const struct report *report, const struct report_row *row,
		      struct writer *w)
{
	const struct node_key *key = graph_node_key(&report->graph, row->node);

	write_field(w, row->label);
	writer_char(w, ',');
	write_field(w, nodes_file(&report->graph.nodes, row->node));
	writer_char(w, ',');
	writer_i64(w, key->line);
	writer_char(w, ',');
	writer_i64(w, row->flat);
	writer_char(w, ',');
	writer_i64(w, row->cum);
	writer_char(w, ',');
	write_field(w, report->unit);
	writer_text(w, "\r\n");
}

bool csv_render(struct report *report, struct writer *w, struct error *err)
{
	(void)err;
	writer_text(w, "name,file,line,flat,cum,unit\r\n");
	for (size_t i = 0; i < report->row_count; i++)
		write_row(report, &report->rows[i], w);
	return true;
}
