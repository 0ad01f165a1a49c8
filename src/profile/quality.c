// A sentence of fixed words around the counts, so that it can be read back.
#include "profile/quality.h"

#include <inttypes.h>

#include "profile/profile.h"

enum {
	MILLISECOND = 1000000,
};

struct str profile_quality_text(const struct profile *profile, struct arena *arena)
{
	const struct profile_quality *quality = &profile->quality;
	struct str rate = STR(""), time = STR(""), frames = STR("");

	if (quality->rate_hz > 0)
		rate = str_format(arena, " at %" PRIu64 " Hz", quality->rate_hz);
	if (quality->cpu_ns > 0)
		time = str_format(arena,
				  ", %" PRIu64 " of %" PRIu64
				  " ms CPU time without samples",
				  quality->unsampled_ns / MILLISECOND,
				  quality->cpu_ns / MILLISECOND);
	if (quality->frames > 0)
		frames = str_format(arena,
				    ", %" PRIu64 " of %" PRIu64 " frames without names",
				    quality->unnamed, quality->frames);
	return str_format(arena,
			  "goprof: %" PRIu64 " samples%s, %" PRIu64 " lost, %" PRIu64
			  " stacks truncated%s%s",
			  quality->samples, rate.p, quality->lost, quality->truncated,
			  time.p, frames.p);
}

// Takes a number and the word behind it off the front of rest.
static bool take(struct str *rest, struct str word, uint64_t *number)
{
	struct str digits = *rest;

	digits.n = 0;
	while (digits.n < rest->n && rest->p[digits.n] >= '0' && rest->p[digits.n] <= '9')
		digits.n++;
	if (!str_to_u64(digits, 10, number) ||
	    !str_starts_with(str_after(*rest, digits.n), word))
		return false;
	*rest = str_after(*rest, digits.n + word.n);
	return true;
}

// The parts that may be missing: ", A of B ms CPU time without samples" and ", A of B
// frames without names".
static bool take_parts(struct str rest, struct profile_quality *out)
{
	uint64_t part, whole;

	while (str_starts_with(rest, STR(", "))) {
		rest = str_after(rest, 2);
		if (!take(&rest, STR(" of "), &part))
			return false;
		if (take(&rest, STR(" ms CPU time without samples"), &whole)) {
			if (whole > UINT64_MAX / MILLISECOND || part > whole)
				return false;
			out->unsampled_ns = part * MILLISECOND;
			out->cpu_ns = whole * MILLISECOND;
		} else if (take(&rest, STR(" frames without names"), &whole)) {
			out->unnamed = part;
			out->frames = whole;
		} else {
			return false;
		}
	}
	return rest.n == 0;
}

static bool parse(struct str rest, struct profile_quality *out)
{
	struct profile_quality quality = { .is_known = true };

	if (!str_starts_with(rest, STR("goprof: ")))
		return false;
	rest = str_after(rest, 8);
	if (!take(&rest, STR(" samples"), &quality.samples))
		return false;
	if (str_starts_with(rest, STR(" at "))) {
		rest = str_after(rest, 4);
		if (!take(&rest, STR(" Hz"), &quality.rate_hz))
			return false;
	}
	if (!str_starts_with(rest, STR(", ")))
		return false;
	rest = str_after(rest, 2);
	if (!take(&rest, STR(" lost, "), &quality.lost) ||
	    !take(&rest, STR(" stacks truncated"), &quality.truncated))
		return false;
	if (!take_parts(rest, &quality))
		return false;
	*out = quality;
	return true;
}

void profile_quality_parse(struct profile *profile)
{
	profile->quality = (struct profile_quality){ 0 };
	for (size_t i = 0; i < profile->comment_count; i++) {
		struct profile_quality quality;

		if (!parse(profile_string(profile, profile->comments[i]), &quality))
			continue;
		profile->quality.is_known = true;
		profile->quality.samples += quality.samples;
		profile->quality.lost += quality.lost;
		profile->quality.truncated += quality.truncated;
		profile->quality.cpu_ns += quality.cpu_ns;
		profile->quality.unsampled_ns += quality.unsampled_ns;
		profile->quality.frames += quality.frames;
		profile->quality.unnamed += quality.unnamed;
		profile->quality.rate_hz = quality.rate_hz;
	}
}

void profile_quality_count_frames(struct profile *profile)
{
	bool has_counts =
		profile->type_count > 0 &&
		str_equal(profile_string(profile, profile->types[0].unit), STR("count"));

	profile->quality.frames = profile->quality.unnamed = 0;
	for (size_t i = 0; i < profile->sample_count; i++) {
		struct profile_stack_view stack =
			profile_stack(profile, profile->sample_stacks[i]);
		uint64_t weight =
			has_counts ? (uint64_t)profile_values(profile, i)[0] : 1;

		for (size_t j = 0; j < stack.count; j++) {
			const struct profile_location *location =
				&profile->locations[stack.locations[j]];
			uint32_t frames =
				location->line_count == 0 ? 1 : location->line_count;

			profile->quality.frames += frames * weight;
			profile->quality.unnamed +=
				location->line_count == 0 ? weight : 0;
		}
	}
}
