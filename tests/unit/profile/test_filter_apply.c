// Every filter on small profiles whose answers are known.
#include "base/cleanup.h"
#include "base/error.h"
#include "profile/filter_apply.h"
#include "profile/profile.h"
#include "profile/prune.h"
#include "sketch.h"
#include "test.h"

static const char stacks[] = "main;a;b 1\n"
			     "main;a;c>d 2\n"
			     "main;b;a;b 4\n"
			     "start;e 8\n";

static const char labels[] = "m;a 1 user=ann size:512\n"
			     "m;b 2 user=bob size:2048\n"
			     "m;c 4 user=bob zone=eu\n"
			     "m;d 8\n";

struct told {
	char text[256];
};

static void tell(void *context, struct str sentence)
{
	struct told *told = context;
	size_t used = strlen(told->text);

	snprintf(told->text + used, sizeof(told->text) - used, "%.*s\n", (int)sentence.n,
		 sentence.p);
}

// Applies the options and compares what is left and what was told.
static void check(const char *text, struct filter_options options, const char *expected,
		  const char *told_expected)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct profile *profile = sketch_make(text);
	struct told told = { "" };
	struct error err;

	CHECK(filter_apply(profile, &options, &(struct filter_listener){ tell, &told },
			   &err));
	CHECK_STR(sketch_text(profile, &arena), expected);
	CHECK_STR(str_from(told.text), told_expected);
	profile_destroy(profile);
}

TEST(filter_focus_and_ignore)
{
	check(stacks, (struct filter_options){ .focus = STR("^a$") },
	      "main;a;b 1\nmain;a;c>d 2\nmain;b;a;b 4\n", "");
	check(stacks, (struct filter_options){ .focus = STR("d|e") },
	      "main;a;c>d 2\nstart;e 8\n", "");
	check(stacks, (struct filter_options){ .ignore = STR("^b$") },
	      "main;a;c>d 2\nstart;e 8\n", "");
	check(stacks, (struct filter_options){ .focus = STR("^a$"), .ignore = STR("c") },
	      "main;a;b 1\nmain;b;a;b 4\n", "");
	check(stacks, (struct filter_options){ .focus = STR("zz"), .ignore = STR("yy") },
	      "",
	      "Focus expression matched no samples\n"
	      "Ignore expression matched no samples\n");
	check(stacks, (struct filter_options){ .focus = STR("/bin/prog") }, stacks, "");
}

TEST(filter_hide_and_show)
{
	check(stacks, (struct filter_options){ .hide = STR("^[ac]$|e|start") },
	      "main;b 1\nmain;d 2\nmain;b;b 4\n", "");
	check(stacks, (struct filter_options){ .show = STR("^[ad]$") },
	      "a 1\na;d 2\na 4\n", "");
	check(stacks, (struct filter_options){ .hide = STR("q"), .show = STR("q") }, "",
	      "Hide expression matched no samples\n"
	      "Show expression matched no samples\n");
	check(stacks, (struct filter_options){ .hide = STR("prog") }, "", "");
}

TEST(filter_show_from)
{
	check(stacks, (struct filter_options){ .show_from = STR("^[bc]$") },
	      "b 1\nc>d 2\nb;a;b 4\n", "");
	check(stacks, (struct filter_options){ .show_from = STR("d") }, "d 2\n", "");
	check(stacks, (struct filter_options){ .show_from = STR("zz") }, "",
	      "ShowFrom expression matched no samples\n");
}

TEST(filter_prune_from)
{
	check(stacks, (struct filter_options){ .prune_from = STR("^[ac]$") },
	      "main;a 1\nmain;a;c 2\nmain;b;a 4\nstart;e 8\n", "");
}

TEST(filter_tagfocus_by_name)
{
	check(labels, (struct filter_options){ .tag_focus = STR("user=bob") },
	      "m;b 2 user=bob size:2048\nm;c 4 user=bob zone=eu\n", "");
	check(labels, (struct filter_options){ .tag_focus = STR("user:b,zone:eu") },
	      "m;c 4 user=bob zone=eu\n", "");
	check(labels, (struct filter_options){ .tag_focus = STR("user=x,a") },
	      "m;a 1 user=ann size:512\n", "");
	check(labels, (struct filter_options){ .tag_ignore = STR("bob") },
	      "m;a 1 user=ann size:512\nm;d 8\n", "");
	check(labels, (struct filter_options){ .tag_focus = STR("nokey=a") }, "",
	      "TagFocus expression matched no samples\n");
}

TEST(filter_tagfocus_by_range)
{
	const char *text = "m;a 1 bytes:512\nm;b 2 bytes:2048\nm;c 4 other:512\n";

	check(text, (struct filter_options){ .tag_focus = STR("bytes=1kb:") },
	      "m;b 2 bytes:2048\n", "tagfocus:Interpreted '1kb:' as range, not regexp\n");
	check(text, (struct filter_options){ .tag_ignore = STR("bytes=512b:2kb") },
	      "m;c 4 other:512\n",
	      "tagignore:Interpreted '512b:2kb' as range, not regexp\n");
	// What has no known unit is compared as it is.
	check(text, (struct filter_options){ .tag_focus = STR(":512b") },
	      "m;a 1 bytes:512\nm;c 4 other:512\n",
	      "tagfocus:Interpreted ':512b' as range, not regexp\n");
}

TEST(filter_tags_shown)
{
	check(labels, (struct filter_options){ .tag_show = STR("user") },
	      "m;a 1 user=ann\nm;b 2 user=bob\nm;c 4 user=bob\nm;d 8\n", "");
	check(labels, (struct filter_options){ .tag_hide = STR("size|zone") },
	      "m;a 1 user=ann\nm;b 2 user=bob\nm;c 4 user=bob\nm;d 8\n", "");
	check(labels,
	      (struct filter_options){ .tag_show = STR("qq"), .tag_hide = STR("rr") },
	      "m;a 1\nm;b 2\nm;c 4\nm;d 8\n",
	      "TagShow expression matched no samples\n"
	      "TagHide expression matched no samples\n");
}

TEST(filter_refuses_bad_expressions)
{
	static const struct filter_options options[] = {
		{ .focus = { "(", 1 } },
		{ .tag_focus = { "a=*", 3 } },
		{ .tag_hide = { "[", 1 } },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		CLEANUP_ARENA struct arena arena = { 0 };
		struct profile *profile = sketch_make(stacks);
		struct filter_listener listener = { tell, &(struct told){ "" } };
		struct error err;

		CHECK(!filter_apply(profile, &options[i], &listener, &err));
		CHECK(strstr(err.text, "regexp") != NULL);
		CHECK_STR(sketch_text(profile, &arena), stacks);
		profile_destroy(profile);
	}
}

TEST(prune_drop_frames)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct profile *profile = sketch_make("main;malloc;arena;lock 1\n"
					      "malloc;main;x>malloc>y 2\n"
					      "main;keep_malloc;z 4\n"
					      "main;malloc(int);z 8\n");
	struct error err;

	profile->drop_frames = profile_intern(profile, STR(".*malloc"));
	profile->keep_frames = profile_intern(profile, STR("keep_.*"));
	CHECK(prune_uninteresting(profile, &err));
	CHECK_STR(sketch_text(profile, &arena), "main 1\n"
						"malloc;main;x 2\n"
						"main;keep_malloc;z 4\n"
						"main 8\n");
	profile->drop_frames = profile_intern(profile, STR("("));
	CHECK(!prune_uninteresting(profile, &err));
	profile_destroy(profile);
}

TEST(prune_simplifies_names)
{
	CHECK_STR(prune_simplified_name(STR(".foo(int)")), "foo");
	CHECK_STR(prune_simplified_name(STR("(anonymous namespace)::f(int (*)())")),
		  "(anonymous namespace)::f");
	CHECK_STR(prune_simplified_name(STR("A::operator()(B)")), "A::operator()");
	CHECK_STR(prune_simplified_name(STR("")), "");
}
