// Paths, parameters and replies as of Go's net/http/pprof/pprof.go.
#include "web/endpoints.h"

#include "web/site_state.h"

bool endpoints_serve(struct site *site, const struct http_request *request,
		     struct http_ticket ticket)
{
	(void)site;
	(void)request;
	(void)ticket;
	return false;
}
