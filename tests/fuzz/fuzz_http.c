// Takes hostile request heads apart; what is accepted must be safe to act on.
#include <stdlib.h>
#include <string.h>

#include "http/guard.h"
#include "http/query.h"
#include "http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char head[HTTP_HEAD_MAX], value[64];
	const char *why;
	struct http_request request;
	struct str rest, name, text;

	size = size < sizeof(head) ? size : sizeof(head);
	memcpy(head, data, size);
	if (http_request_parse(head, size, &request, &why) != 0)
		return 0;
	if (request.path.n == 0 || request.path.p[0] != '/' ||
	    str_find(request.path, STR("/../")) >= 0 ||
	    str_ends_with(request.path, STR("/..")) ||
	    memchr(request.path.p, '\0', request.path.n) != NULL)
		abort();
	for (rest = request.query; http_query_next(&rest, &name, &text);)
		(void)http_query_value(request.query, name, value, sizeof(value));
	(void)http_guard_check(&request, STR("name"), &why);
	return 0;
}
