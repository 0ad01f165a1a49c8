// Up to four varints a step, with no branch that depends on their lengths: those are as
// good as random, and guessing them wrong would take longer than all the rest. The method
// is that of Plaisance, Kurz and Lemire, "Vectorized VByte Decoding" (2015).
#include "profile/varint_run.h"

#include <smmintrin.h>
#include <string.h>

enum { WORD_SIZE = 8, LANES = 4, LANE_SIZE = 4, ZERO = 0x80 };

static struct varint_layout layout_of(unsigned continues)
{
	struct varint_layout layout = { .count = 0 };
	unsigned from = 0;

	memset(layout.shuffle, ZERO, sizeof(layout.shuffle));
	for (unsigned i = 0; i < WORD_SIZE && layout.count < LANES; i++) {
		if (i - from >= LANE_SIZE)
			break;
		layout.shuffle[layout.count * LANE_SIZE + i - from] = (uint8_t)i;
		if ((continues >> i & 1) != 0)
			continue;
		from = i + 1;
		layout.count++;
		layout.size = (uint8_t)from;
	}
	// Lanes without a varint repeat the first, which changes no minimum or maximum.
	for (unsigned lane = layout.count; lane < LANES; lane++)
		memcpy(layout.shuffle + lane * LANE_SIZE, layout.shuffle, LANE_SIZE);
	return layout;
}

void varint_runs_init(struct varint_runs *runs)
{
	runs->is_supported = __builtin_cpu_supports("sse4.1");
	for (unsigned i = 0; i < sizeof(runs->layouts) / sizeof(runs->layouts[0]); i++)
		runs->layouts[i] = layout_of(i);
}

// The next eight bytes; behind the end are varints that do not end.
static inline uint64_t load(const uint8_t *start, const uint8_t *p, const uint8_t *end)
{
	unsigned missing = (unsigned)(WORD_SIZE - (end - p)) * 8;
	uint64_t word = 0;

	if (end - p >= WORD_SIZE) {
		memcpy(&word, p, WORD_SIZE);
		return word;
	}
	if (end - start >= WORD_SIZE) {
		memcpy(&word, end - WORD_SIZE, WORD_SIZE);
		return word >> missing | ~(uint64_t)0 << (64 - missing);
	}
	for (unsigned i = 0; i < WORD_SIZE * 8; i += 8)
		word |= (uint64_t)(p < end ? *p++ : 0x80) << i;
	return word;
}

// The low seven bits of each byte, closed up within each lane.
__attribute__((target("sse4.1"))) static inline __m128i squeeze(__m128i bytes)
{
	__m128i sevens = _mm_and_si128(bytes, _mm_set1_epi8(0x7f));
	// Pairs of bytes: low + high * 128, as 16 bits; then pairs of those.
	__m128i fourteens = _mm_maddubs_epi16(_mm_set1_epi16((short)0x8001), sevens);

	return _mm_madd_epi16(fourteens, _mm_set1_epi32(16384 << 16 | 1));
}

__attribute__((target("sse4.1"))) static bool decode(const struct varint_runs *runs,
						     const uint8_t *p, const uint8_t *end,
						     uint32_t *values,
						     struct varint_run *run)
{
	const uint8_t *start = p;
	uint32_t *out = values;
	__m128i min = _mm_set1_epi32(-1), max = _mm_setzero_si128();

	while (p < end) {
		__m128i bytes = _mm_cvtsi64_si128((int64_t)load(start, p, end));
		unsigned continues = (unsigned)_mm_movemask_epi8(bytes) & 0xff;
		const struct varint_layout *layout = &runs->layouts[continues];
		__m128i shuffle = _mm_loadu_si128((const void *)layout->shuffle);
		__m128i four = squeeze(_mm_shuffle_epi8(bytes, shuffle));

		if (layout->count == 0)
			return false;
		_mm_storeu_si128((void *)out, four);
		min = _mm_min_epu32(min, four);
		max = _mm_max_epu32(max, four);
		out += layout->count;
		p += layout->size;
	}
	min = _mm_min_epu32(min, _mm_shuffle_epi32(min, 0x4e));
	min = _mm_min_epu32(min, _mm_shuffle_epi32(min, 0xb1));
	max = _mm_max_epu32(max, _mm_shuffle_epi32(max, 0x4e));
	max = _mm_max_epu32(max, _mm_shuffle_epi32(max, 0xb1));
	run->count = (size_t)(out - values);
	run->min = (uint32_t)_mm_cvtsi128_si32(min);
	run->max = (uint32_t)_mm_cvtsi128_si32(max);
	return true;
}

bool varint_runs_decode(const struct varint_runs *runs, const uint8_t *p,
			const uint8_t *end, uint32_t *values, struct varint_run *run)
{
	return runs->is_supported && decode(runs, p, end, values, run);
}
