// ELF notes, as /sys/kernel/notes holds them: u32 name size, size, type; both padded
// to 4.
#include "binary/kernel_id.h"

#include <elf.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/reader.h"
#include "binary/build_id.h"

static struct str find_note(struct reader *r, struct arena *arena)
{
	while (reader_left(r) > 0) {
		uint32_t name_size = reader_u32(r), size = reader_u32(r);
		uint32_t type = reader_u32(r);
		const uint8_t *name =
			reader_bytes(r, (name_size + UINT64_C(3)) & ~UINT64_C(3));
		const uint8_t *text =
			reader_bytes(r, (size + UINT64_C(3)) & ~UINT64_C(3));
		struct str owner = { (const char *)name, name_size };

		if (!reader_ok(r))
			break;
		if (type == NT_GNU_BUILD_ID && str_equal(owner, STR("GNU\0")))
			return build_id_text(arena,
					     (struct str){ (const char *)text, size });
	}
	return STR("");
}

struct str kernel_id_running(struct arena *arena)
{
	struct file_view view;
	struct error ignored;
	struct reader r;
	struct str text;

	if (!file_view_open("/sys/kernel/notes", &view, &ignored))
		return STR("");
	r = reader_from(view.bytes, view.size);
	text = find_note(&r, arena);
	file_view_close(&view);
	return text;
}
