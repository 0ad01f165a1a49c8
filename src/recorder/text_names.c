// Addresses sorted by module, then one pass over the symbols of each.
#include "recorder/text_names.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pages.h"
#include "binary/radix.h"
#include "binary/symbol_scan.h"
#include "profile/recording.h"

// Room for the addresses of one module at a time.
struct lookup {
	struct radix_item *items, *spare;
	struct symbol_scan_query *queries;
	size_t capacity, count;
};

static size_t at_least_one(size_t count)
{
	return count == 0 ? 1 : count;
}

void text_names_init(struct text_names *text, const struct recording *recording)
{
	*text = (struct text_names){ .found = NULL };
	recording_names_init(&text->names, recording);
}

void text_names_deinit(struct text_names *text)
{
	for (size_t i = 0; i < text->image_count; i++) {
		if (text->images[i].n > 0)
			munmap((void *)(uintptr_t)text->images[i].p, text->images[i].n);
	}
	pages_release(text->images, at_least_one(text->names.module_count),
		      sizeof(*text->images));
	pages_release(text->found, at_least_one(text->found_count), sizeof(*text->found));
	recording_names_deinit(&text->names);
}

void text_names_note(struct text_names *text, uint64_t address, uint32_t epoch)
{
	recording_names_location(&text->names, address, epoch);
}

static struct str map_file(struct str path)
{
	char terminated[600];
	struct str image = STR("");
	struct stat status;
	int fd;

	snprintf(terminated, sizeof(terminated), "%.*s", (int)path.n, path.p);
	fd = open(terminated, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return image;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
		void *bytes =
			mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

		if (bytes != MAP_FAILED)
			image = (struct str){ bytes, (size_t)status.st_size };
	}
	close(fd);
	return image;
}

// The locations of a module, by address in the file.
static void collect(struct text_names *text, uint64_t module_id, struct str image,
		    struct lookup *lookup)
{
	const struct recording_module *module = text->names.modules[module_id - 1].module;

	lookup->count = 0;
	for (size_t i = 0; i < text->names.location_count; i++) {
		const struct recording_location *location = &text->names.locations[i];
		uint64_t address;

		if (recording_names_mapping(&text->names, location) != module_id)
			continue;
		text->found[i].file = recording_text(text->names.recording, module->path);
		if (symbol_scan_address(
			    image, location->address - module->start + module->offset,
			    &address))
			lookup->items[lookup->count++] =
				(struct radix_item){ address, (uint32_t)i };
	}
	radix_sort(lookup->items, lookup->spare, lookup->count);
}

static void look_up_module(struct text_names *text, uint64_t module_id, struct str image,
			   struct lookup *lookup)
{
	collect(text, module_id, image, lookup);
	for (size_t i = 0; i < lookup->count; i++)
		lookup->queries[i] =
			(struct symbol_scan_query){ .address = lookup->items[i].key };
	symbol_scan(image, lookup->queries, lookup->count);
	for (size_t i = 0; i < lookup->count; i++) {
		struct text_name *name = &text->found[lookup->items[i].value];

		name->function = lookup->queries[i].name;
		if (name->function.n > 0)
			name->offset =
				lookup->queries[i].address - lookup->queries[i].start;
	}
}

static void look_up_all(struct text_names *text, struct lookup *lookup)
{
	for (size_t i = 0; i < text->names.module_count; i++) {
		const struct recording_module *module = text->names.modules[i].module;

		text->images[i] =
			map_file(recording_text(text->names.recording, module->path));
		text->image_count = i + 1;
		look_up_module(text, i + 1, text->images[i], lookup);
	}
}

bool text_names_look_up(struct text_names *text)
{
	size_t count = at_least_one(text->names.location_count);
	struct lookup lookup = {
		.items = pages_map(count * sizeof(*lookup.items)),
		.spare = pages_map(count * sizeof(*lookup.spare)),
		.queries = pages_map(count * sizeof(*lookup.queries)),
	};
	bool has_room;

	text->found = pages_map(count * sizeof(*text->found));
	text->images =
		pages_map(at_least_one(text->names.module_count) * sizeof(*text->images));
	text->found_count = text->found == NULL ? 0 : text->names.location_count;
	has_room = lookup.items != NULL && lookup.spare != NULL &&
		   lookup.queries != NULL && text->found != NULL &&
		   text->images != NULL && !text->names.is_out_of_memory;
	if (has_room)
		look_up_all(text, &lookup);
	pages_release(lookup.items, count, sizeof(*lookup.items));
	pages_release(lookup.spare, count, sizeof(*lookup.spare));
	pages_release(lookup.queries, count, sizeof(*lookup.queries));
	return has_room;
}

struct text_name text_names_of(struct text_names *text, uint64_t address, uint32_t epoch)
{
	uint64_t id = recording_names_location(&text->names, address, epoch);

	// An address that comes late has no row.
	return id == 0 || id > text->found_count ? (struct text_name){ .offset = 0 }
						 : text->found[id - 1];
}
