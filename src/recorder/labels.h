// The labels of the calling thread, as a chain of label sets in the recording.
#pragma once

#include <stdbool.h>

#include "base/str.h"

enum { LABELS_MAX = 32 };

enum labels_result { LABELS_DONE, LABELS_TOO_MANY, LABELS_NO_ROOM };

// Adds a label to those of this thread.
enum labels_result labels_push(struct str key, struct str value);

// Takes off the newest one.
void labels_pop(void);
