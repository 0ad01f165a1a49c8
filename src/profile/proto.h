// profile.proto in and out (github.com/google/pprof/proto/profile.proto).
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;
struct writer;

// Decodes one profile in one pass; gzip and zstd are undone first. `bytes` is borrowed
// for the call (string views point into a copy or the inflated block that the profile
// owns). Dangling, zero or duplicate ids, lengths beyond the input and value counts that
// differ from the types are ERROR_FORMAT; ids are rows of the tables afterwards.
bool proto_decode(struct str bytes, struct profile **out, struct error *err)
	__attribute__((warn_unused_result));

// The same for a mapped file, whose pages are given back as they are read, so that
// neither the file nor its plain bytes are ever whole in memory. False where the file is
// small, or anything is unusual or wrong: proto_decode then tells what.
bool proto_decode_large_file(struct str mapped, struct profile **out)
	__attribute__((warn_unused_result));

// Whether the bytes may be a profile.proto at all: compressed, or a known first field.
bool proto_is_likely(struct str bytes);

// Encodes plain protobuf bytes into w (in memory or to a descriptor).
void proto_encode(const struct profile *profile, struct writer *w);

// The gzipped form that every tool reads, as pprof writes it.
void proto_encode_gzip(const struct profile *profile, struct writer *w);
