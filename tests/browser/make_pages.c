// Writes the pages that the browser tests open, the folded stacks to check them by, and
// the profiles to serve.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "report/flame_html.h"
#include "report/folded.h"
#include "report/options.h"

enum { STACK_MAX = 4096 };

struct page {
	const char *folder, *name;
	struct profile *profile;
	struct profile_builder builder;
	uint32_t mappings[2]; // the program, the kernel
};

static void fail(const char *what)
{
	fprintf(stderr, "make_pages: %s\n", what);
	exit(1);
}

static struct page page_begin(const char *folder, const char *name)
{
	struct page page = { .folder = folder,
			     .name = name,
			     .profile = profile_create() };
	struct profile *profile = page.profile;

	profile_builder_init(&page.builder, profile);
	profile_builder_add_type(&page.builder, STR("samples"), STR("count"));
	profile_builder_add_type(&page.builder, STR("cpu"), STR("nanoseconds"));
	page.mappings[0] = profile_builder_add_mapping(
		&page.builder,
		(struct profile_mapping){
			.start = 0x1000,
			.limit = 0x2000000,
			.file = profile_intern(profile, STR("/usr/bin/shares")) });
	page.mappings[1] = profile_builder_add_mapping(
		&page.builder,
		(struct profile_mapping){
			.start = (uint64_t)1 << 63,
			.limit = UINT64_MAX,
			.file = profile_intern(profile, STR("[kernel.kallsyms]")) });
	profile->period_type.unit = profile_intern(profile, STR("nanoseconds"));
	profile->period = 10000000;
	profile->duration_ns = 2000000000;
	return page;
}

static uint32_t location_of(struct page *page, struct str name)
{
	struct profile *profile = page->profile;
	uint32_t id = profile_intern(profile, name);
	bool is_kernel = str_starts_with(name, STR("sys_"));
	uint32_t row = profile_builder_location(&page->builder, page->mappings[is_kernel],
						0x1000 + (uint64_t)id * 16);
	struct profile_line line = { .line = id };

	if (profile->locations[row].line_count > 0)
		return row;
	line.function = profile_builder_add_function(
		&page->builder,
		(struct profile_function){
			.name = id,
			.filename = profile_intern(profile, STR("shares.c")) });
	profile_builder_set_lines(&page->builder, row, &line, 1);
	return row;
}

// "main;work;copy", from the root.
static void sample_with(struct page *page, const char *stack, int64_t count,
			uint32_t labels)
{
	uint32_t locations[STACK_MAX];
	struct str rest = str_from(stack), name;
	size_t used = 0;

	while (used < STACK_MAX && str_cut(&rest, ';', &name))
		locations[STACK_MAX - 1 - used++] = location_of(page, name);
	profile_builder_append(&page->builder,
			       profile_builder_stack(&page->builder,
						     locations + STACK_MAX - used, used),
			       labels, (int64_t[]){ count, count * 10000000 });
}

static void sample(struct page *page, const char *stack, int64_t count)
{
	sample_with(page, stack, count, 0);
}

static void sample_labelled(struct page *page, const char *stack, int64_t count,
			    const char *tenant)
{
	const struct profile_label label = {
		.key = profile_intern(page->profile, STR("tenant")),
		.string = profile_intern(page->profile, str_from(tenant)),
	};

	sample_with(page, stack, count,
		    profile_builder_labels(&page->builder, &label, 1));
}

static void save(const struct page *page, const char *suffix, struct str bytes)
{
	char path[4096];
	struct error err;

	snprintf(path, sizeof(path), "%s/%s.%s", page->folder, page->name, suffix);
	if (!file_write(path, bytes, &err))
		fail(err.text);
}

static void page_end(struct page *page)
{
	struct report_options options = report_options_default();
	struct writer html = writer_to_memory(), folded = writer_to_memory();
	struct writer proto = writer_to_memory();
	struct error err;

	if (!flame_html_render(page->profile, &options, &html, &err) ||
	    !folded_render(page->profile, &options, &folded, &err))
		fail(err.text);
	save(page, "html", writer_contents(&html));
	save(page, "folded", writer_contents(&folded));
	proto_encode(page->profile, &proto);
	save(page, "pb", writer_contents(&proto));
	writer_deinit(&proto);
	writer_deinit(&html);
	writer_deinit(&folded);
	profile_builder_deinit(&page->builder);
	profile_destroy(page->profile);
}

static void write_shares(const char *folder)
{
	struct page page = page_begin(folder, "shares");

	sample(&page, "main;parse;lex", 30);
	sample(&page, "main;parse;parse;lex", 20);
	sample(&page, "main;write", 10);
	sample(&page, "main;write;sys_write", 20);
	sample(&page, "main;std::vector<int, std::allocator<int> >::grow(unsigned long)",
	       20);
	page_end(&page);
}

// Names met again at every depth, so that recursion is everywhere.
static void write_mixed(const char *folder)
{
	struct page page = page_begin(folder, "mixed");
	uint32_t random = 7;
	char stack[256];

	for (int i = 0; i < 400; i++) {
		size_t used = (size_t)snprintf(stack, sizeof(stack), "main");

		random = random * 1103515245u + 12345u;
		for (uint32_t bits = random >> 8; bits > 3; bits /= 3)
			used += (size_t)snprintf(stack + used, sizeof(stack) - used,
						 ";pkg%u.f%u", bits % 3, bits % 7);
		sample(&page, stack, 1 + (int64_t)(random >> 28));
	}
	page_end(&page);
}

static void write_hostile(const char *folder)
{
	struct page page = page_begin(folder, "hostile");
	static char longest[10001];

	memset(longest, 'x', sizeof(longest) - 1);
	sample(&page, "</script><script>window.pwned=1</script>", 10);
	sample(&page, "\"><img src=x onerror=window.pwned=1>", 10);
	sample(&page, "\xe2\x80\xaegnp.exe\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", 10);
	sample(&page, "broken \xff\xfe utf-8 \x01 and\nlines", 10);
	sample(&page, longest, 10);
	sample(&page, "<!--<script>", 10);
	sample(&page, "__proto__;constructor;toString", 10);
	page_end(&page);
}

static void write_small(const char *folder)
{
	struct page empty = page_begin(folder, "empty");
	struct page one = page_begin(folder, "one");

	page_end(&empty);
	sample(&one, "main", 1);
	page_end(&one);
}

static void write_deep(const char *folder)
{
	struct page page = page_begin(folder, "deep");
	static char stack[STACK_MAX * 3];
	size_t used = 0;

	for (int i = 0; i < 3000; i++)
		used += (size_t)snprintf(stack + used, sizeof(stack) - used, "%sf%d",
					 i == 0 ? "" : ";", i % 9);
	sample(&page, stack, 5);
	page_end(&page);
}

// What became of "shares": more, less, gone, new, and a change that chance explains.
static void write_changed(const char *folder)
{
	struct page page = page_begin(folder, "changed");

	sample(&page, "main;parse;lex", 90);
	sample(&page, "main;parse;parse;lex", 22);
	sample(&page, "main;write", 1);
	sample(&page, "main;flush", 40);
	sample(&page, "main;std::vector<int, std::allocator<int> >::grow(unsigned long)",
	       22);
	page_end(&page);
}

static void write_labelled(const char *folder)
{
	struct page page = page_begin(folder, "labelled");

	sample_labelled(&page, "main;serve", 60, "ant");
	sample_labelled(&page, "main;serve", 30, "bee <b>");
	sample(&page, "main;idle", 10);
	page_end(&page);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		fail("usage: make_pages FOLDER");
	write_shares(argv[1]);
	write_mixed(argv[1]);
	write_hostile(argv[1]);
	write_small(argv[1]);
	write_deep(argv[1]);
	write_labelled(argv[1]);
	write_changed(argv[1]);
	return 0;
}
