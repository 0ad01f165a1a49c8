// Addresses keep their row, so memory is bounded by how many there were.
#include "profile/trace_ledger.h"

#include <stdlib.h>

#include "base/arena.h"

// Searching for the block around an address looks at all of them.
enum { SEARCHES_MAX = 64 };

void trace_ledger_deinit(struct trace_ledger *ledger)
{
	free(ledger->blocks);
	free(ledger->sites);
	free(ledger->wrong);
	map_deinit(&ledger->block_of);
	map_deinit(&ledger->site_of);
	map_deinit(&ledger->size_of);
}

static uint32_t size_id(struct trace_ledger *ledger, uint64_t size)
{
	uint32_t *place = map_put(&ledger->size_of, size);

	if (*place == MAP_NONE)
		*place = ledger->sizes++;
	return *place;
}

static uint32_t site_of(struct trace_ledger *ledger, const struct trace_record *record)
{
	uint64_t key = (uint64_t)record->stack << 32 | size_id(ledger, record->size);
	uint32_t *place = map_put(&ledger->site_of, key);

	if (*place == MAP_NONE) {
		*place = (uint32_t)ledger->site_count;
		ledger->sites =
			table_reserve(ledger->sites, &ledger->site_capacity,
				      ledger->site_count + 1, sizeof(*ledger->sites));
		ledger->sites[ledger->site_count++] = (struct trace_site){
			.size = record->size,
			.stack = record->stack,
			.event = record->event,
		};
	}
	return *place;
}

static struct trace_block *block_of(struct trace_ledger *ledger, uint64_t address)
{
	uint32_t *place = map_put(&ledger->block_of, address);

	if (*place == MAP_NONE) {
		*place = (uint32_t)ledger->block_count;
		ledger->blocks =
			table_reserve(ledger->blocks, &ledger->block_capacity,
				      ledger->block_count + 1, sizeof(*ledger->blocks));
		ledger->blocks[ledger->block_count++] =
			(struct trace_block){ .address = address };
	}
	return &ledger->blocks[*place];
}

static void end_block(struct trace_ledger *ledger, struct trace_block *block)
{
	block->is_live = false;
	ledger->sites[block->site].freed++;
	ledger->live--;
	ledger->live_bytes -= block->size;
}

static const struct trace_block *add_allocation(struct trace_ledger *ledger,
						const struct trace_record *record,
						uint32_t tid)
{
	struct trace_block *block = block_of(ledger, record->address);
	uint32_t site = site_of(ledger, record);

	// Its free was not seen.
	if (block->is_live)
		end_block(ledger, block);
	*block = (struct trace_block){
		.address = record->address,
		.size = record->size,
		.allocated_ns = record->time_ns,
		.stack = record->stack,
		.tid = tid,
		.site = site,
		.is_live = true,
	};
	ledger->sites[site].allocated++;
	ledger->live++;
	ledger->live_bytes += record->size;
	if (ledger->live_bytes > ledger->most_live_bytes)
		ledger->most_live_bytes = ledger->live_bytes;
	return block;
}

static void add_wrong(struct trace_ledger *ledger, enum trace_fault fault,
		      const struct trace_record *record, uint32_t tid,
		      const struct trace_block *block)
{
	struct trace_wrong_free wrong = { fault,           record->stack,   tid,
					  record->address, record->time_ns, { 0 } };

	if (block != NULL)
		wrong.block = *block;
	ledger->wrong_total++;
	if (ledger->wrong_count == TRACE_WRONG_MAX)
		return;
	ledger->wrong = table_reserve(ledger->wrong, &ledger->wrong_capacity,
				      ledger->wrong_count + 1, sizeof(*ledger->wrong));
	ledger->wrong[ledger->wrong_count++] = wrong;
}

static const struct trace_block *find_around(const struct trace_ledger *ledger,
					     uint64_t address)
{
	for (size_t i = 0; i < ledger->block_count; i++) {
		const struct trace_block *block = &ledger->blocks[i];

		if (block->is_live && address > block->address &&
		    address - block->address < block->size)
			return block;
	}
	return NULL;
}

// A free of an address that was never allocated in sight.
static void add_stranger(struct trace_ledger *ledger, const struct trace_record *record,
			 uint32_t tid)
{
	const struct trace_block *around;

	if (record->event == TRACE_FREE_STACK) {
		add_wrong(ledger, TRACE_FAULT_STACK, record, tid, NULL);
		return;
	}
	around = ledger->unknown_frees < SEARCHES_MAX
			 ? find_around(ledger, record->address)
			 : NULL;
	if (around != NULL)
		add_wrong(ledger, TRACE_FAULT_INTERIOR, record, tid, around);
	else
		ledger->unknown_frees++;
}

static const struct trace_block *add_free(struct trace_ledger *ledger,
					  const struct trace_record *record, uint32_t tid)
{
	uint32_t row = map_get(&ledger->block_of, record->address);
	struct trace_block *block;

	if (row == MAP_NONE) {
		add_stranger(ledger, record, tid);
		return NULL;
	}
	block = &ledger->blocks[row];
	if (!block->is_live) {
		add_wrong(ledger, TRACE_FAULT_DOUBLE, record, tid, block);
		return block;
	}
	end_block(ledger, block);
	block->freed_ns = record->time_ns;
	block->free_stack = record->stack;
	block->free_tid = tid;
	return block;
}

const struct trace_block *trace_ledger_add(struct trace_ledger *ledger,
					   const struct trace_record *record,
					   uint32_t tid)
{
	bool is_allocation = trace_has_size(record->event);
	const struct trace_block *block = is_allocation
						  ? add_allocation(ledger, record, tid)
						  : add_free(ledger, record, tid);

	ledger->events[record->event]++;
	if (is_allocation)
		ledger->event_bytes[record->event] += record->size;
	return block;
}
