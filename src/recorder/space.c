// Lines of proc(5)'s maps; pages that are there by its pagemap.
#include "recorder/space.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/pages.h"
#include "base/str.h"

enum { PAGE = 4096, TEXT_SIZE = 64 << 10, PAGES_AT_ONCE = 512 };

static uint64_t read_hex(const char **text)
{
	uint64_t value = 0;

	for (;; ++*text) {
		char c = **text;

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return value;
	}
}

static void set_name(struct space_map *map, const char *name, const char *end)
{
	size_t size = (size_t)(end - name);

	if (size >= sizeof(map->name))
		size = sizeof(map->name) - 1;
	memcpy(map->name, name, size);
	map->name[size] = '\0';
	map->is_heap = strcmp(map->name, "[heap]") == 0;
	map->is_stack = strcmp(map->name, "[stack]") == 0;
	map->is_anonymous = map->name[0] != '/';
	// Shared memory without a name, which forked children see too.
	if (strcmp(map->name, "/dev/zero (deleted)") == 0)
		map->is_private = true;
}

// "start-limit rwxp offset device inode    name", without its end of line.
static void add_line(struct space *space, const char *line, const char *end)
{
	struct space_map map = { .start = read_hex(&line) };
	struct space_map *maps;

	if (*line++ != '-')
		return;
	map.limit = read_hex(&line);
	if (end - line < 5)
		return;
	map.is_readable = line[1] == 'r';
	map.is_writable = line[2] == 'w';
	map.is_private = line[4] == 'p';
	line += 5;
	for (unsigned blanks = 0; line < end && (blanks < 4 || *line == ' '); line++)
		blanks += *line == ' ';
	set_name(&map, line, end);
	maps = pages_reserve(space->maps, &space->map_capacity, space->map_count + 1,
			     sizeof(map));
	if (maps == NULL) {
		space->is_out_of_memory = true;
		return;
	}
	space->maps = maps;
	space->maps[space->map_count++] = map;
}

// Takes all whole lines and moves the rest to the front; returns its size.
static size_t add_lines(struct space *space, char *text, size_t size)
{
	char *line = text, *end;

	while ((end = memchr(line, '\n', size - (size_t)(line - text))) != NULL) {
		*end = '\0';
		add_line(space, line, end);
		line = end + 1;
	}
	size -= (size_t)(line - text);
	memmove(text, line, size);
	return size == TEXT_SIZE ? 0 : size;
}

bool space_read(struct space *space)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	char *text = fd < 0 ? NULL : pages_map(TEXT_SIZE);
	size_t kept = 0;
	ssize_t got = -1;

	while (text != NULL && (got = read(fd, text + kept, TEXT_SIZE - kept)) > 0)
		kept = add_lines(space, text, kept + (size_t)got);
	pages_unmap(text, TEXT_SIZE);
	if (fd >= 0)
		close(fd);
	return got == 0 && !space->is_out_of_memory && space->map_count > 0;
}

void space_deinit(struct space *space)
{
	pages_release(space->maps, space->map_capacity, sizeof(*space->maps));
	pages_release(space->excluded, space->excluded_capacity,
		      sizeof(*space->excluded));
	*space = (struct space){ 0 };
}

const struct space_map *space_find(struct space *space, uint64_t address)
{
	const struct space_map *map = &space->maps[space->last];
	size_t low = 0, high = space->map_count;

	if (address - map->start < map->limit - map->start)
		return map;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->maps[middle].limit <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == space->map_count || space->maps[low].start > address)
		return NULL;
	space->last = low;
	return &space->maps[low];
}

void space_exclude(struct space *space, uint64_t start, uint64_t limit)
{
	struct space_range *last = space->excluded + space->excluded_count;
	struct space_range *ranges;

	// Mostly in order: what touches or repeats the one before is one with it.
	if (space->excluded_count > 0 && start >= last[-1].start &&
	    start <= last[-1].limit) {
		if (limit > last[-1].limit)
			last[-1].limit = limit;
		return;
	}
	ranges = pages_reserve(space->excluded, &space->excluded_capacity,
			       space->excluded_count + 1, sizeof(*ranges));
	if (ranges == NULL) {
		space->is_out_of_memory = true;
		return;
	}
	space->excluded = ranges;
	space->excluded[space->excluded_count++] = (struct space_range){ start, limit };
}

// By insertion: few, and nearly in order. Heaps come first, in the order of addresses.
static void sort_excluded(struct space *space)
{
	for (size_t i = 1; i < space->excluded_count; i++) {
		struct space_range range = space->excluded[i];
		size_t j = i;

		for (; j > 0 && space->excluded[j - 1].start > range.start; j--)
			space->excluded[j] = space->excluded[j - 1];
		space->excluded[j] = range;
	}
}

// Whether each of the pages from an address on is there or in swap; returns of how many
// that is known.
static size_t read_pages(int fd, uint64_t address, size_t count,
			 uint64_t entries[static PAGES_AT_ONCE])
{
	size_t wanted = count < PAGES_AT_ONCE ? count : PAGES_AT_ONCE;
	ssize_t got = fd < 0 ? -1
			     : pread(fd, entries, wanted * sizeof(*entries),
				     (off_t)(address / PAGE * sizeof(*entries)));

	if (got >= (ssize_t)sizeof(*entries))
		return (size_t)got / sizeof(*entries);
	// Not known: then all of them are.
	for (size_t i = 0; i < wanted; i++)
		entries[i] = UINT64_MAX;
	return wanted;
}

struct walk {
	struct space_visitor *visitor;
	const struct space_map *map;
	int pagemap;
};

// The runs of pages that were ever touched.
static void visit_touched(struct walk *walk, struct space_range range)
{
	static const uint64_t there = 3ull << 62; // present or swapped
	uint64_t entries[PAGES_AT_ONCE];
	uint64_t start = range.start, page = range.start & ~(uint64_t)(PAGE - 1);

	while (page < range.limit) {
		size_t count =
			read_pages(walk->pagemap, page,
				   (range.limit - page + PAGE - 1) / PAGE, entries);

		for (size_t i = 0; i < count; i++, page += PAGE) {
			if ((entries[i] & there) != 0)
				continue;
			if (start < page)
				walk->visitor->visit(walk->visitor, walk->map,
						     (struct space_range){ start, page });
			start = page + PAGE;
		}
	}
	if (start < range.limit)
		walk->visitor->visit(walk->visitor, walk->map,
				     (struct space_range){ start, range.limit });
}

static void visit_map(struct walk *walk, const struct space *space, size_t *excluded)
{
	uint64_t start = walk->map->start;

	while (*excluded < space->excluded_count &&
	       space->excluded[*excluded].limit <= start)
		++*excluded;
	for (size_t i = *excluded;
	     i < space->excluded_count && space->excluded[i].start < walk->map->limit;
	     i++) {
		const struct space_range *range = &space->excluded[i];

		if (range->start > start)
			visit_touched(walk, (struct space_range){ start, range->start });
		if (range->limit > start)
			start = range->limit;
	}
	if (start < walk->map->limit)
		visit_touched(walk, (struct space_range){ start, walk->map->limit });
}

void space_visit(struct space *space, struct space_visitor *visitor)
{
	struct walk walk = { .visitor = visitor,
			     .pagemap =
				     open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC) };
	size_t excluded = 0;

	sort_excluded(space);
	for (size_t i = 0; i < space->map_count; i++) {
		walk.map = &space->maps[i];
		if (walk.map->is_readable && walk.map->is_writable &&
		    walk.map->is_private)
			visit_map(&walk, space, &excluded);
	}
	if (walk.pagemap >= 0)
		close(walk.pagemap);
}
