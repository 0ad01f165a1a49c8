// Reads the words of runtime.buildVersion.
#include "golang/version.h"

// Experiments that change the compiler, the linker or the library, but no structure of
// the runtime. Whatever is not listed here is taken to change one.
static const struct str harmless_experiments[] = {
	STR("aliastypeparams"),
	STR("noaliastypeparams"),
	STR("boringcrypto"),
	STR("coverageredesign"),
	STR("dwarf5"),
	STR("nodwarf5"),
	STR("fieldtrack"),
	STR("goroutineleakprofile"),
	STR("jsonv2"),
	STR("nojsonv2"),
	STR("loopvar"),
	STR("pagetrace"),
	STR("rangefunc"),
	STR("synctest"),
	STR("synchashtriemap"),
	STR("nosynchashtriemap"),
	STR("simd"),
};

static bool is_harmless(struct str experiment)
{
	for (size_t i = 0; i < sizeof(harmless_experiments) / sizeof(struct str); i++)
		if (str_equal(experiment, harmless_experiments[i]))
			return true;
	return false;
}

// Reads the decimal number in front of text and cuts it off; false for none, or for one
// that no release has.
static bool cut_number(struct str *text, uint8_t *out)
{
	size_t n = 0;
	uint64_t value;

	while (n < text->n && text->p[n] >= '0' && text->p[n] <= '9')
		n++;
	if (!str_to_u64(str_slice(*text, 0, n), 10, &value) || value >= GO_PATCH_ANY)
		return false;
	*out = (uint8_t)value;
	*text = str_after(*text, n);
	return true;
}

static bool has_dangerous_experiment(struct str text)
{
	ptrdiff_t at = str_find(text, STR("X:"));
	struct str list, one;

	if (at == STR_NOT_FOUND)
		return false;
	list = str_after(text, (size_t)at + 2);
	list = str_slice(list, 0, (size_t)str_find_char(list, ' '));
	while (str_cut(&list, ',', &one))
		if (!is_harmless(str_trim(one)))
			return true;
	return false;
}

bool go_version_parse(struct str text, struct go_version *out)
{
	struct go_version version = { 0 };
	struct str rest;

	bool is_devel = str_starts_with(text, STR("devel "));

	if (is_devel)
		text = str_after(text, STR("devel ").n);
	if (!str_starts_with(text, STR("go1.")))
		return false;
	rest = str_after(text, STR("go1.").n);
	if (!cut_number(&rest, &version.minor))
		return false;
	if (str_starts_with(rest, STR("."))) {
		rest = str_after(rest, 1);
		if (!cut_number(&rest, &version.patch))
			return false;
	}
	version.is_prerelease = is_devel || str_starts_with(rest, STR("rc")) ||
				str_starts_with(rest, STR("beta")) ||
				str_starts_with(rest, STR("-devel"));
	version.has_experiment = has_dangerous_experiment(rest);
	*out = version;
	return true;
}

int go_version_compare(struct go_version a, struct go_version b)
{
	return a.minor != b.minor ? a.minor - b.minor : a.patch - b.patch;
}
