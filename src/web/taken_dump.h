// Heap dumps that are taken of live processes at a click: a file for as long as the
// server runs, to be saved or looked at in the pages on heap dumps.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct error;
struct http_request;
struct http_ticket;
struct recording;
struct site;

bool taken_dump_is_kind(const char *kind);

// Makes a folder for the file, which only this user may enter.
bool taken_dump_begin(struct recording *recording, struct error *err)
	__attribute__((warn_unused_result));

// Copies the process and writes the file; runs in the child.
bool taken_dump_write(const struct recording *recording, struct error *err)
	__attribute__((warn_unused_result));

// Bytes of it that were written so far.
uint64_t taken_dump_size(const struct recording *recording);

// Ends its pages and removes the file; nothing where there is none.
void taken_dump_forget(struct recording *recording);

// Answers "/api/dump?id=" (the file) and "/api/open" (POST: begins the pages, whose
// address is in the state once they are there). False where the path is neither.
bool taken_dump_serve(struct site *site, const struct http_request *request,
		      struct http_ticket ticket);
