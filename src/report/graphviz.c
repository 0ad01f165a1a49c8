// Feeds dot and dresses up what it draws.
#include "report/graphviz.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/writer.h"
#include "report/dot.h"
#include "report/report.h"

// Wheel: zoom around the pointer. Drag: pan. Double click: back to the start.
static const char pan_and_zoom[] =
	"<script type=\"text/ecmascript\"><![CDATA[\n"
	"(function () {\n"
	"  var svg = document.documentElement;\n"
	"  var group = document.getElementById('viewport');\n"
	"  var x = 0, y = 0, scale = 1, drag = null;\n"
	"  function apply() {\n"
	"    group.setAttribute('transform', 'translate(' + x + ',' + y + ') "
	"scale(' + scale + ')');\n"
	"  }\n"
	"  svg.addEventListener('wheel', function (e) {\n"
	"    var factor = Math.exp(-e.deltaY / 400);\n"
	"    x = e.clientX - (e.clientX - x) * factor;\n"
	"    y = e.clientY - (e.clientY - y) * factor;\n"
	"    scale *= factor;\n"
	"    e.preventDefault();\n"
	"    apply();\n"
	"  }, { passive: false });\n"
	"  svg.addEventListener('mousedown', function (e) {\n"
	"    drag = { x: e.clientX - x, y: e.clientY - y };\n"
	"    e.preventDefault();\n"
	"  });\n"
	"  svg.addEventListener('mousemove', function (e) {\n"
	"    if (!drag) return;\n"
	"    x = e.clientX - drag.x;\n"
	"    y = e.clientY - drag.y;\n"
	"    apply();\n"
	"  });\n"
	"  window.addEventListener('mouseup', function () { drag = null; });\n"
	"  svg.addEventListener('dblclick', function () {\n"
	"    x = y = 0;\n"
	"    scale = 1;\n"
	"    apply();\n"
	"  });\n"
	"})();\n"
	"]]></script>\n";

// The text of the graph as an open file, so that dot may read as slowly as it likes.
static bool graph_file(struct report *report, int *fd, struct error *err)
{
	struct writer w;
	bool is_done;

	*fd = memfd_create("graph.dot", MFD_CLOEXEC);
	if (*fd < 0)
		return error_set_errno(err, errno, "making room for the graph");
	w = writer_to_fd(*fd);
	is_done = dot_render(report, &w, err) && writer_finish(&w, err);
	writer_deinit(&w);
	if (is_done && lseek(*fd, 0, SEEK_SET) < 0)
		return error_set_errno(err, errno, "rewinding the graph");
	return is_done;
}

static bool start(const char *type, int input, int output, pid_t *pid, struct error *err)
{
	extern char **environ;
	char program[] = "dot", option[16] = "-T";
	char *argv[] = { program, option, NULL };
	posix_spawn_file_actions_t actions;
	int errnum;

	strncat(option, type, sizeof(option) - 3);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	errnum = posix_spawnp(pid, "dot", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (errnum == ENOENT)
		return error_set(err, ERROR_NOT_FOUND,
				 "dot is not installed: install graphviz for pictures of "
				 "the call graph, or use -flamegraph, which needs "
				 "nothing");
	return errnum == 0 || error_set_errno(err, errnum, "running dot");
}

static void read_all(int fd, struct writer *out)
{
	char buffer[8192];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n > 0)
			writer_bytes(out, buffer, (size_t)n);
		else if (errno != EINTR)
			break;
	}
}

static bool run(const char *type, int input, struct writer *out, struct error *err)
{
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set_errno(err, errno, "making a pipe for dot");

	bool is_started = start(type, input, ends[1], &pid, err);

	close(ends[1]);
	if (is_started)
		read_all(ends[0], out);
	close(ends[0]);
	if (!is_started)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return error_set(err, ERROR_SYSTEM,
			 "dot -T%s failed; try a smaller graph with -nodecount", type);
}

// Fills the window and wraps the drawing in a group that the script moves.
static void print_svg(struct str svg, struct writer *w)
{
	ptrdiff_t size = str_find(svg, STR("<svg ")), box, graph, end;

	box = str_find(svg, STR("viewBox=\""));
	graph = str_find(svg, STR("<g id=\"graph"));
	end = str_find(svg, STR("</svg>"));
	if (size == STR_NOT_FOUND || box < size || graph < box || end < graph) {
		writer_str(w, svg);
		return;
	}

	ptrdiff_t rest = str_find_char(str_after(svg, (size_t)box + 9), '"') + box + 10;

	writer_str(w, str_slice(svg, 0, (size_t)size));
	writer_text(w, "<svg width=\"100%\" height=\"100%\"");
	writer_str(w, str_slice(svg, (size_t)rest, (size_t)graph));
	writer_text(w, pan_and_zoom);
	writer_text(w, "<g id=\"viewport\">");
	writer_str(w, str_slice(svg, (size_t)graph, (size_t)end));
	writer_text(w, "</g>");
	writer_str(w, str_after(svg, (size_t)end));
}

bool graphviz_render(struct report *report, struct writer *w, struct error *err)
{
	const char *type = report->format->dot_type;
	struct writer picture = writer_to_memory();
	CLEANUP_FD int graph = -1;
	bool is_done = graph_file(report, &graph, err) && run(type, graph, &picture, err);

	if (is_done && strcmp(type, "svg") == 0)
		print_svg(writer_contents(&picture), w);
	else if (is_done)
		writer_str(w, writer_contents(&picture));
	writer_deinit(&picture);
	return is_done;
}

bool graphviz_render_plain(struct report *report, struct writer *w, struct error *err)
{
	CLEANUP_FD int graph = -1;

	return graph_file(report, &graph, err) && run("svg", graph, w, err);
}
