// Host, Origin and Sec-Fetch-Site (W3C Fetch Metadata) decide.
#include "http/guard.h"

#include <arpa/inet.h>
#include <string.h>

#include "http/request.h"

static bool is_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return true;
}

// "host:port" without its port; "[::1]:80" without brackets. No bytes: malformed.
static struct str host_name(struct str host)
{
	ptrdiff_t end;

	if (host.n > 0 && host.p[0] == '[') {
		end = str_find_char(host, ']');
		if (end == STR_NOT_FOUND)
			return (struct str){ NULL, 0 };

		struct str port = str_after(host, (size_t)end + 1);

		if (port.n > 0 && (port.p[0] != ':' || !is_digits(str_after(port, 1))))
			return (struct str){ NULL, 0 };
		return str_slice(host, 1, (size_t)end);
	}
	end = str_find_char(host, ':');
	if (end == STR_NOT_FOUND)
		return host;
	if (!is_digits(str_after(host, (size_t)end + 1)))
		return (struct str){ NULL, 0 };
	return str_slice(host, 0, (size_t)end);
}

// An address cannot be rebound: whoever names it reaches it without a name server.
static bool is_address(struct str name)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (name.n == 0 || name.n >= sizeof(text))
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	return inet_pton(AF_INET, text, &address) == 1 ||
	       inet_pton(AF_INET6, text, &address) == 1;
}

static bool is_own_host(struct str host, struct str own_name)
{
	struct str name = host_name(host);

	return str_equal(name, STR("localhost")) || is_address(name) ||
	       (own_name.n > 0 && str_equal(name, own_name));
}

// "http://host:port" must name the host that is asked.
static bool is_own_origin(const struct http_request *request)
{
	struct str scheme = STR("http://");

	return str_starts_with(request->origin, scheme) &&
	       str_equal(str_after(request->origin, scheme.n), request->host);
}

static bool is_followed_link(const struct http_request *request)
{
	return request->method != HTTP_POST &&
	       str_equal(request->fetch_mode, STR("navigate")) &&
	       str_equal(request->fetch_dest, STR("document"));
}

int http_guard_check(const struct http_request *request, struct str own_name,
		     const char **why)
{
	struct str site = request->fetch_site;

	if (!request->is_local && !is_own_host(request->host, own_name)) {
		*why = "the Host is not one of this server; ask by address or localhost";
		return 403;
	}
	if (request->origin.n > 0 && !is_own_origin(request)) {
		*why = "the request comes from a page of another site";
		return 403;
	}
	if (site.n > 0 && !str_equal(site, STR("same-origin")) &&
	    !str_equal(site, STR("none")) && !is_followed_link(request)) {
		*why = "the request comes from a page of another site";
		return 403;
	}
	return 0;
}

bool http_guard_is_token(struct str given, struct str token)
{
	unsigned differs = 0;

	if (given.n != token.n || token.n == 0)
		return false;
	for (size_t i = 0; i < token.n; i++)
		differs |= (unsigned)(unsigned char)(given.p[i] ^ token.p[i]);
	return differs == 0;
}
