// Reads request heads strictly: what is odd is refused rather than guessed.
#include "http/request.h"

#include <string.h>

#include "http/query.h"

// A head being read; `status` is its first refusal.
struct head {
	struct http_request *request;
	int status;
	const char *why;
};

static int refuse(struct head *head, int status, const char *why)
{
	if (head->status == 0) {
		head->status = status;
		head->why = why;
	}
	return head->status;
}

size_t http_request_head_size(struct str input)
{
	for (size_t i = 0; i < input.n; i++) {
		if (input.p[i] != '\n')
			continue;
		if (i + 1 < input.n && input.p[i + 1] == '\n')
			return i + 2;
		if (i + 2 < input.n && input.p[i + 1] == '\r' && input.p[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool is_same_word(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

static bool lists_word(struct str list, struct str word)
{
	struct str piece;

	while (str_cut(&list, ',', &piece)) {
		if (is_same_word(str_trim(piece), word))
			return true;
	}
	return false;
}

static void read_method(struct head *head, struct str word)
{
	struct http_request *request = head->request;

	if (word.n == 0)
		refuse(head, 400, "the request line has no method");
	for (size_t i = 0; i < word.n; i++) {
		if (!is_token_char(word.p[i]))
			refuse(head, 400, "the method is no word");
	}
	if (str_equal(word, STR("GET")))
		request->method = HTTP_GET;
	else if (str_equal(word, STR("HEAD")))
		request->method = HTTP_HEAD;
	else if (str_equal(word, STR("POST")))
		request->method = HTTP_POST;
	else
		refuse(head, 405, "only GET, HEAD and POST are served");
}

static void read_version(struct head *head, struct str word)
{
	struct http_request *request = head->request;

	request->is_http_1_0 = str_equal(word, STR("HTTP/1.0"));
	if (request->is_http_1_0 || str_equal(word, STR("HTTP/1.1")))
		return;
	if (str_starts_with(word, STR("HTTP/")))
		refuse(head, 505, "only HTTP/1.1 is spoken");
	else
		refuse(head, 400, "the request line does not end with a version");
}

// A path that could mean another one is refused, not mended.
static bool is_plain_path(struct str path)
{
	struct str rest = str_after(path, 1), piece;

	for (size_t i = 0; i < path.n; i++) {
		if ((unsigned char)path.p[i] < ' ' || path.p[i] == 0x7f ||
		    path.p[i] == '\\')
			return false;
	}
	while (rest.n > 0 && str_cut(&rest, '/', &piece)) {
		if (piece.n == 0 || str_equal(piece, STR(".")) ||
		    str_equal(piece, STR("..")))
			return false;
	}
	return path.n > 0 && path.p[0] == '/';
}

static void read_path(struct head *head, char *text, size_t size)
{
	if (!http_query_unescape(text, &size, HTTP_PLUS_STAYS)) {
		refuse(head, 400, "the path has a bad escape");
		return;
	}
	head->request->path = (struct str){ text, size };
	if (!is_plain_path(head->request->path))
		refuse(head, 400, "the path is not a plain one");
}

// "http://host/path" names the host as well (RFC 9112, section 3.2.2).
static struct str without_authority(struct head *head, struct str target)
{
	struct str rest = str_after(target, sizeof("http://") - 1);
	ptrdiff_t slash;

	if (!str_starts_with(target, STR("http://")))
		return target;
	slash = str_find_char(rest, '/');
	if (slash == STR_NOT_FOUND) {
		refuse(head, 400, "the target has no path");
		return target;
	}
	head->request->host = str_slice(rest, 0, (size_t)slash);
	return str_after(rest, (size_t)slash);
}

static void read_target(struct head *head, char *base, struct str target)
{
	ptrdiff_t mark;

	if (target.n > HTTP_TARGET_MAX) {
		refuse(head, 414, "the address is too long");
		return;
	}
	for (size_t i = 0; i < target.n; i++) {
		if ((unsigned char)target.p[i] <= ' ' || target.p[i] == 0x7f ||
		    target.p[i] == '#')
			refuse(head, 400, "the target has bytes that need an escape");
	}
	target = without_authority(head, target);
	mark = str_find_char(target, '?');
	if (mark != STR_NOT_FOUND) {
		head->request->query = str_after(target, (size_t)mark + 1);
		target = str_slice(target, 0, (size_t)mark);
	}
	if (head->status == 0)
		read_path(head, base + (target.p - base), target.n);
}

static void read_request_line(struct head *head, char *base, struct str line)
{
	struct str method = { line.p, 0 }, target = { line.p, 0 };

	if (!str_cut(&line, ' ', &method) || !str_cut(&line, ' ', &target)) {
		refuse(head, 400, "the request line has no target");
		return;
	}
	read_version(head, line);
	read_method(head, method);
	read_target(head, base, target);
}

static void read_length(struct head *head, struct str value)
{
	struct http_request *request = head->request;
	uint64_t size;

	if (!str_to_u64(value, 10, &size) ||
	    (request->has_length && size != request->body_size)) {
		refuse(head, 400, "the Content-Length is no single number");
		return;
	}
	request->has_length = true;
	request->body_size = size;
	if (size > HTTP_BODY_MAX)
		refuse(head, 413, "the body is too large");
}

static void read_host(struct head *head, struct str value)
{
	struct http_request *request = head->request;

	if (request->has_host)
		refuse(head, 400, "there are several Host headers");
	request->has_host = true;
	if (request->host.n == 0)
		request->host = value;
}

// Headers whose value is kept as it came; the last one counts.
static bool keep_header(struct http_request *request, struct str name, struct str value)
{
	const struct {
		struct str name;
		struct str *kept;
	} kept[] = {
		{ STR("origin"), &request->origin },
		{ STR("sec-fetch-site"), &request->fetch_site },
		{ STR("sec-fetch-mode"), &request->fetch_mode },
		{ STR("sec-fetch-dest"), &request->fetch_dest },
		{ STR("authorization"), &request->authorization },
		{ STR("cookie"), &request->cookie },
		{ STR("accept-encoding"), &request->accept_encoding },
		{ STR("content-type"), &request->content_type },
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (!is_same_word(name, kept[i].name))
			continue;
		*kept[i].kept = value;
		return true;
	}
	return false;
}

static void read_header(struct head *head, struct str name, struct str value)
{
	struct http_request *request = head->request;

	if (keep_header(request, name, value))
		return;
	if (is_same_word(name, STR("host"))) {
		read_host(head, value);
	} else if (is_same_word(name, STR("content-length"))) {
		read_length(head, value);
	} else if (is_same_word(name, STR("transfer-encoding"))) {
		refuse(head, 501, "bodies are taken by Content-Length only");
	} else if (is_same_word(name, STR("expect"))) {
		request->waits_to_send = true;
	} else if (is_same_word(name, STR("connection"))) {
		request->wishes_close |= lists_word(value, STR("close"));
		request->wishes_keep_alive |= lists_word(value, STR("keep-alive"));
	}
}

static void read_header_line(struct head *head, struct str line)
{
	ptrdiff_t colon = str_find_char(line, ':');
	struct str name = str_slice(line, 0, (size_t)colon), value;

	if (colon <= 0) {
		refuse(head, 400, "a header has no name");
		return;
	}
	for (size_t i = 0; i < name.n; i++) {
		if (!is_token_char(name.p[i]))
			refuse(head, 400, "a header's name is no word");
	}
	value = str_trim(str_after(line, (size_t)colon + 1));
	for (size_t i = 0; i < value.n; i++) {
		if (((unsigned char)value.p[i] < ' ' && value.p[i] != '\t') ||
		    value.p[i] == 0x7f)
			refuse(head, 400, "a header has control characters");
	}
	if (head->status == 0)
		read_header(head, name, value);
}

static struct str without_return(struct str line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static void settle(struct head *head)
{
	struct http_request *request = head->request;

	request->keeps_alive = request->is_http_1_0 ? request->wishes_keep_alive
						    : !request->wishes_close;
	if (!request->is_http_1_0 && !request->has_host)
		refuse(head, 400, "there is no Host header");
	if (request->waits_to_send)
		refuse(head, 417, "bodies are taken without Expect");
}

int http_request_parse(char *head_text, size_t size, struct http_request *out,
		       const char **why)
{
	struct head head = { .request = out };
	struct str rest = { head_text, size }, line;

	*out = (struct http_request){ 0 };
	if (str_cut(&rest, '\n', &line))
		read_request_line(&head, head_text, without_return(line));
	while (head.status == 0 && str_cut(&rest, '\n', &line)) {
		line = without_return(line);
		if (line.n == 0)
			break;
		read_header_line(&head, line);
	}
	if (head.status == 0)
		settle(&head);
	*why = head.why;
	return head.status;
}
