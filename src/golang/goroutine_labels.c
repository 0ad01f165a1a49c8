// Two layouts of label sets:
//
//   1.24 on: []struct{key, value string}
//   before:  map[string]string; the address is of a pointer to its hmap: count at 0, B
//            u8 at 9, buckets at 16; a bucket is u8 tophash[8], key[8], value[8],
//            overflow
//
// Source: src/runtime/pprof/label.go, src/runtime/map.go (1.19 to 1.23).
#include "golang/goroutine_labels.h"

#include <stdlib.h>
#include <string.h>

#include "golang/process.h"

enum {
	LABELS_LIMIT = 256,
	TEXT_LIMIT = 4096,
	STRING_SIZE = 16,
	PAIR_SIZE = 32,
	MAP_BUCKETS = 16,
	MAP_SHIFT = 9,
	BUCKET_ITEMS = 8,
	BUCKET_KEYS = 8,
	BUCKET_VALUES = BUCKET_KEYS + BUCKET_ITEMS * STRING_SIZE,
	BUCKET_OVERFLOW = BUCKET_VALUES + BUCKET_ITEMS * STRING_SIZE,
	BUCKET_SIZE = BUCKET_OVERFLOW + 8,
	TOPHASH_LEAST = 5, // of a slot in use
	SHIFT_LIMIT = 6,   // more buckets than LABELS_LIMIT could need
	OVERFLOW_LIMIT = 64,
};

// The set in work.
struct label_set {
	struct goroutine_labels *reader;
	struct go_label labels[LABELS_LIMIT];
	size_t count;
};

static struct str text_at(struct goroutine_labels *reader, uint64_t address)
{
	return go_process_read_string(reader->process, address, TEXT_LIMIT,
				      &reader->arena);
}

static void add(struct label_set *set, uint64_t key, uint64_t value)
{
	if (set->count < LABELS_LIMIT)
		set->labels[set->count++] =
			(struct go_label){ text_at(set->reader, key),
					   text_at(set->reader, value) };
}

static void read_list(struct label_set *set, uint64_t address)
{
	const struct go_process *process = set->reader->process;
	uint64_t array = go_process_read_number(process, address, 8);
	uint64_t count = go_process_read_number(process, address + 8, 8);

	for (uint64_t i = 0; i < count && i < LABELS_LIMIT; i++)
		add(set, array + i * PAIR_SIZE, array + i * PAIR_SIZE + STRING_SIZE);
}

static void read_bucket(struct label_set *set, uint64_t bucket)
{
	const struct go_process *process = set->reader->process;

	for (unsigned round = 0;
	     bucket != 0 && round < OVERFLOW_LIMIT && set->count < LABELS_LIMIT;
	     round++) {
		for (unsigned i = 0; i < BUCKET_ITEMS; i++) {
			if (go_process_read_number(process, bucket + i, 1) >=
			    TOPHASH_LEAST)
				add(set, bucket + BUCKET_KEYS + i * STRING_SIZE,
				    bucket + BUCKET_VALUES + i * STRING_SIZE);
		}
		bucket = go_process_read_number(process, bucket + BUCKET_OVERFLOW, 8);
	}
}

static void read_map(struct label_set *set, uint64_t address)
{
	const struct go_process *process = set->reader->process;
	uint64_t map = go_process_read_number(process, address, 8);
	uint64_t shift = go_process_read_number(process, map + MAP_SHIFT, 1);
	uint64_t buckets = go_process_read_number(process, map + MAP_BUCKETS, 8);

	if (map == 0 || buckets == 0 || shift > SHIFT_LIMIT)
		return;
	for (uint64_t i = 0; i < (uint64_t)1 << shift; i++)
		read_bucket(set, buckets + i * BUCKET_SIZE);
}

static int compare_keys(const void *a, const void *b)
{
	const struct go_label *x = a, *y = b;

	return str_compare(x->key, y->key);
}

static struct go_label_list read_set(struct goroutine_labels *reader, uint64_t address)
{
	struct label_set set = { .reader = reader };
	struct go_label *labels;

	if (reader->process->version.minor >= 24)
		read_list(&set, address);
	else
		read_map(&set, address);
	if (set.count == 0)
		return (struct go_label_list){ NULL, 0 };
	qsort(set.labels, set.count, sizeof(set.labels[0]), compare_keys);
	labels = arena_array(&reader->arena, set.count, sizeof(*labels));
	memcpy(labels, set.labels, set.count * sizeof(*labels));
	return (struct go_label_list){ labels, set.count };
}

struct go_label_list goroutine_labels_at(struct goroutine_labels *reader,
					 uint64_t address)
{
	uint32_t *row;

	if (address == 0)
		return (struct go_label_list){ NULL, 0 };
	row = map_put(&reader->rows, address);
	if (*row == MAP_NONE) {
		*row = (uint32_t)reader->count;
		reader->lists = table_reserve(reader->lists, &reader->capacity,
					      reader->count + 1, sizeof(*reader->lists));
		reader->lists[reader->count++] = read_set(reader, address);
	}
	return reader->lists[*row];
}

void goroutine_labels_deinit(struct goroutine_labels *reader)
{
	map_deinit(&reader->rows);
	free(reader->lists);
	arena_deinit(&reader->arena);
}
