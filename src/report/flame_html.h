// The flame graph page: one HTML file that needs no network and no server.
#pragma once

#include <stdbool.h>

struct error;
struct profile;
struct report_options;
struct writer;

// All value types travel in the page; the one that the options ask for is shown first.
// Boxes below 1/20000 of the total (or, in a profile of very many boxes, a larger share)
// are drawn as one, which the page states; the numbers of its table are exact.
bool flame_html_render(const struct profile *profile,
		       const struct report_options *options, struct writer *w,
		       struct error *err) __attribute__((warn_unused_result));

// The data of that page alone, JSON; see flame_data.h.
bool flame_html_render_data(const struct profile *profile,
			    const struct report_options *options, struct writer *w,
			    struct error *err) __attribute__((warn_unused_result));
