// Adds up stacks, in threads where that pays.
#include "report/weigh.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "profile/profile.h"
#include "report/number.h"

enum { THREADS_MAX = 8, FRAMES_PER_THREAD = 2000000 };

// What the inner loop touches, apart from the rest of a node's value.
struct running_cum {
	int64_t cum;
	uint32_t stamp; // the stack that was counted last, + 1
};

// Stacks [from, to) for one thread.
struct share {
	const struct graph *graph;
	const uint32_t *only; // by location: its node where there is just one
	uint32_t from, to;
	struct running_cum *cums; // by node
	int64_t *flats;
	pthread_t thread;
};

static inline void count(struct running_cum *cum, uint32_t stack, int64_t weight)
{
	if (cum->stamp == stack + 1)
		return;
	cum->stamp = stack + 1;
	cum->cum = number_add(cum->cum, weight);
}

static void weigh_stack(const struct share *share, uint32_t stack)
{
	const struct nodes *nodes = &share->graph->nodes;
	struct profile_stack_view view = profile_stack(share->graph->profile, stack);
	int64_t weight = share->graph->weights.values[stack];
	uint32_t leaf;

	for (size_t i = 0; i < view.count; i++) {
		uint32_t location = view.locations[i], node = share->only[location];

		if (node != NODE_NONE) {
			count(&share->cums[node], stack, weight);
			continue;
		}
		for (uint32_t j = nodes->first[location]; j < nodes->first[location + 1];
		     j++)
			count(&share->cums[nodes->list[j]], stack, weight);
	}
	if (view.count == 0)
		return;
	leaf = nodes->list[nodes->first[view.locations[0]]];
	share->flats[leaf] = number_add(share->flats[leaf], weight);
}

static void *weigh_share(void *argument)
{
	struct share *share = argument;

	for (uint32_t stack = share->from; stack < share->to; stack++) {
		if (share->graph->weights.is_seen[stack] != 0)
			weigh_stack(share, stack);
	}
	return NULL;
}

static void *zeroed(size_t count, size_t size)
{
	void *block = calloc(count + 1, size);

	if (block == NULL)
		arena_out_of_memory(count * size);
	return block;
}

static uint32_t *find_single_nodes(const struct graph *graph)
{
	const struct nodes *nodes = &graph->nodes;
	size_t locations = graph->profile->location_count;
	uint32_t *only = zeroed(locations, sizeof(*only));

	for (size_t i = 0; i < locations; i++)
		only[i] = nodes->first[i] + 1 == nodes->first[i + 1]
				  ? nodes->list[nodes->first[i]]
				  : NODE_NONE;
	return only;
}

static size_t choose_threads(const struct profile *profile)
{
	size_t wanted = profile->stacks.location_count / FRAMES_PER_THREAD + 1;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (processors > 0 && wanted > (size_t)processors)
		wanted = (size_t)processors;
	return wanted < THREADS_MAX ? wanted : THREADS_MAX;
}

// Equal numbers of frames, not of stacks, to each thread.
static uint32_t share_end(const struct profile *profile, size_t index, size_t threads)
{
	const struct profile_stacks *stacks = &profile->stacks;
	uint64_t frames = stacks->location_count / threads * (index + 1);
	uint32_t low = 0, high = (uint32_t)stacks->count;

	if (index + 1 == threads)
		return high;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (stacks->offsets[middle] < frames)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void take_results(struct graph *graph, struct share *share)
{
	for (size_t i = 0; i < graph->node_count; i++) {
		struct graph_value *value = &graph->values[i];

		value->cum = number_add(value->cum, share->cums[i].cum);
		value->flat = number_add(value->flat, share->flats[i]);
	}
	free(share->cums);
	free(share->flats);
}

// Means need the same sums of another column.
static void weigh_column(struct graph *graph, const uint32_t *only)
{
	size_t threads = choose_threads(graph->profile);
	struct share shares[THREADS_MAX];
	bool is_started[THREADS_MAX] = { false };
	uint32_t from = 0;

	for (size_t i = 0; i < threads; i++) {
		shares[i] = (struct share){
			.graph = graph,
			.only = only,
			.from = from,
			.to = share_end(graph->profile, i, threads),
			.cums = zeroed(graph->node_count, sizeof(struct running_cum)),
			.flats = zeroed(graph->node_count, sizeof(int64_t)),
		};
		from = shares[i].to;
		is_started[i] = i > 0 && pthread_create(&shares[i].thread, NULL,
							weigh_share, &shares[i]) == 0;
	}
	for (size_t i = 0; i < threads; i++) {
		if (!is_started[i])
			(void)weigh_share(&shares[i]);
	}
	for (size_t i = 0; i < threads; i++) {
		if (is_started[i])
			pthread_join(shares[i].thread, NULL);
		take_results(graph, &shares[i]);
	}
}

static void swap_columns(struct graph *graph)
{
	int64_t *values = graph->weights.values;

	graph->weights.values = graph->weights.divisors;
	graph->weights.divisors = values;
	for (size_t i = 0; i < graph->node_count; i++) {
		struct graph_value *value = &graph->values[i];

		*value = (struct graph_value){
			.flat = value->flat_divisor,
			.cum = value->cum_divisor,
			.flat_divisor = value->flat,
			.cum_divisor = value->cum,
		};
	}
}

void weigh_nodes(struct graph *graph)
{
	uint32_t *only = find_single_nodes(graph);

	weigh_column(graph, only);
	if (graph->weights.divisors != NULL) {
		swap_columns(graph);
		weigh_column(graph, only);
		swap_columns(graph);
	}
	free(only);
}
