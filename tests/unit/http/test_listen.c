// Words for listening sockets.
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "http/listen.h"
#include "test.h"

TEST(http_listen_takes_a_free_port_of_this_machine)
{
	struct http_listener listener;
	struct error err = { 0 };

	CHECK(http_listen(":0", &listener, &err));
	CHECK(listener.port > 0 && listener.is_loopback && !listener.is_unix);
	CHECK_STR(str_from(listener.name), "127.0.0.1");
	http_listener_close(&listener);
}

TEST(http_listen_refuses_words_that_are_no_address)
{
	struct http_listener listener;
	struct error err = { 0 };

	CHECK(!http_listen("8080", &listener, &err) && err.code == ERROR_USAGE);
	CHECK(!http_listen("localhost:99999", &listener, &err));
	CHECK(!http_listen("a b:80", &listener, &err));
}

TEST(http_listen_makes_sockets_for_their_owner)
{
	char folder[] = "/tmp/goprof-listen-XXXXXX", path[64];
	struct http_listener listener, second;
	struct error err = { 0 };
	struct stat status;

	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/socket", folder);
	CHECK(http_listen(path, &listener, &err));
	CHECK(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600);
	CHECK(!http_listen(path, &second, &err)); // somebody serves it
	close(listener.fd);
	CHECK(http_listen(path, &listener, &err)); // nobody does any more
	http_listener_close(&listener);
	CHECK(stat(path, &status) != 0);
	rmdir(folder);
}
