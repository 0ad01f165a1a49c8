// Opens every process that is a Go program or has libgoprof in it, to see whether it can
// be asked.
#include "source/offers.h"

#include <stdlib.h>

#include "base/error.h"
#include "golang/process.h"
#include "source/capture_recorded.h"
#include "target/process.h"
#include "target/process_find.h"

static void add(struct offers *offers, const struct offer *offer)
{
	offers->items = table_reserve(offers->items, &offers->capacity, offers->count + 1,
				      sizeof(*offer));
	offers->items[offers->count++] = *offer;
}

static void look_at(struct offers *offers, int pid)
{
	struct offer offer = { .pid = pid, .class = CAPTURE_GO_LIVE };
	struct process_status status;
	struct capture_target target;
	struct error err;
	struct str url;
	bool is_go = go_process_is_go(pid, &offers->arena, &offer.version);

	if (!process_read_status(pid, &status) ||
	    (!is_go && !capture_recorded_find(pid, &offers->arena, &url)))
		return;
	offer.name = str_copy(&offers->arena, str_from(status.name));
	if (capture_open(pid, &target, &err)) {
		offer.class = target.class;
		offer.kinds = capture_kinds(target.class, &offers->arena);
		capture_close(&target);
	} else {
		offer.problem = str_copy(&offers->arena, str_from(err.text));
	}
	add(offers, &offer);
}

static int compare_pids(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return x < y ? -1 : x > y;
}

void offers_find(struct offers *out)
{
	struct process_ids ids = { 0 };

	*out = (struct offers){ 0 };
	process_find_all(&ids);
	if (ids.count > 0)
		qsort(ids.ids, ids.count, sizeof(int), compare_pids);
	for (size_t i = 0; i < ids.count; i++)
		look_at(out, ids.ids[i]);
	process_ids_deinit(&ids);
}

void offers_deinit(struct offers *offers)
{
	free(offers->items);
	arena_deinit(&offers->arena);
}
