// The processes that could be measured, as JSON. Names only: command lines and
// environments may hold secrets.
#pragma once

struct json;

// One object; `pid` alone where it is not 0.
void process_list_write(int pid, struct json *j);
