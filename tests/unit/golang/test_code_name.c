// Which names tracebacks show, and how.
#include "golang/code_name.h"

#include "base/arena.h"
#include "test.h"

static const struct go_version go1_19 = { .minor = 19 }, go1_22 = { .minor = 22 },
			       go1_26 = { .minor = 26 }, go1_27 = { .minor = 27 };

TEST(code_name_hides_what_is_internal_to_the_runtime)
{
	CHECK(code_name_is_shown(STR("main.main"), go1_19));
	CHECK(code_name_is_shown(STR("internal/runtime/maps.newTable"), go1_26));
	CHECK(!code_name_is_shown(STR("runtime.gopark"), go1_26));
	CHECK(code_name_is_shown(STR("runtime.Gosched"), go1_19));
	CHECK(!code_name_is_shown(STR("callback_c"), go1_19));
}

TEST(code_name_shows_exported_methods_since_1_23)
{
	CHECK(!code_name_is_shown(STR("runtime.(*Func).Entry"), go1_22));
	CHECK(code_name_is_shown(STR("runtime.(*Func).Entry"), go1_26));
	CHECK(!code_name_is_shown(STR("runtime.(*mheap).Entry"), go1_26));
	CHECK(!code_name_is_shown(STR("runtime.(*Func).entry"), go1_26));
}

TEST(code_name_shortens_type_arguments_since_1_21)
{
	struct arena arena = { 0 };

	CHECK_STR(code_name_shown(STR("main.f[...]"), go1_19, &arena), "main.f[...]");
	CHECK_STR(code_name_shown(STR("main.f[go.shape.int]"), go1_22, &arena),
		  "main.f[...]");
	CHECK_STR(code_name_shown(STR("main.(*list[go.shape.[]int]).take"), go1_26,
				  &arena),
		  "main.(*list[...]).take");
	arena_deinit(&arena);
}

TEST(code_name_keeps_both_brackets_of_generic_methods_since_1_27)
{
	struct arena arena = { 0 };

	CHECK_STR(code_name_shown(STR("main.(*T[a]).f[b].func1"), go1_27, &arena),
		  "main.(*T[...]).f[...].func1");
	CHECK_STR(code_name_shown(STR("main.(*T[a]).f[b].func1"), go1_26, &arena),
		  "main.(*T[...].func1");
	CHECK_STR(code_name_shown(STR("main.f[[]int]"), go1_27, &arena), "main.f[...]");
	arena_deinit(&arena);
}

TEST(code_name_knows_functions_by_name)
{
	CHECK(code_name_role(STR("runtime.gopanic")) == GO_ROLE_GOPANIC);
	CHECK(code_name_role(STR("main.gopanic")) == GO_ROLE_NONE);
	CHECK(code_name_role(STR("runtime.runfinq")) == GO_ROLE_RUN_FINALIZERS);
}
