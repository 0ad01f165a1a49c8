// Which kernel runs on this machine.
#pragma once

#include "base/str.h"

struct arena;

// Its GNU build id in lower-case hexadecimal, from /sys/kernel/notes; "" where it does
// not tell.
struct str kernel_id_running(struct arena *arena);
