// A line on the terminal that counts while servers measure.
#pragma once

#include <stdbool.h>

#include "source/fetch.h"

// Draws nothing where stderr is no terminal.
struct fetch_progress_line {
	struct fetch_watch watch;
	bool is_terminal, is_drawn;
};

struct fetch_progress_line fetch_progress_line(void);
