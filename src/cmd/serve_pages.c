// From a request to the server of the pages.
#include "cmd/serve_pages.h"

#include <stdio.h>

#include "cmd/report_request.h"
#include "cmd/viewer.h"
#include "web/site.h"

// Scripts look for this line of pprof's.
static void tell(void *context, const char *url)
{
	const struct report_request *request = context;

	fprintf(stderr, "Serving web UI on %s\n", url);
	if (!request->no_browser)
		viewer_show_url(url);
}

void serve_pages_options(const struct report_request *request, struct site_options *out)
{
	*out = (struct site_options){
		.listen = request->http == NULL ? ":0" : request->http,
		.ui_folder = request->ui_folder,
		.defaults = request->options,
		.is_ready = tell,
		.context = (void *)request,
	};
}

bool serve_pages_take(const struct report_request *request, struct profile *profile,
		      struct error *err)
{
	struct site_options options;

	serve_pages_options(request, &options);
	return site_run_take(&options, profile, err);
}
