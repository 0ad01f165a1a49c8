// Talk on stderr: "goprof: ..." lines for people, never data.
#pragma once

void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Shown only when GOPROF_DEBUG is set in the environment.
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
