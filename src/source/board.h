// The recordings of a command and its children, in a file that outlives them all, and the
// profiles they come to.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;
struct profile;
struct recording_board;

// Owns the descriptor and the mapping of its head.
struct board {
	int fd;
	size_t size;
	struct recording_board *head;
};

enum { BOARD_PATH_SIZE = 64 };

// Makes a file in memory with room for many processes; it takes up what is written.
bool board_open(struct board *out, struct error *err) __attribute__((warn_unused_result));
void board_close(struct board *board);

// Where other processes open it, while this one lives.
void board_path(const struct board *board, char path[BOARD_PATH_SIZE]);

// How many processes recorded anything, and how many found no place.
size_t board_process_count(const struct board *board);
size_t board_missed_count(const struct board *board);

// The profile of that name, of all processes: merged, with the labels pid and process
// where they are several, symbolized.
bool board_read(const struct board *board, struct str name, struct profile **out,
		struct error *err) __attribute__((warn_unused_result));
