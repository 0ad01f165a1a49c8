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

// dot draws no box wider than 65535 points; no reader follows a line that long.
enum { LINE_MAX_BYTES = 500 };

// Where the line of a quoted text ends: at the quote, or at an escape that begins
// another.
static size_t line_end(struct str graph, size_t from)
{
	size_t at = from;

	while (at < graph.n && graph.p[at] != '"') {
		if (graph.p[at] == '\\' && at + 1 < graph.n) {
			if (graph.p[at + 1] == 'n' || graph.p[at + 1] == 'l')
				return at;
			at++;
		}
		at++;
	}
	return at < graph.n ? at : graph.n;
}

// Where to cut a longer line: behind a whole character, and not within an escape.
static size_t line_cut(struct str graph, size_t from)
{
	size_t at = from;

	while (at < from + LINE_MAX_BYTES)
		at += graph.p[at] == '\\' ? 2 : 1;
	while (((unsigned char)graph.p[at] & 0xc0) == 0x80)
		at++;
	return at;
}

// Without the control characters that XML has no way to write.
static void write_line(struct str line, struct writer *w)
{
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		writer_char(w, c < ' ' || c == 0x7f ? '?' : (char)c);
	}
}

static void write_quoted(struct str graph, size_t *at, struct writer *w)
{
	while (*at < graph.n && graph.p[*at] != '"') {
		size_t end = line_end(graph, *at);

		if (end - *at > LINE_MAX_BYTES + 8) {
			write_line(str_slice(graph, *at, line_cut(graph, *at)), w);
			writer_text(w, "\xe2\x80\xa6");
		} else {
			write_line(str_slice(graph, *at, end), w);
		}
		*at = end;
		if (end < graph.n && graph.p[end] == '\\') {
			writer_str(w, str_slice(graph, end, end + 2));
			*at = end + 2;
		}
	}
}

static void write_drawable(struct str graph, struct writer *w)
{
	for (size_t at = 0; at < graph.n; at++) {
		writer_char(w, graph.p[at]);
		if (graph.p[at] != '"')
			continue;
		at++;
		write_quoted(graph, &at, w);
		if (at < graph.n)
			writer_char(w, '"');
	}
}

static bool write_graph(struct report *report, struct writer *w, struct error *err)
{
	struct writer text = writer_to_memory();
	bool is_done = dot_render(report, &text, err);

	if (is_done)
		write_drawable(writer_contents(&text), w);
	writer_deinit(&text);
	return is_done && writer_finish(w, err);
}

// The text of the graph as an open file, so that dot may read as slowly as it likes.
static bool graph_file(struct report *report, int *fd, struct error *err)
{
	struct writer w;
	bool is_done;

	*fd = memfd_create("graph.dot", MFD_CLOEXEC);
	if (*fd < 0)
		return error_set_errno(err, errno, "making room for the graph");
	w = writer_to_fd(*fd);
	is_done = write_graph(report, &w, err);
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
