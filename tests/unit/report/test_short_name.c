// Names cut for pictures.
#include "report/short_name.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "test.h"

TEST(short_name_of_go)
{
	CLEANUP_ARENA struct arena a = { 0 };

	CHECK_STR(short_name(&a, STR("github.com/a/b/v12/pkg.(*T).M")), "pkg.(*T).M");
	CHECK_STR(short_name(&a, STR("encoding/json.Marshal")), "json.Marshal");
	CHECK_STR(short_name(&a, STR("example.com/m/v2.F")), "m.F");
	CHECK_STR(short_name(&a, STR("main.main")), "main.main");
	CHECK_STR(short_name(&a, STR("a.b/v1/c.F")), "c.F");
}

TEST(short_name_of_java)
{
	CLEANUP_ARENA struct arena a = { 0 };

	CHECK_STR(short_name(&a, STR("java.util.HashMap.put(Object)")), "HashMap.put");
	CHECK_STR(short_name(&a, STR("com.example.Foo$Bar.<init>")), "Foo$Bar.<init>");
}

TEST(short_name_of_cpp)
{
	CLEANUP_ARENA struct arena a = { 0 };

	CHECK_STR(short_name(&a, STR("a::b::Class::method<int>")), "Class::method<int>");
	CHECK_STR(short_name(&a, STR("(anonymous namespace)::f")), "f");
	CHECK_STR(short_name(&a, STR("std::sort")), "std::sort");
	CHECK_STR(short_name(&a, STR("ns::Foo::~Foo")), "Foo::~Foo");
}
