// Names as pprof's default, "templates" and "full" styles word them.
#include "base/cleanup.h"
#include "binary/demangle.h"
#include "test.h"

struct expectation {
	const char *symbol, *name;
};

static void check_all(const struct expectation *rows, size_t count,
		      enum demangle_style style)
{
	CLEANUP_ARENA struct arena arena = { 0 };

	for (size_t i = 0; i < count; i++)
		CHECK_STR(demangle(&arena, str_from(rows[i].symbol), style),
			  rows[i].name);
}

#define CHECK_ALL(rows, style) check_all(rows, sizeof(rows) / sizeof(*(rows)), style)

static const char vector_push[] = "_ZNSt6vectorIiSaIiEE9push_backEOi";
static const char nested_lambda[] = "_ZZN3foo3barEiENKUlPSt6vectorIiSaIiEEE_clES3_";

TEST(demangle_short_drops_parameters_and_template_arguments)
{
	static const struct expectation rows[] = {
		{ "main", "main" },
		{ vector_push, "std::vector::push_back" },
		{ nested_lambda, "foo::bar()::{lambda(std::vector*)#1}::operator()" },
		{ "_ZN12_GLOBAL__N_13runEv", "(anonymous namespace)::run" },
		{ "_ZlsIcERSoS0_T_", "operator<<" },
		{ "_ZltIiEbRKT_S2_", "operator<" },
		{ "_ZN1AcvT_IiEEv", "A::operator int" },
		{ "_ZNK1AptEv", "A::operator->" },
		{ "_ZN3fooD2Ev", "foo::~foo" },
		{ "_Z3fooi.constprop.0", "foo" },
		{ "_Z3fooi.isra.0.cold", "foo" },
		{ "foo.constprop.0", "foo.constprop.0" },
		{ "_ZThn8_N3Foo3barEi", "non-virtual thunk to Foo::bar(int)" },
		{ "__Z3foov", "foo" },
	};

	CHECK_ALL(rows, DEMANGLE_SHORT);
}

TEST(demangle_other_styles_keep_more)
{
	static const struct expectation templates[] = {
		{ vector_push, "std::vector<int, std::allocator<int> >::push_back" },
		{ "foo<int>(char)", "foo<int>" },
	};
	static const struct expectation full[] = {
		{ vector_push,
		  "std::vector<int, std::allocator<int> >::push_back(int&&)" },
		{ "_Z3fooi.constprop.0", "foo(int)" },
		{ "foo<int>(char)", "foo<int>(char)" },
	};
	static const struct expectation none[] = { { vector_push, vector_push } };

	CHECK_ALL(templates, DEMANGLE_TEMPLATES);
	CHECK_ALL(full, DEMANGLE_FULL);
	CHECK_ALL(none, DEMANGLE_NONE);
}

TEST(demangle_rust)
{
	static const struct expectation rows[] = {
		{ "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE",
		  "core::fmt::Formatter::pad" },
		{ "_ZN4core3fmt9Formatter3pad17h0123456789abcdefE.llvm.123",
		  "core::fmt::Formatter::pad" },
		{ "_ZN50_$LT$T$u20$as$u20$core..convert..Into$LT$U$GT$$GT$4into17h"
		  "0123456789abcdefE",
		  "<T as core::convert::Into<U>>::into" },
		{ "_RNvMs1_NtCs6vUpy3zILSw_10serde_json2deINtB5_12DeserializerNtNtB7_"
		  "4read7StrReadE8from_str",
		  "<serde_json::de::Deserializer<>>::from_str" },
	};

	CHECK_ALL(rows, DEMANGLE_SHORT);
}

TEST(demangle_shortens_plain_cpp_and_spares_go_and_java)
{
	static const struct expectation rows[] = {
		{ "foo<int>(bar)", "foo" },
		{ "a::b(c<d>)", "a::b" },
		{ "a::b)c", "a::b)c" },
		{ "a(b)::c)d", "a::c)d" },
		{ "a::b<c", "a::b<c" },
		{ "java.lang.Object.<init>", "java.lang.Object.<init>" },
		{ "main.(*List[...]).Push", "main.(*List[...]).Push" },
		{ "main.(*List).Push", "main.(*List).Push" },
		{ "slices.Sort[...]", "slices.Sort[...]" },
	};

	CHECK_ALL(rows, DEMANGLE_SHORT);
}

TEST(demangle_keeps_operators_that_dwarf_records)
{
	CLEANUP_ARENA struct arena arena = { 0 };

	CHECK_STR(demangle_recorded(&arena, STR("operator()<a::b<int> >"),
				    DEMANGLE_SHORT),
		  "operator()");
	CHECK_STR(demangle_recorded(&arena, STR("operator< <int>"), DEMANGLE_SHORT),
		  "operator<");
	CHECK_STR(demangle_recorded(&arena, STR("sort<int*>"), DEMANGLE_SHORT), "sort");
	CHECK_STR(demangle_recorded(&arena, STR("sort<int*>"), DEMANGLE_FULL),
		  "sort<int*>");
	CHECK_STR(demangle_recorded(&arena, STR("_ZN3fooD2Ev"), DEMANGLE_SHORT),
		  "foo::~foo");
}

TEST(demangle_bounds_hostile_names)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	static char deep[40000] = "_Z1f";
	char doubling[400] = "_Z1fIiEv";
	size_t n = 4;

	memset(deep + 4, 'P', sizeof(deep) - 5);
	struct str symbol = { deep, sizeof(deep) - 1 };

	CHECK(demangle(&arena, symbol, DEMANGLE_FULL).n > 0);
	// Each St4pairIS_S_E takes the one before twice: 2^30 pairs at the end.
	n = (size_t)snprintf(doubling, sizeof(doubling), "_Z1fSt4pairIiiE");
	for (int i = 1; i < 30; i++)
		n += (size_t)snprintf(doubling + n, sizeof(doubling) - n, "S_IS%c_S%c_E",
				      'A' + i % 26, 'A' + i % 26);
	CHECK(demangle(&arena, str_from(doubling), DEMANGLE_FULL).n <= 1 << 20);
}
