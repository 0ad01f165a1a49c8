// What each node of a flame has of each list of labels, for pages that filter and group
// by them without a server.
#pragma once

struct flame;
struct json;
struct str;

// The member "labels" of the open object, nothing where the samples have none:
//   keys   {"key", "values": [text, ...]} each
//   left   {"key", "count"} of keys that are left out for having too many values
//   sets   lists of labels: key, value, key, value, ... (rows of the two above)
//   parts  a string of numbers (flame_numbers.h), a record each, by node:
//            nodes on from the record before, set, value of each column
// and their count. The flame must have kept its stacks. `unit` is that of numeric values.
void flame_labels_write(const struct flame *flame, struct str unit, struct json *j);
