// One walk over everything that names strings, before anything is written.
#include "profile/proto_strings.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "profile/profile.h"

#define NOT_WRITTEN UINT32_MAX

static void use(struct proto_strings *strings, uint32_t id)
{
	if (strings->indices[id] != NOT_WRITTEN)
		return;
	strings->indices[id] = (uint32_t)strings->count;
	strings->written[strings->count++] = id;
}

static void use_type(struct proto_strings *strings, struct profile_value_type type)
{
	use(strings, type.type);
	use(strings, type.unit);
}

static void use_labels(struct proto_strings *strings, struct profile_labels_view set)
{
	for (size_t i = 0; i < set.count; i++) {
		use(strings, set.labels[i].key);
		use(strings, set.labels[i].string);
		use(strings, set.labels[i].unit);
	}
}

// Each list of labels once.
static void use_sample_labels(struct proto_strings *strings,
			      const struct profile *profile)
{
	uint8_t *is_seen = table_zeroed(profile->label_sets.count + 1, 1);

	for (size_t i = 0; i < profile->sample_count; i++) {
		uint32_t set = profile->sample_labels[i];

		if (is_seen[set] != 0)
			continue;
		is_seen[set] = 1;
		use_labels(strings, profile_labels(profile, set));
	}
	free(is_seen);
}

static void use_tables(struct proto_strings *strings, const struct profile *profile)
{
	for (size_t i = 0; i < profile->type_count; i++)
		use_type(strings, profile->types[i]);
	use_sample_labels(strings, profile);
	for (size_t i = 0; i < profile->mapping_count; i++) {
		use(strings, profile->mappings[i].file);
		use(strings, profile->mappings[i].build_id);
	}
	for (size_t i = 0; i < profile->function_count; i++) {
		use(strings, profile->functions[i].name);
		use(strings, profile->functions[i].system_name);
		use(strings, profile->functions[i].filename);
	}
}

static void use_head(struct proto_strings *strings, const struct profile *profile)
{
	use(strings, profile->drop_frames);
	use(strings, profile->keep_frames);
	use_type(strings, profile->period_type);
	for (size_t i = 0; i < profile->comment_count; i++)
		use(strings, profile->comments[i]);
	use(strings, profile->default_type);
	use(strings, profile->doc_url);
}

void proto_strings_init(struct proto_strings *strings, const struct profile *profile)
{
	size_t count = profile->strings.count;
	size_t indices_capacity = 0, written_capacity = 0;

	*strings = (struct proto_strings){
		.indices = table_reserve(NULL, &indices_capacity, count,
					 sizeof(*strings->indices)),
		.written = table_reserve(NULL, &written_capacity, count,
					 sizeof(*strings->written)),
	};
	memset(strings->indices, 0xff, count * sizeof(*strings->indices));
	use(strings, 0);
	use_tables(strings, profile);
	use_head(strings, profile);
}

void proto_strings_deinit(struct proto_strings *strings)
{
	free(strings->indices);
	free(strings->written);
	*strings = (struct proto_strings){ 0 };
}
