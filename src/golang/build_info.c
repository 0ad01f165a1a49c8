// Reads the .go.buildinfo section.
//
//   "\xff Go buildinf:", pointer size u8, flags u8; bit 1 of flags: at byte 32 the
//   version, then the modules, each as a varint length and its bytes
#include "golang/build_info.h"

#include "base/reader.h"
#include "binary/elf.h"

enum {
	FLAGS = 15,
	FLAG_INLINE = 2,
	STRINGS = 32,
	ALIGNMENT = 16,
	MARK_SIZE = 16, // around the modules, so that they are found in any file
};

static const char magic[] = "\xff Go buildinf:";

static bool starts_here(struct str bytes)
{
	return bytes.n > STRINGS && memcmp(bytes.p, magic, sizeof(magic) - 1) == 0;
}

static struct str find_in_segments(const struct elf *elf)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const Elf64_Phdr *segment = &elf->segments[i];
		struct str bytes;

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) == 0)
			continue;
		bytes = elf_at_address(elf, segment->p_vaddr, segment->p_filesz);
		for (size_t at = 0; at < bytes.n; at += ALIGNMENT) {
			if (starts_here(str_after(bytes, at)))
				return str_after(bytes, at);
		}
	}
	return STR("");
}

static struct str read_string(struct reader *r)
{
	uint64_t size = reader_uleb(r);
	const uint8_t *p = reader_bytes(r, size);

	return p == NULL ? STR("") : (struct str){ (const char *)p, (size_t)size };
}

bool go_build_info_read(struct elf *elf, struct go_build_info *out)
{
	struct str bytes = elf_named_contents(elf, ".go.buildinfo");
	struct reader r;

	if (!starts_here(bytes))
		bytes = find_in_segments(elf);
	if (!starts_here(bytes) || (bytes.p[FLAGS] & FLAG_INLINE) == 0)
		return false;
	r = reader_from_str(bytes);
	reader_skip(&r, STRINGS);
	out->version = read_string(&r);
	out->modules = read_string(&r);
	if (!reader_ok(&r) || out->version.n == 0)
		return false;
	if (out->modules.n > 2 * MARK_SIZE)
		out->modules =
			str_slice(out->modules, MARK_SIZE, out->modules.n - MARK_SIZE);
	else
		out->modules = STR("");
	return true;
}

struct str go_build_info_setting(const struct go_build_info *info, struct str key)
{
	struct str rest = info->modules, line;

	while (str_cut(&rest, '\n', &line)) {
		if (!str_starts_with(line, STR("build\t")))
			continue;
		line = str_after(line, 6);
		if (str_starts_with(line, key) && line.n > key.n && line.p[key.n] == '=')
			return str_after(line, key.n + 1);
	}
	return STR("");
}
