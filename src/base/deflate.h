// Deflate (RFC 1951) at the speed and ratio of a first level, in pieces that are made
// apart, by several threads, and joined to one stream. (libdeflate ends every stream that
// it makes; what it makes cannot be joined.)
#pragma once

#include "base/str.h"

struct writer;

// Writes `bytes`, below 4 GiB, as blocks of which none is the last, ending on a whole
// byte. What is written for several inputs inflates to all of them in turn.
void deflate_piece(struct str bytes, struct writer *w);

// The empty last block behind the last piece.
void deflate_end(struct writer *w);
