// A large gzip file inflated by a thread of its own, ahead of who reads what is there.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct inflate_ahead;

enum inflate_ahead_input {
	INFLATE_AHEAD_BYTES,
	INFLATE_AHEAD_FILE, // pages of a mapped file: given back as they are read
};

// Starts with the bytes, which stay as they are until inflate_ahead_stop. NULL where it
// is not worth it or not to be done this way: no gzip, a small file, one processor.
struct inflate_ahead *inflate_ahead_start(struct str bytes,
					  enum inflate_ahead_input input);

// How many plain bytes there will be, as the file states it.
size_t inflate_ahead_size(const struct inflate_ahead *ahead);

// The plain bytes so far; waits until there are more than `known` of them, and lets the
// thread go some megabytes beyond those. As many as are known mean that there will be no
// more: the end, or a failure. They stay where they are. Who has read some may give their
// pages back to the kernel, but for the last INFLATE_AHEAD_WINDOW of those that are
// there.
enum { INFLATE_AHEAD_WINDOW = 32768 };
struct str inflate_ahead_wait(struct inflate_ahead *ahead, size_t known);

// Ends the thread and frees all. True when the whole file was inflated and is what its
// check sum says; else inflate_packed tells why not.
bool inflate_ahead_stop(struct inflate_ahead *ahead);
