// Finds the layout of a release in the generated table.
#include "golang/layout.h"

#include "golang/layout_table.h"

static bool covers(const struct go_layout *layout, struct go_version version)
{
	return go_version_compare(layout->first, version) <= 0 &&
	       go_version_compare(version, layout->last) <= 0;
}

const struct go_layout *go_layout_find(struct go_version version)
{
	if (version.is_prerelease || version.has_experiment)
		return NULL;
	for (size_t i = 0; i < go_layout_table_count; i++)
		if (covers(&go_layout_table[i], version))
			return &go_layout_table[i];
	return NULL;
}

bool go_layout_is_measured(const struct go_layout *layout, struct go_version version)
{
	return go_version_compare(version, layout->measured) <= 0;
}

struct go_version go_layout_oldest(void)
{
	return go_layout_table[0].first;
}

struct go_version go_layout_newest(void)
{
	return go_layout_table[go_layout_table_count - 1].measured;
}
