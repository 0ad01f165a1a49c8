// The cleanup attributes that make early return always safe.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"

static inline void cleanup_fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_file_close(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

static inline void cleanup_block_free(void *block)
{
	free(*(void **)block);
}

// A descriptor (-1 is none), a FILE, a malloc'ed block, an arena: released at scope end.
#define CLEANUP_FD    __attribute__((cleanup(cleanup_fd_close)))
#define CLEANUP_FILE  __attribute__((cleanup(cleanup_file_close)))
#define CLEANUP_FREE  __attribute__((cleanup(cleanup_block_free)))
#define CLEANUP_ARENA __attribute__((cleanup(arena_deinit)))
