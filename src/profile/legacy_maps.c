// Reads mappings in the forms that profilers have written them.
#include "profile/legacy_maps.h"

#include "base/lines.h"
#include "base/scan.h"
#include "base/writer.h"
#include "profile/builder.h"

// Bounds on what a hostile file can make of "name=value" lines.
enum { ATTRIBUTE_LIMIT = 64, EXPANDED_LIMIT = 65536 };

struct legacy_maps {
	struct profile_builder *builder;
	struct arena arena;
	struct str names[ATTRIBUTE_LIMIT], values[ATTRIBUTE_LIMIT];
	size_t attribute_count;
};

// What one line tells.
struct entry {
	uint64_t start, limit, offset;
	struct str file, build_id;
	bool is_executable;
};

// "file.cc:123] " and all before it, as glog puts in front of each line.
static struct str without_log_prefix(struct str line)
{
	size_t end = 0, digits = 0;

	while (end < line.n && line.p[end] != ']' && line.p[end] != '[')
		end++;
	if (end + 1 >= line.n || line.p[end] != ']' || !scan_is_blank(line.p[end + 1]))
		return line;
	while (digits < end && scan_is_digit(line.p[end - digits - 1]))
		digits++;
	if (digits == 0 || digits + 1 >= end || line.p[end - digits - 1] != ':')
		return line;
	return str_after(line, end + 2);
}

// The number of the attribute that a text begins with; the first defined counts.
static size_t find_attribute(const struct legacy_maps *maps, struct str text)
{
	size_t i = 0;

	while (i < maps->attribute_count && !str_starts_with(text, maps->names[i]))
		i++;
	return i;
}

static struct str expand(struct legacy_maps *maps, struct str line)
{
	struct writer text;
	struct str expanded = line;

	if (maps->attribute_count == 0 || str_find_char(line, '$') == STR_NOT_FOUND)
		return line;
	text = writer_to_memory();
	while (line.n > 0 && text.used < EXPANDED_LIMIT) {
		size_t i = line.p[0] == '$' ? find_attribute(maps, str_after(line, 1))
					    : maps->attribute_count;

		if (i < maps->attribute_count) {
			writer_str(&text, maps->values[i]);
			line = str_after(line, 1 + maps->names[i].n);
		} else {
			writer_char(&text, line.p[0]);
			line = str_after(line, 1);
		}
	}
	if (text.used < EXPANDED_LIMIT)
		expanded = str_copy(&maps->arena, writer_contents(&text));
	writer_deinit(&text);
	return expanded;
}

static void define(struct legacy_maps *maps, struct str line)
{
	ptrdiff_t equals = str_find_char(line, '=');
	struct str name, value;

	if (equals == STR_NOT_FOUND || maps->attribute_count == ATTRIBUTE_LIMIT)
		return;
	name = str_trim(str_slice(line, 0, (size_t)equals));
	value = str_trim(str_after(line, (size_t)equals + 1));
	if (name.n == 0 || value.n >= EXPANDED_LIMIT)
		return;
	maps->names[maps->attribute_count] = str_copy(&maps->arena, name);
	maps->values[maps->attribute_count++] = str_copy(&maps->arena, value);
}

static bool scan_address(struct scan *scan, uint64_t *out)
{
	(void)scan_text(scan, STR("0x"));
	return scan_hex(scan, out);
}

// "START-END", also with a blank between them or ":" behind.
static bool scan_range(struct scan *scan, struct entry *entry)
{
	size_t before;

	scan_blanks(scan);
	if (!scan_address(scan, &entry->start))
		return false;
	before = scan->rest.n;
	(void)(scan_text(scan, STR("-")) || scan_blanks(scan));
	scan_blanks(scan);
	if (scan->rest.n == before || !scan_address(scan, &entry->limit))
		return false;
	(void)scan_text(scan, STR(":"));
	return true;
}

static bool is_permissions(struct str word)
{
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\0' || strchr("-rwxps", word.p[i]) == NULL)
			return false;
	}
	return word.n >= 3;
}

// A word of permissions, if there is one; without it a mapping counts as executable.
static void scan_permissions(struct scan *scan, struct entry *entry)
{
	struct scan ahead = *scan;
	struct str word;

	entry->is_executable = true;
	if (!scan_blanks(&ahead) || !scan_word(&ahead, &word) || !is_permissions(word))
		return;
	entry->is_executable = str_find_char(word, 'x') != STR_NOT_FOUND;
	*scan = ahead;
}

// "OFFSET MAJOR:MINOR INODE FILE", the rest of a line of /proc/PID/maps.
static bool scan_kernel_form(struct scan scan, struct entry *entry)
{
	uint64_t offset, ignored;
	int64_t inode;
	struct str file = STR("");

	if (!scan_blanks(&scan) || !scan_hex(&scan, &offset) || !scan_blanks(&scan) ||
	    !scan_hex(&scan, &ignored) || !scan_text(&scan, STR(":")) ||
	    !scan_hex(&scan, &ignored) || !scan_blanks(&scan) || !scan_i64(&scan, &inode))
		return false;
	scan_blanks(&scan);
	(void)scan_word(&scan, &file);
	entry->offset = offset;
	entry->file = file;
	return true;
}

static void scan_brief_form(struct scan scan, struct entry *entry)
{
	struct scan ahead;

	scan_blanks(&scan);
	(void)scan_word(&scan, &entry->file);
	scan_blanks(&scan);
	ahead = scan;
	if (scan_text(&ahead, STR("(@")) && scan_hex(&ahead, &entry->offset) &&
	    scan_text(&ahead, STR(")")))
		scan = ahead;
	scan_blanks(&scan);
	entry->build_id =
		str_slice(scan.rest, 0, scan_digit_count(scan.rest, scan_is_hex));
}

static bool parse_entry(struct str line, struct entry *entry)
{
	struct scan scan = scan_from(line);

	*entry = (struct entry){ 0 };
	if (!scan_range(&scan, entry))
		return false;
	if (scan.rest.n > 0 && !scan_is_blank(scan_peek(&scan)))
		return false;
	scan_permissions(&scan, entry);
	if (!scan_kernel_form(scan, entry))
		scan_brief_form(scan, entry);
	return true;
}

void legacy_maps_read(struct lines *lines, struct profile_builder *builder)
{
	struct legacy_maps maps = { .builder = builder };
	struct profile *profile = builder->profile;
	struct entry entry;

	while (lines_next(lines) && profile->mapping_count < LEGACY_MAPS_LIMIT) {
		struct str line = expand(&maps, without_log_prefix(lines->line));

		if (!parse_entry(line, &entry))
			define(&maps, line);
		else if (entry.is_executable)
			profile_builder_add_mapping(
				builder,
				(struct profile_mapping){
					.start = entry.start,
					.limit = entry.limit,
					.offset = entry.offset,
					.file = profile_intern(profile, entry.file),
					.build_id =
						profile_intern(profile, entry.build_id),
				});
	}
	arena_deinit(&maps.arena);
}
