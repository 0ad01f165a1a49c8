// Strings in double quotes, as Go prints them.
#pragma once

#include "base/str.h"

struct writer;

// As the runtime's printquoted: everything beyond ASCII is escaped.
void quote_write_runtime(struct writer *w, struct str s);

// As %q of fmt, but for characters that Unicode calls unprintable.
void quote_write(struct writer *w, struct str s);
