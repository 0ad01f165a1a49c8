// Chooses, groups and draws label boxes.
#include "report/dot_boxes.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/writer.h"
#include "profile/unit.h"
#include "report/node_tags.h"
#include "report/number.h"
#include "report/report.h"

// A box: one tag, or several numbers that are near each other.
struct box {
	struct str text;
	int64_t number;
	int64_t flat, cum, flat_divisor, cum_divisor;
	int64_t least, most; // of the numbers
	bool is_group;
};

struct box_list {
	struct box *boxes;
	size_t count;
};

struct box_painter {
	struct writer *w;
	const struct report *report;
	const struct node_tags *tags;
	struct arena *arena;
	struct str unit; // of the numbers
	uint32_t node;
	bool is_leaf; // values of callees that are left out belong to it
	bool has_any;
};

static uint64_t magnitude(int64_t value)
{
	return (uint64_t)number_abs(value);
}

static int compare_flat(const void *left, const void *right)
{
	const struct box *a = left, *b = right;

	if (magnitude(a->flat) != magnitude(b->flat))
		return magnitude(a->flat) > magnitude(b->flat) ? -1 : 1;
	return str_compare(a->text, b->text);
}

static int compare_cum(const void *left, const void *right)
{
	const struct box *a = left, *b = right;

	if (magnitude(a->cum) != magnitude(b->cum))
		return magnitude(a->cum) > magnitude(b->cum) ? -1 : 1;
	return compare_flat(left, right);
}

static void sort(const struct box_painter *painter, struct box_list *list)
{
	if (list->count > 0)
		qsort(list->boxes, list->count, sizeof(*list->boxes),
		      painter->is_leaf ? compare_cum : compare_flat);
}

enum box_kind { BOX_STRING, BOX_NUMBER };

// The heavy tags of the node: strings, or the numbers beside one string.
static struct box_list find_boxes(const struct box_painter *painter, enum box_kind kind,
				  uint32_t label)
{
	const struct node_tags *tags = painter->tags;
	struct node_tag_list found = node_tags_of(tags, painter->node);
	struct box_list list = {
		arena_array(painter->arena, found.count + 1, sizeof(struct box)), 0
	};

	for (size_t i = 0; i < found.count; i++) {
		const struct node_tag *tag = &found.tags[i];
		bool is_number = tag->text != 0;

		if (is_number != (kind == BOX_NUMBER) ||
		    (is_number && tag->label != label) ||
		    !node_tag_is_heavy(tag, painter->report->graph.node_cutoff))
			continue;
		list.boxes[list.count++] = (struct box){
			.text = tags->strings.strings[is_number ? tag->text : tag->label],
			.number = tag->number,
			.flat = tag->flat,
			.cum = tag->cum,
			.flat_divisor = tag->flat_divisor,
			.cum_divisor = tag->cum_divisor,
			.least = tag->number,
			.most = tag->number,
		};
	}
	sort(painter, &list);
	return list;
}

static void join(struct box *group, const struct box *box)
{
	group->flat = number_add(group->flat, box->flat);
	group->cum = number_add(group->cum, box->cum);
	group->flat_divisor = number_add(group->flat_divisor, box->flat_divisor);
	group->cum_divisor = number_add(group->cum_divisor, box->cum_divisor);
	group->least = box->number < group->least ? box->number : group->least;
	group->most = box->number > group->most ? box->number : group->most;
	group->is_group = true;
}

static uint64_t distance(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static size_t nearest(const struct box_list *groups, int64_t number)
{
	size_t best = 0;

	for (size_t i = 1; i < groups->count; i++) {
		if (distance(number, groups->boxes[i].number) <
		    distance(number, groups->boxes[best].number))
			best = i;
	}
	return best;
}

static void name_group(const struct box_painter *painter, struct box *box)
{
	struct str least =
		measure_label(painter->arena, box->least, painter->unit, STR("auto"));
	struct str most =
		measure_label(painter->arena, box->most, painter->unit, STR("auto"));

	if (box->is_group)
		box->text = str_format(painter->arena, "%.*s..%.*s", (int)least.n,
				       least.p, (int)most.n, most.p);
	else
		box->text = least;
	box->flat = number_mean(box->flat, box->flat_divisor);
	box->cum = number_mean(box->cum, box->cum_divisor);
	box->flat_divisor = box->cum_divisor = 0;
}

// Puts all numbers but the heaviest few to the nearest of those.
static void collapse(const struct box_painter *painter, struct box_list *list)
{
	struct box_list groups = { list->boxes, NODE_TAGS_BOXES };

	if (list->count <= NODE_TAGS_BOXES)
		return;
	for (size_t i = NODE_TAGS_BOXES; i < list->count; i++)
		join(&groups.boxes[nearest(&groups, list->boxes[i].number)],
		     &list->boxes[i]);
	for (size_t i = 0; i < groups.count; i++)
		name_group(painter, &groups.boxes[i]);
	sort(painter, &groups);
	*list = groups;
}

// The box "N<parent>_<index>" and the edge to it.
static void print_box(struct box_painter *painter, const char *parent, const char *name,
		      struct str text, int64_t value, const char *style)
{
	struct str weight = report_value(painter->report, painter->arena, value);
	int n = (int)weight.n;

	writer_format(painter->w, "%s [label = \"", name);
	writer_str(painter->w, text);
	writer_format(painter->w,
		      "\" id=\"%s\" fontsize=8 shape=box3d tooltip=\"%.*s\"]\n", name, n,
		      weight.p);
	writer_format(painter->w,
		      "%s -> %s [label=\" %.*s\" weight=100 tooltip=\"%.*s\" "
		      "labeltooltip=\"%.*s\"%s]\n",
		      parent, name, n, weight.p, n, weight.p, n, weight.p, style);
	painter->has_any = true;
}

static void print_numbers(struct box_painter *painter, const char *parent, uint32_t label)
{
	struct box_list list = find_boxes(painter, BOX_NUMBER, label);

	collapse(painter, &list);
	for (size_t i = 0; i < list.count; i++) {
		const struct box *box = &list.boxes[i];
		int64_t flat = number_mean(box->flat, box->flat_divisor);
		int64_t cum = number_mean(box->cum, box->cum_divisor);
		bool is_flat = !painter->is_leaf || flat == cum;
		char name[96];

		snprintf(name, sizeof(name), "N%s_%zu", parent, i);
		if ((is_flat ? flat : cum) != 0)
			print_box(painter, parent, name, box->text, is_flat ? flat : cum,
				  is_flat ? "" : " style=\"dotted\"");
	}
}

static void print_strings(struct box_painter *painter, const char *parent)
{
	struct box_list list = find_boxes(painter, BOX_STRING, 0);

	for (size_t i = 0; i < list.count && i < NODE_TAGS_BOXES; i++) {
		const struct box *box = &list.boxes[i];
		int64_t value = painter->is_leaf
					? number_mean(box->cum, box->cum_divisor)
					: number_mean(box->flat, box->flat_divisor);
		char name[64];

		if (value == 0)
			continue;
		snprintf(name, sizeof(name), "%s_%zu", parent, i);
		print_box(painter, parent, name, box->text, value, "");
		print_numbers(painter, name,
			      interner_find(&painter->tags->strings, box->text));
	}
}

bool dot_boxes_print(struct writer *w, const struct report *report, uint32_t node,
		     uint32_t number)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct node_tag_list tags = node_tags_of(report->tags, node);
	struct box_painter painter = {
		.w = w,
		.report = report,
		.tags = report->tags,
		.arena = &scratch,
		.node = node,
		.is_leaf = edges_out(&report->graph.edges, node).count == 0,
	};
	char parent[32];

	if (tags.count == 0)
		return false;
	painter.unit = tags.tags[0].unit;
	snprintf(parent, sizeof(parent), "N%u", number);
	print_strings(&painter, parent);
	print_numbers(&painter, parent, 0);
	return painter.has_any;
}
