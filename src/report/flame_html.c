// Puts the page together: styles, markup, the profile as data, scripts.
#include "report/flame_html.h"

#include <inttypes.h>

#include "base/hash.h"
#include "base/writer.h"
#include "report/flame.h"
#include "report/flame_data.h"

// ui.S embeds these.
extern const char flame_ui_css[], flame_ui_css_end[];
extern const char flame_ui_body[], flame_ui_body_end[];
extern const char flame_ui_js[], flame_ui_js_end[];

// Boxes below 1/BOX_SHARE of the total are drawn as one, and larger ones as long as there
// are more than BOXES_MAX: a page of that many takes a browser a tenth of a second.
enum { BOX_SHARE = 20000, BOXES_MAX = 80000 };

static void write_part(struct writer *w, const char *from, const char *end)
{
	writer_bytes(w, from, (size_t)(end - from));
}

// Nothing but our own script runs, and nothing is fetched. Names from the profile stand
// in a JSON block only, where '<' is escaped; the nonce is a second wall. It depends on
// the data, so equal profiles give equal pages.
static void write_head(struct writer *w, const char *nonce)
{
	writer_text(w, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\""
		       "default-src 'none'; base-uri 'none'; form-action 'none'; "
		       "style-src 'unsafe-inline'; img-src data:; script-src 'nonce-");
	writer_text(w, nonce);
	writer_text(w, "'\">\n<style>\n");
	write_part(w, flame_ui_css, flame_ui_css_end);
	writer_text(w, "</style>\n");
}

static void write_page(struct writer *w, struct str data)
{
	uint64_t hash = hash_bytes(data.p, data.n);
	struct writer nonce = writer_to_memory();

	writer_format(&nonce, "%016" PRIx64 "%016" PRIx64, hash, hash_mix(hash, data.n));
	writer_char(&nonce, '\0');
	write_head(w, nonce.buffer);
	write_part(w, flame_ui_body, flame_ui_body_end);
	writer_text(w, "<script type=\"application/json\" id=\"profile\">");
	writer_str(w, data);
	writer_text(w, "</script>\n<script nonce=\"");
	writer_text(w, nonce.buffer);
	writer_text(w, "\">\n");
	write_part(w, flame_ui_js, flame_ui_js_end);
	writer_text(w, "</script>\n</html>\n");
	writer_deinit(&nonce);
}

bool flame_html_render(const struct profile *profile,
		       const struct report_options *options, struct writer *w,
		       struct error *err)
{
	const struct flame_shape shape = {
		.order = FLAME_BY_VALUE,
		.has_all_types = true,
		.has_sums = true,
		.share = BOX_SHARE,
		.most_nodes = BOXES_MAX,
	};
	struct writer data = writer_to_memory();
	struct flame flame;

	if (!flame_init(&flame, profile, options, &shape, err))
		return false;
	flame_data_write(&flame, options, &data);
	write_page(w, writer_contents(&data));
	writer_deinit(&data);
	flame_deinit(&flame);
	return true;
}
