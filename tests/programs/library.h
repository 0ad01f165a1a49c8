// What library.c exports.
#pragma once

#include <stdint.h>

uint64_t tiny_step(uint64_t x);
uint64_t plugin_work(uint64_t x, uint64_t n);
