// showframe and gentraceback/traceback2 of src/runtime/traceback.go.
#include "golang/goroutine_lines.h"

#include <stdlib.h>

#include "base/arena.h"
#include "golang/code.h"
#include "golang/goroutine.h"

enum { FRAMES_MAX_OLD = 100 }; // real ones, up to Go 1.20

void goroutine_lines_deinit(struct goroutine_lines *lines)
{
	free(lines->items);
}

static bool is_panic(enum go_role role)
{
	return role == GO_ROLE_GOPANIC || role == GO_ROLE_SIGPANIC ||
	       role == GO_ROLE_PANICWRAP;
}

// `callee` is what the line called, shown or not.
static bool shows(const struct go_line *line, bool is_first, enum go_role callee,
		  struct go_version version)
{
	if (line->is_wrapper && !is_panic(callee))
		return false;
	if (line->role == GO_ROLE_RUN_FINALIZERS || line->role == GO_ROLE_RUN_CLEANUPS)
		return version.minor >= 25;
	return line->is_shown || (line->role == GO_ROLE_GOPANIC && !is_first);
}

enum choice { CHOOSE_SHOWN, CHOOSE_ALL };

static void choose(struct goroutine_lines *lines, struct go_code *code,
		   const struct goroutine *goroutine, struct go_version version,
		   enum choice choice)
{
	bool is_old = version.minor <= 20;
	enum go_role callee = GO_ROLE_NONE;

	lines->count = 0;
	for (size_t i = 0; i < goroutine->frame_count; i++) {
		const struct go_point *point =
			go_code_lines(code, goroutine->frames[i].point);

		if (is_old && i == FRAMES_MAX_OLD)
			break;
		for (size_t j = 0; j < point->line_count; j++) {
			const struct go_line *line = &point->lines[j];

			if (choice == CHOOSE_ALL ||
			    shows(line, lines->count == 0, callee, version)) {
				lines->items =
					table_reserve(lines->items, &lines->capacity,
						      lines->count + 1,
						      sizeof(*lines->items));
				lines->items[lines->count++] =
					(struct shown_line){ line, (uint32_t)i,
							     j + 1 < point->line_count };
			}
			callee = line->role;
		}
	}
	lines->is_cut = is_old && lines->count == FRAMES_MAX_OLD;
}

void goroutine_lines_choose(struct goroutine_lines *lines, struct go_code *code,
			    const struct goroutine *goroutine, struct go_version version)
{
	choose(lines, code, goroutine, version, CHOOSE_SHOWN);
	if (lines->count == 0)
		choose(lines, code, goroutine, version, CHOOSE_ALL);
}
