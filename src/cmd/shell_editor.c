// libedit draws on stderr, so that stdout holds reports and nothing else.
#include "cmd/shell_editor.h"

#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd/shell_complete.h"

enum { HISTORY_LINES = 1000, LISTED_MAX = 100, TERMINAL_WIDTH = 80 };

struct shell_editor {
	EditLine *edit;
	History *history;
	const char *prompt;
	char path[PATH_MAX]; // of the history, "": there is none
	struct shell_completer completer;
};

static char *prompt(EditLine *edit)
{
	struct shell_editor *editor;

	el_get(edit, EL_CLIENTDATA, &editor);
	return (char *)editor->prompt;
}

static size_t terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return TERMINAL_WIDTH;
	return size.ws_col;
}

static void list(const struct shell_completion *completion)
{
	size_t shown = completion->count < LISTED_MAX ? completion->count : LISTED_MAX;
	size_t widest = 1, column = 0;

	for (size_t i = 0; i < shown; i++) {
		size_t width = completion->candidates[i].name.n;

		widest = width > widest ? width : widest;
	}
	size_t columns = terminal_width() / (widest + 2);

	fputc('\n', stderr);
	for (size_t i = 0; i < shown; i++) {
		struct str name = completion->candidates[i].name;
		bool is_last = ++column >= columns || i + 1 == shown;

		fprintf(stderr, "%-*.*s", is_last ? 0 : (int)widest + 2, (int)name.n,
			name.p);
		if (is_last) {
			fputc('\n', stderr);
			column = 0;
		}
	}
	if (shown < completion->count)
		fprintf(stderr, "... and %zu more\n", completion->count - shown);
}

static int letters(struct str s)
{
	int count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += (s.p[i] & 0xc0) != 0x80;
	return count;
}

static unsigned char complete(EditLine *edit, int key)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const LineInfo *line = el_line(edit);
	struct str before = { line->buffer, (size_t)(line->cursor - line->buffer) };
	struct shell_completion completion;
	struct shell_editor *editor;
	const char *text;

	(void)key;
	el_get(edit, EL_CLIENTDATA, &editor);
	shell_complete(&editor->completer, &scratch, str_copy(&scratch, before),
		       &completion);
	if (completion.count == 0)
		return CC_ERROR;
	if (str_equal(completion.word, completion.replacement)) {
		if (completion.count == 1)
			return CC_NORM;
		list(&completion);
		return CC_REDISPLAY;
	}
	text = str_terminated(&scratch, completion.replacement);
	if (mbstowcs(NULL, text, 0) == (size_t)-1)
		return CC_ERROR; // not in the letters of this terminal
	el_deletestr(edit, letters(completion.word));
	if (el_insertstr(edit, text) != 0)
		return CC_ERROR;
	return CC_REFRESH;
}

// Ctrl-C drops the line, as in other shells; it does not end this one.
static unsigned char drop_line(EditLine *edit, int key)
{
	(void)key;
	fputs("^C\n", stderr);
	// Only what stands before the cursor can be deleted, so it goes to the end first.
	if (el_insertstr(edit, " ") == 0 && el_replacestr(edit, " ") == 0)
		el_deletestr(edit, 1);
	return CC_REDISPLAY;
}

static unsigned char suspend(EditLine *edit, int key)
{
	(void)edit;
	(void)key;
	raise(SIGTSTP);
	return CC_REDISPLAY;
}

// Creates the folders above the file, readable by their owner alone.
static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
}

static void find_history(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int length = 0;

	if (state != NULL && *state == '/')
		length = snprintf(path, size, "%s/goprof/history", state);
	else if (home != NULL && *home == '/')
		length = snprintf(path, size, "%s/.local/state/goprof/history", home);
	if (length <= 0 || (size_t)length >= size)
		*path = '\0';
}

static void load_history(struct shell_editor *editor)
{
	HistEvent event;

	find_history(editor->path, sizeof(editor->path));
	history(editor->history, &event, H_SETSIZE, HISTORY_LINES);
	history(editor->history, &event, H_SETUNIQUE, 1);
	if (editor->path[0] != '\0')
		(void)history(editor->history, &event, H_LOAD, editor->path);
}

static bool write_history(struct shell_editor *editor, int fd)
{
	CLEANUP_FILE FILE *file = fdopen(dup(fd), "w");
	HistEvent event;

	return file != NULL && history(editor->history, &event, H_SAVE_FP, file) >= 0 &&
	       fflush(file) == 0;
}

static void save_history(struct shell_editor *editor)
{
	struct file_output out;
	struct error err = { 0 };

	if (editor->path[0] == '\0')
		return;
	make_folders(editor->path);
	if (!file_output_open(&out, editor->path, &err)) {
		log_debug("the history is not kept: %s", err.text);
		return;
	}
	if (!write_history(editor, out.fd))
		file_output_discard(&out);
	else if (!file_output_commit(&out, &err))
		log_debug("the history is not kept: %s", err.text);
}

static void bind_keys(EditLine *edit)
{
	el_set(edit, EL_ADDFN, "goprof-complete", "Complete names", complete);
	el_set(edit, EL_BIND, "^I", "goprof-complete", NULL);
	el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(edit, EL_ADDFN, "goprof-drop-line", "Drop the line", drop_line);
	el_set(edit, EL_BIND, "^C", "goprof-drop-line", NULL);
	el_set(edit, EL_ADDFN, "goprof-suspend", "Stop the shell", suspend);
	el_set(edit, EL_BIND, "^Z", "goprof-suspend", NULL);
	// Otherwise the terminal would make signals of these keys.
	el_set(edit, EL_SETTY, "-d", "-isig", NULL);
}

struct shell_editor *shell_editor_open(const struct profile *profile, const char *words)
{
	struct shell_editor *editor = table_zeroed(1, sizeof(*editor));

	// Ctrl-C is for reports; one that comes late must not end the shell.
	signal(SIGINT, SIG_IGN);
	// For libedit, which otherwise takes letters beyond ASCII for several.
	setlocale(LC_CTYPE, "");
	editor->prompt = words;
	editor->completer.profile = profile;
	editor->edit = el_init("goprof", stdin, stderr, stderr);
	editor->history = history_init();
	if (editor->edit == NULL || editor->history == NULL) {
		shell_editor_close(editor);
		return NULL;
	}
	load_history(editor);
	el_set(editor->edit, EL_CLIENTDATA, editor);
	el_set(editor->edit, EL_EDITOR, "emacs");
	el_set(editor->edit, EL_SIGNAL, 1);
	el_set(editor->edit, EL_PROMPT, prompt);
	el_set(editor->edit, EL_HIST, history, editor->history);
	bind_keys(editor->edit);
	el_source(editor->edit, NULL); // the user's own keys
	return editor;
}

void shell_editor_close(struct shell_editor *editor)
{
	if (editor->edit != NULL && editor->history != NULL)
		save_history(editor);
	if (editor->edit != NULL)
		el_end(editor->edit);
	if (editor->history != NULL)
		history_end(editor->history);
	shell_completer_deinit(&editor->completer);
	free(editor);
}

bool shell_editor_next(struct shell_editor *editor, struct str *line)
{
	HistEvent event;
	const char *text;
	int length;

	// libedit would prompt first, and lose the meaning of keys that are pressed at
	// once.
	el_set(editor->edit, EL_PREP_TERM, 1);
	text = el_gets(editor->edit, &length);
	if (text == NULL || length <= 0) {
		fputc('\n', stderr);
		return false;
	}
	*line = (struct str){ text, (size_t)length };
	if (str_trim(*line).n > 0)
		history(editor->history, &event, H_ENTER, text);
	return true;
}
