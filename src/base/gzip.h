// Gzip made by all processors at once.
#pragma once

struct pieces;
struct writer;

// What pieces_write writes, as one gzip member (RFC 1952). Larger by a tenth or so than
// what inflate_make_gzip makes of it, and many times faster.
void gzip_write(const struct pieces *pieces, struct writer *w);
