// The saved page's own files, and those that need a server behind them.
#include "web/assets.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/writer.h"

// ui.S of report/ and web/ embed these.
extern const char flame_ui_css[], flame_ui_css_end[];
extern const char flame_ui_body[], flame_ui_body_end[];
extern const char flame_ui_js[], flame_ui_js_end[];
extern const char web_ui_css[], web_ui_css_end[];
extern const char web_ui_js[], web_ui_js_end[];

// In the order of ui.S.
static const char *const style_files[] = { "report/ui/flame.css", "report/ui/filters.css",
					   "web/ui/web.css", NULL };
static const char *const body_files[] = { "report/ui/flame.html", NULL };
static const char *const script_files[] = {
	"report/ui/format.js",  "report/ui/address.js",
	"report/ui/model.js",   "report/ui/view.js",
	"report/ui/colors.js",  "report/ui/graph.js",
	"report/ui/table.js",   "report/ui/state.js",
	"report/ui/header.js",  "report/ui/tabs.js",
	"report/ui/calls.js",   "report/ui/labels.js",
	"report/ui/filters.js", "report/ui/source.js",
	"report/ui/app.js",     "web/ui/server.js",
	"web/ui/panes.js",      "web/ui/live.js",
	"web/ui/start.js",      NULL,
};

static bool add_file(struct writer *w, const char *folder, const char *name)
{
	char path[4096], piece[8192];
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);

	CLEANUP_FILE FILE *file = fopen(path, "rbe");

	if (file == NULL)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		writer_bytes(w, piece, n);
	return true;
}

static bool add_files(struct writer *w, const char *folder, const char *const *names)
{
	bool has_all = folder != NULL;

	for (; has_all && *names != NULL; names++)
		has_all = add_file(w, folder, *names);
	return has_all;
}

static struct str finish(struct writer *w, struct arena *arena)
{
	struct str text = str_copy(arena, writer_contents(w));

	writer_deinit(w);
	return text;
}

// The files from disk, or what is embedded.
static struct str join(struct arena *arena, const char *folder, const char *const *names,
		       struct str first, struct str second)
{
	struct writer w = writer_to_memory();

	if (!add_files(&w, folder, names)) {
		w.used = 0;
		writer_str(&w, first);
		writer_str(&w, second);
	}
	return finish(&w, arena);
}

static struct str between(const char *start, const char *end)
{
	return (struct str){ start, (size_t)(end - start) };
}

struct str assets_style(struct arena *arena, const char *folder)
{
	return join(arena, folder, style_files, between(flame_ui_css, flame_ui_css_end),
		    between(web_ui_css, web_ui_css_end));
}

struct str assets_script(struct arena *arena, const char *folder)
{
	return join(arena, folder, script_files, between(flame_ui_js, flame_ui_js_end),
		    between(web_ui_js, web_ui_js_end));
}

struct str assets_page(struct arena *arena, const char *folder)
{
	struct str body = join(arena, folder, body_files,
			       between(flame_ui_body, flame_ui_body_end), STR(""));

	return str_format(
		arena,
		"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
		"<link rel=\"icon\" href=\"data:,\">\n"
		"<link rel=\"stylesheet\" href=\"/ui.css\">\n"
		"<script src=\"/ui.js\" defer></script>\n%.*s</html>\n",
		(int)body.n, body.p);
}
