// Reads /proc, busiest first.
#include "web/process_list.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "target/capability.h"
#include "target/process.h"

enum { LISTED_MAX = 400 };

struct listed {
	int pid;
	struct process_status status;
};

struct process_list {
	struct listed *rows;
	size_t count, capacity;
};

static void add(struct process_list *list, int pid)
{
	struct listed row = { .pid = pid };

	if (!process_read_status(pid, &row.status) || row.status.state == 'Z')
		return;
	list->rows = table_reserve(list->rows, &list->capacity, list->count + 1,
				   sizeof(*list->rows));
	list->rows[list->count++] = row;
}

static void add_all(struct process_list *list)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		int64_t pid;

		if (str_to_i64(str_from(entry->d_name), 10, &pid) && pid != getpid())
			add(list, (int)pid);
	}
	if (folder != NULL)
		closedir(folder);
}

static int compare(const void *left, const void *right)
{
	const struct listed *a = left, *b = right;

	if (a->status.cpu_ns != b->status.cpu_ns)
		return a->status.cpu_ns > b->status.cpu_ns ? -1 : 1;
	return a->pid - b->pid;
}

static void write_row(const struct listed *row, struct json *j)
{
	json_object_begin(j);
	json_key_i64(j, "pid", row->pid);
	json_key_string(j, "name", str_from(row->status.name));
	json_key_i64(j, "user", row->status.user);
	json_key_i64(j, "threads", row->status.thread_count);
	json_key_double(j, "cpuSeconds", (double)row->status.cpu_ns / 1e9);
	json_key_bool(j, "canRecord", capability_try_user_events(row->pid) == 0);
	json_object_end(j);
}

void process_list_write(int pid, struct json *j)
{
	struct process_list list = { 0 };

	if (pid != 0)
		add(&list, pid);
	else
		add_all(&list);
	if (list.count > 1)
		qsort(list.rows, list.count, sizeof(*list.rows), compare);
	json_object_begin(j);
	json_key_i64(j, "count", (int64_t)list.count);
	json_key(j, "processes");
	json_array_begin(j);
	for (size_t i = 0; i < list.count && i < LISTED_MAX; i++)
		write_row(&list.rows[i], j);
	json_array_end(j);
	json_object_end(j);
	free(list.rows);
}
