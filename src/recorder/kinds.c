// The table of profiles that can be turned on.
#include "recorder/kinds.h"

#include "recorder/block.h"
#include "recorder/cpu.h"
#include "recorder/heap.h"
#include "recorder/mutex.h"
#include "recorder/settings.h"
#include "recorder/tracer.h"

static uint64_t cpu_rate(const struct settings *settings)
{
	return settings->cpu_hz;
}

static uint64_t heap_rate(const struct settings *settings)
{
	return settings->heap_rate;
}

static uint64_t block_rate(const struct settings *settings)
{
	return settings->block_rate;
}

static uint64_t mutex_rate(const struct settings *settings)
{
	return settings->mutex_rate;
}

static uint64_t tracer_rate(const struct settings *settings)
{
	return settings->trace.n > 0;
}

const struct kind kinds[] = {
	{ "heap", heap_set_rate, heap_rate, heap_reset_child },
	{ "block", block_set_rate, block_rate, block_reset_child },
	{ "mutex", mutex_set_rate, mutex_rate, mutex_reset_child },
	{ "alloctrace", tracer_set_rate, tracer_rate, tracer_reset_child },
	{ "profile", cpu_set_rate, cpu_rate, cpu_reset_child },
};

const size_t kind_count = sizeof(kinds) / sizeof(kinds[0]);

const struct kind *kinds_find(struct str name)
{
	for (size_t i = 0; i < kind_count; i++) {
		if (str_equal(name, str_from(kinds[i].name)))
			return &kinds[i];
	}
	return NULL;
}
