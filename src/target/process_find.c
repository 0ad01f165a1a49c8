// Searches /proc for a name.
#include "target/process_find.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/str.h"
#include "target/process.h"

enum { NAME_BYTES = 15, LISTED_MAX = 8 };

static bool has_name(int pid, const char *word)
{
	struct process_status status;

	return process_read_status(pid, &status) && status.state != 'Z' &&
	       strncmp(status.name, word, NAME_BYTES) == 0;
}

static bool refuse(const char *word, const struct process_ids *found, struct error *err)
{
	char list[128] = "";

	if (found->count == 0)
		return error_set(err, ERROR_NOT_FOUND,
				 "%s: no process of that name: try ps, or give its id",
				 word);
	for (size_t i = 0; i < found->count && i < LISTED_MAX; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), " %d",
			 found->ids[i]);
	return error_set(err, ERROR_USAGE,
			 "%s: %zu processes have that name; give one:%s", word,
			 found->count, list);
}

void process_find_all(struct process_ids *out)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		uint64_t pid;

		if (str_to_u64(str_from(entry->d_name), 10, &pid) && pid <= INT32_MAX &&
		    (int)pid != getpid())
			process_ids_add(out, (int)pid);
	}
	if (folder != NULL)
		closedir(folder);
}

static void search(const char *word, struct process_ids *found)
{
	struct process_ids all = { 0 };

	process_find_all(&all);
	for (size_t i = 0; i < all.count; i++) {
		if (has_name(all.ids[i], word))
			process_ids_add(found, all.ids[i]);
	}
	process_ids_deinit(&all);
}

bool process_find(const char *word, int *pid, struct error *err)
{
	struct process_ids found = { 0 };
	int64_t id;
	bool is_one;

	if (str_to_i64(str_from(word), 10, &id)) {
		if (id <= 0 || id > INT32_MAX || !process_is_alive((int)id))
			return error_set(err, ERROR_NOT_FOUND,
					 "process %s: no such process", word);
		*pid = (int)id;
		return true;
	}
	search(word, &found);
	is_one = found.count == 1;
	if (is_one)
		*pid = found.ids[0];
	else
		refuse(word, &found, err);
	process_ids_deinit(&found);
	return is_one;
}
