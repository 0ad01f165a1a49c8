// Puts the flame graph page together.
#include "report/flame_html.h"

#include "base/writer.h"
#include "report/flame.h"
#include "report/flame_data.h"
#include "report/page.h"

// ui.S embeds these.
extern const char flame_ui_css[], flame_ui_css_end[];
extern const char flame_ui_body[], flame_ui_body_end[];
extern const char flame_ui_js[], flame_ui_saved_end[];

// Boxes below 1/BOX_SHARE of the total are drawn as one, and larger ones as long as there
// are more than BOXES_MAX: a page of that many takes a browser a tenth of a second.
enum { BOX_SHARE = 20000, BOXES_MAX = 80000 };

static void write_page(struct writer *w, struct str data)
{
	const struct page page = {
		.css = { flame_ui_css, (size_t)(flame_ui_css_end - flame_ui_css) },
		.body = { flame_ui_body, (size_t)(flame_ui_body_end - flame_ui_body) },
		.script = { flame_ui_js, (size_t)(flame_ui_saved_end - flame_ui_js) },
		.data = data,
	};

	page_write(&page, w);
}

static const struct flame_shape served_shape = {
	.order = FLAME_BY_VALUE,
	.has_all_types = true,
	.has_sums = true,
	.share = BOX_SHARE,
	.most_nodes = BOXES_MAX,
};

// With what a server would be asked for.
static const struct flame_shape saved_shape = {
	.order = FLAME_BY_VALUE,
	.has_all_types = true,
	.has_sums = true,
	.keeps_stacks = true,
	.share = BOX_SHARE,
	.most_nodes = BOXES_MAX,
};

static bool write_data(const struct profile *profile,
		       const struct report_options *options,
		       const struct flame_shape *shape, struct writer *w,
		       struct error *err)
{
	struct flame flame;

	if (!flame_init(&flame, profile, options, shape, err))
		return false;
	flame_data_write(&flame, options, w);
	flame_deinit(&flame);
	return true;
}

bool flame_html_render_data(const struct profile *profile,
			    const struct report_options *options, struct writer *w,
			    struct error *err)
{
	return write_data(profile, options, &served_shape, w, err);
}

bool flame_html_render(const struct profile *profile,
		       const struct report_options *options, struct writer *w,
		       struct error *err)
{
	struct writer data = writer_to_memory();
	bool is_done = write_data(profile, options, &saved_shape, &data, err);

	if (is_done)
		write_page(w, writer_contents(&data));
	writer_deinit(&data);
	return is_done;
}
