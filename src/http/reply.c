// Heads of replies. What browsers might guess or keep, they are told not to.
#include "http/reply.h"

#include <inttypes.h>
#include <stdio.h>

#include "http/request.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 303, "See Other" },
	{ 307, "Temporary Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

const char *http_reply_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Unknown";
}

size_t http_reply_head(const struct http_reply *reply, const struct http_request *request,
		       int64_t body_size, char *buffer, size_t size)
{
	int status = reply->status == 0 ? 200 : reply->status;
	const char *type =
		reply->type == NULL ? "text/plain; charset=utf-8" : reply->type;
	char length[64] = "Transfer-Encoding: chunked\r\n";
	int written;

	if (body_size >= 0)
		snprintf(length, sizeof(length), "Content-Length: %" PRId64 "\r\n",
			 body_size);
	else if (request->is_http_1_0)
		length[0] = '\0';
	written = snprintf(buffer, size,
			   "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n%s%s%s"
			   "X-Content-Type-Options: nosniff\r\n"
			   "Cache-Control: no-store\r\n%s\r\n",
			   status, http_reply_reason(status), type, length,
			   request->keeps_alive ? "Connection: keep-alive\r\n"
						: "Connection: close\r\n",
			   status == 405 ? "Allow: GET, HEAD, POST\r\n" : "",
			   reply->headers == NULL ? "" : reply->headers);
	return written > 0 && (size_t)written < size ? (size_t)written : 0;
}
