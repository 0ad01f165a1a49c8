// What a dump is and how far to trust it: the first lines of every answer.
#pragma once

struct dominators;
struct heap;
struct json;
struct writer;

void summary_text(const struct heap *heap, const struct dominators *dominators,
		  struct writer *w);

// The members of an object that the caller has begun.
void summary_json(const struct heap *heap, const struct dominators *dominators,
		  struct json *json);
