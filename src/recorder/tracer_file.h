// The file of an allocation trace, which outlives the process however it ends.
#pragma once

#include <stdint.h>

struct trace_head;

// Makes the file that the settings name, or one with our process id behind that name, and
// maps it, zeroed. Its name and inode are kept in the recorder. NULL where that fails,
// which has been said on stderr. *recording_size is what its recording may take.
struct trace_head *tracer_file_map(uint64_t *size, uint64_t *recording_size);

// Cuts the file that tracer_file_map made to its final size.
void tracer_file_cut(uint64_t size);
