// dlopen SECONDS LIBRARY: code that is mapped only when the program has run for a while.
#include <dlfcn.h>

#include "truth.h"

typedef uint64_t plugin_function(uint64_t x, uint64_t n);

static int64_t before_ns, plugin_ns;

APART uint64_t before_loading(uint64_t x, uint64_t n)
{
	return truth_work(x, n);
}

APART uint64_t call_plugin(plugin_function *plugin, uint64_t x, uint64_t n)
{
	return plugin(x, n) + 1;
}

int main(int argc, char **argv)
{
	int64_t start = truth_now(), budget = truth_budget(argc, argv), at = start;
	uint64_t x = 1;

	while (truth_now() < start + budget * 3 / 10) {
		x = before_loading(x, truth_round(x));
		at = truth_lap(&before_ns, at);
	}
	void *library = argc > 2 ? dlopen(argv[2], RTLD_NOW) : NULL;
	if (library == NULL) {
		fprintf(stderr, "dlopen: %s\n", argc > 2 ? dlerror() : "which library?");
		return 1;
	}
	plugin_function *plugin = (plugin_function *)dlsym(library, "plugin_work");
	at = truth_now();
	while (truth_now() < start + budget) {
		x = call_plugin(plugin, x, truth_round(x));
		at = truth_lap(&plugin_ns, at);
	}
	truth_print("before_loading", before_ns);
	truth_print("call_plugin", plugin_ns);
	return truth_finish(x);
}
