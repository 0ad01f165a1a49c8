// What stands behind hooks where there is no loader to ask.
#pragma once

// glibc's own function of that name, NULL where it has none. Weak: it is there only in
// programs that are linked with -static and -Wl,-u,goprof_static.
__attribute__((weak, visibility("default"))) void *goprof_static(const char *name);
