// What the library has to say to the user of the program, on stderr.
#pragma once

// "libgoprof: " and one sentence. Not for signal handlers; no stdio stream is touched.
void talk(const char *format, ...) __attribute__((format(printf, 1, 2)));
