// The man page and the shell completion, from the same tables as the help.
#pragma once

// roff with man(7) macros, on stdout.
void manual_print_page(void);

// A completion function for bash, on stdout.
void manual_print_completion(void);
