// Adds up values by caller, and says how far a share can be trusted.
#include "report/hint_tally.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "report/number.h"

void hint_tally_deinit(struct hint_tally *tally)
{
	free(tally->callers);
	map_deinit(&tally->rows);
	*tally = (struct hint_tally){ 0 };
}

void hint_tally_add(struct hint_tally *tally, struct hint_amount amount)
{
	tally->value = number_add(tally->value, amount.value);
	tally->objects = number_add(tally->objects, amount.objects);
	if (amount.events <= 0)
		return;
	tally->events += amount.events;
	tally->squares += (double)amount.value * (double)amount.value / amount.events;
}

void hint_tally_blame(struct hint_tally *tally, const struct hint_caller *caller,
		      struct hint_amount amount)
{
	uint32_t *row = map_put(&tally->rows, caller->function);
	struct hint_caller *known;

	if (*row == MAP_NONE) {
		tally->callers =
			table_reserve(tally->callers, &tally->caller_capacity,
				      tally->caller_count + 1, sizeof(*tally->callers));
		*row = (uint32_t)tally->caller_count;
		known = &tally->callers[tally->caller_count++];
		*known = *caller;
		known->value = known->heaviest = 0;
	}
	known = &tally->callers[*row];
	if (amount.value > known->heaviest) {
		int64_t value = known->value;

		*known = *caller;
		known->value = value;
		known->heaviest = amount.value;
	}
	known->value = number_add(known->value, amount.value);
}

static int compare(const void *left, const void *right)
{
	const struct hint_caller *a = left, *b = right;

	if (a->value != b->value)
		return a->value > b->value ? -1 : 1;
	return a->function < b->function ? -1 : a->function > b->function;
}

void hint_tally_sort(struct hint_tally *tally)
{
	if (tally->caller_count > 0)
		qsort(tally->callers, tally->caller_count, sizeof(*tally->callers),
		      compare);
	// The rows no longer number the callers.
	map_deinit(&tally->rows);
	tally->rows = (struct map){ 0 };
}

struct hint_interval hint_interval_of(double share, double events)
{
	const double z = 1.959964;
	double scale = 1 + z * z / events;
	double middle = (share + z * z / (2 * events)) / scale;
	double half = z / scale *
		      sqrt(share * (1 - share) / events + z * z / (4 * events * events));

	return (struct hint_interval){ fmax(0, middle - half), fmin(1, middle + half) };
}

double hint_tally_effective(const struct hint_tally *all)
{
	if (all->squares <= 0)
		return 0;
	return (double)all->value * (double)all->value / all->squares;
}
