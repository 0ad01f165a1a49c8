// Names from a profile stand in the JSON block only, where '<' is escaped; the nonce is a
// second wall. It depends on the data, so equal profiles give equal pages.
#include "report/page.h"

#include <inttypes.h>

#include "base/hash.h"
#include "base/writer.h"

static void write_head(const struct page *page, const char *nonce, struct writer *w)
{
	writer_text(w, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		       "<meta http-equiv=\"Content-Security-Policy\" content=\""
		       "default-src 'none'; base-uri 'none'; form-action 'none'; "
		       "style-src 'unsafe-inline'; img-src data:; script-src 'nonce-");
	writer_text(w, nonce);
	writer_text(w, "'\">\n<style>\n");
	writer_str(w, page->css);
	writer_text(w, "</style>\n");
}

void page_write(const struct page *page, struct writer *w)
{
	uint64_t hash = hash_bytes(page->data.p, page->data.n);
	struct writer nonce = writer_to_memory();

	writer_format(&nonce, "%016" PRIx64 "%016" PRIx64, hash,
		      hash_mix(hash, page->data.n));
	writer_char(&nonce, '\0');
	write_head(page, nonce.buffer, w);
	writer_str(w, page->body);
	writer_text(w, "<script type=\"application/json\" id=\"profile\">");
	writer_str(w, page->data);
	writer_text(w, "</script>\n<script nonce=\"");
	writer_text(w, nonce.buffer);
	writer_text(w, "\">\n");
	writer_str(w, page->script);
	writer_text(w, "</script>\n</html>\n");
	writer_deinit(&nonce);
}
