// A call tree as compact JSON: what the flame graph page decodes.
#pragma once

struct flame;
struct report_options;
struct writer;

// One object. Its strings are whole; its long columns are strings of varints, five bits a
// character (the alphabet of base64, 32 says that more follows):
//   frames    a record each: name, file, module (strings), first line, further lines,
//             kind, then flat and cum of each column
//   nodes     a record each, in preorder:
//               head   levels up from the node before * 16 + is a heap * 8
//                      + inlining * 2 + has own values
//               frame  (or, of a heap, how many nodes it stands for)
//               own value of each column
// Values are zigzag numbers. A value type with "times" has no column: it is that many
// times the first. Of a difference there are as many types again, marked "base": what the
// base had, while the others hold the difference. The flame must have sums and a share.
void flame_data_write(const struct flame *flame, const struct report_options *options,
		      struct writer *w);
