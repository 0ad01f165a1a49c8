// The generated table behind layout.h, oldest release first.
#pragma once

#include "golang/layout.h"

extern const struct go_layout go_layout_table[];
extern const size_t go_layout_table_count;
