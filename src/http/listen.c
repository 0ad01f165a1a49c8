// TCP and Unix sockets to listen on.
#include "http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/str.h"

enum { BACKLOG = 256 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un path;
};

static int new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

// Whether a path is that of our own socket which nobody answers any more.
static bool is_abandoned(const struct sockaddr_un *path)
{
	struct stat status;
	bool is_refused;
	int fd;

	if (lstat(path->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode) ||
	    status.st_uid != geteuid())
		return false;
	fd = new_socket(AF_UNIX);
	if (fd < 0)
		return false;
	is_refused = connect(fd, (const struct sockaddr *)path, sizeof(*path)) != 0 &&
		     errno == ECONNREFUSED;
	close(fd);
	return is_refused;
}

static bool bind_path(int fd, const struct sockaddr_un *path)
{
	const struct sockaddr *address = (const struct sockaddr *)path;

	// The socket's own mode is that of the file which bind makes: there is no moment
	// at which others could connect, and the umask of the process stays as it is.
	if (fchmod(fd, 0600) != 0)
		return false;
	if (bind(fd, address, sizeof(*path)) == 0)
		return true;
	if (errno != EADDRINUSE || !is_abandoned(path)) {
		errno = EADDRINUSE;
		return false;
	}
	unlink(path->sun_path);
	return bind(fd, address, sizeof(*path)) == 0;
}

static bool fail(int fd, const char *word, struct error *err)
{
	int errnum = errno;

	if (fd >= 0)
		close(fd);
	return error_set_errno(err, errnum, "cannot listen on %s", word);
}

static bool listen_on_path(const char *path, struct http_listener *out, struct error *err)
{
	union address address = { .path = { .sun_family = AF_UNIX } };
	size_t length = strlen(path);
	int fd;

	if (length == 0 || length >= sizeof(address.path.sun_path))
		return error_set(err, ERROR_USAGE,
				 "cannot listen on %s: the path must have 1 to %zu bytes",
				 path, sizeof(address.path.sun_path) - 1);
	memcpy(address.path.sun_path, path, length + 1);
	fd = new_socket(AF_UNIX);
	if (fd < 0 || !bind_path(fd, &address.path) || listen(fd, BACKLOG) != 0)
		return fail(fd, path, err);
	*out = (struct http_listener){ .fd = fd, .is_unix = true, .is_loopback = true };
	memcpy(out->name, path, length + 1);
	return true;
}

static bool is_loopback(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

// "host" or "[host]"; an empty one is this machine.
static bool read_host(struct str host, union address *out, char *text, size_t size)
{
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_slice(host, 1, host.n - 1);
	if (host.n == 0 || str_equal(host, STR("localhost")))
		host = STR("127.0.0.1");
	if (host.n >= size)
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	out->v4.sin_family = AF_INET;
	if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1)
		return true;
	*out = (union address){ .v6 = { .sin6_family = AF_INET6 } };
	return inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1;
}

static bool bind_tcp(int fd, const union address *address)
{
	socklen_t size = address->any.sa_family == AF_INET ? sizeof(address->v4)
							   : sizeof(address->v6);
	int yes = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	       bind(fd, &address->any, size) == 0 && listen(fd, BACKLOG) == 0;
}

static uint16_t port_of(int fd)
{
	union address address = { 0 };
	socklen_t size = sizeof(address);

	if (getsockname(fd, &address.any, &size) != 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port
						      : address.v6.sin6_port);
}

static bool listen_on_port(const char *word, struct http_listener *out, struct error *err)
{
	union address address = { 0 };
	struct str text = str_from(word);
	ptrdiff_t colon = str_find_last_char(text, ':');
	uint64_t port;
	int fd;

	*out = (struct http_listener){ .fd = -1 };
	if (colon == STR_NOT_FOUND ||
	    !str_to_u64(str_after(text, (size_t)colon + 1), 10, &port) ||
	    port > UINT16_MAX)
		return error_set(err, ERROR_USAGE,
				 "cannot listen on \"%s\": name an address as "
				 "[HOST]:PORT or unix:PATH",
				 word);
	if (!read_host(str_slice(text, 0, (size_t)colon), &address, out->name,
		       sizeof(out->name)))
		return error_set(err, ERROR_USAGE,
				 "cannot listen on \"%s\": HOST must be localhost or an "
				 "address, as 0.0.0.0 or [::1]",
				 word);
	if (address.any.sa_family == AF_INET)
		address.v4.sin_port = htons((uint16_t)port);
	else
		address.v6.sin6_port = htons((uint16_t)port);
	fd = new_socket(address.any.sa_family);
	if (fd < 0 || !bind_tcp(fd, &address))
		return fail(fd, word, err);
	out->fd = fd;
	out->port = port_of(fd);
	out->is_loopback = is_loopback(&address);
	return true;
}

bool http_listen(const char *word, struct http_listener *out, struct error *err)
{
	if (strncmp(word, "unix:", 5) == 0)
		return listen_on_path(word + 5, out, err);
	if (strchr(word, '/') != NULL)
		return listen_on_path(word, out, err);
	return listen_on_port(word, out, err);
}

void http_listener_close(struct http_listener *listener)
{
	if (listener->fd < 0)
		return;
	if (listener->is_unix)
		unlink(listener->name);
	close(listener->fd);
	listener->fd = -1;
}

static bool is_welcome(const struct http_listener *listener, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (!listener->is_unix)
		return true;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

int http_listener_accept(const struct http_listener *listener)
{
	int yes = 1;

	for (;;) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd >= 0 && !is_welcome(listener, fd)) {
			close(fd);
			continue;
		}
		if (fd >= 0 && !listener->is_unix)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		return fd;
	}
}
