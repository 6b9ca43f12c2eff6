/* number_many.c - a column of numbers at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where fields have different lengths, each loop over digits ends in a misprediction that
 * costs more than the digits. Here a field of up to 32 characters is loaded right-aligned, its
 * point squeezed out by blending with the same bytes loaded one further to the left, and all
 * its digits are converted at once: W. Mula, D. Lemire, maddubs/madd reduction as in
 * Lemire (2021), sec. 4. Whatever is not [-]digits[.digits] goes to cf_number_parse(). */
#include "base/number.h"

static size_t plainly(const char *base, const uint32_t *start, const uint32_t *end, size_t n,
                      double *out)
{
    for (size_t i = 0; i < n; i++)
        if (!cf_number_parse(base + start[i], end[i] - start[i], &out[i]))
            return i;
    return n;
}

cf_numbers_function *cf_numbers_plain(void)
{
    return plainly;
}

#if defined(__x86_64__)
#include <immintrin.h>

#include "base/number_lemire.h"

/* Of 32 bytes the last k as a mask: the 32 bytes from edge + k on. */
#define EIGHT(x) x, x, x, x, x, x, x, x
static const _Alignas(64) unsigned char edge[64] = { /* so that no load crosses a line */
    EIGHT(0),    EIGHT(0),    EIGHT(0),    EIGHT(0),
    EIGHT(0xFF), EIGHT(0xFF), EIGHT(0xFF), EIGHT(0xFF),
};

static const double ten_to[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

__attribute__((target("avx2"))) static inline __m256i load(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

/* 32 digits as four numbers of eight, the last the least: in 32-bit lanes 0, 1, 4, 5. */
__attribute__((target("avx2"))) static inline __m256i value_of(__m256i digits)
{
    const __m256i ten = _mm256_set1_epi16(0x010A), hundred = _mm256_set1_epi32(0x00010064);
    const __m256i myriad = _mm256_set1_epi32(0x00012710);
    __m256i twos = _mm256_maddubs_epi16(digits, ten), fours = _mm256_madd_epi16(twos, hundred);
    return _mm256_madd_epi16(_mm256_packus_epi32(fours, fours), myriad);
}

__attribute__((target("avx2,bmi,lzcnt"))) static inline bool
parse(const char *text, uint32_t length, double *out)
{
    const char *end = text + length;
    uint32_t negative = *text == '-', n = length - negative;
    if (n - 1 >= 32) /* none, or more than 32 */
        return false;
    __m256i bytes = load(end - 32);
    uint32_t points =
        (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('.')));
    points &= UINT32_MAX << (32 - n);
    uint32_t fraction = points != 0 ? 31 - (uint32_t)__builtin_ctz(points) : 32;
    uint32_t digits = n - (points != 0);
    __m256i joined = _mm256_blendv_epi8(load(end - 33), bytes, load(edge + fraction));
    joined =
        _mm256_and_si256(_mm256_sub_epi8(joined, _mm256_set1_epi8('0')), load(edge + digits));
    __m256i nine = _mm256_set1_epi8(9);
    __m256i good = _mm256_cmpeq_epi8(_mm256_max_epu8(joined, nine), nine);
    if (_mm256_movemask_epi8(good) != -1 || digits == 0)
        return false;
    __m256i eights = value_of(joined);
    uint64_t high = (uint64_t)_mm256_extract_epi64(eights, 0);
    uint64_t low = (uint64_t)_mm256_extract_epi64(eights, 2);
    uint64_t first = high >> 32; /* digits 17 to 24 from the right; above them: */
    if ((uint32_t)high != 0 || first >= 1000)
        return false; /* more than 19 digits */
    uint64_t w = (first * 100000000 + (uint32_t)low) * 100000000 + (low >> 32);
    double x = (double)w;
    if (fraction != 32) {
        /* Short numbers: both exact, one rounding. Asked of the length, and far from 16, so
         * that the answer is nearly always the same throughout a column. */
        if (digits <= 12)
            x /= ten_to[fraction];
        else if (!cf_eisel_lemire(w, -(int64_t)fraction, &x))
            return false;
    }
    *out = negative ? -x : x;
    return true;
}

__attribute__((target("avx2,bmi,lzcnt"))) static size_t
by_avx2(const char *base, const uint32_t *start, const uint32_t *end, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        const char *text = base + start[i];
        uint32_t length = end[i] - start[i];
        if (!(length > 0 && parse(text, length, &out[i])) &&
            !cf_number_parse(text, length, &out[i]))
            return i;
    }
    return n;
}

cf_numbers_function *cf_numbers_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") ? by_avx2 : NULL;
}
#else
cf_numbers_function *cf_numbers_avx2(void)
{
    return NULL;
}
#endif

cf_numbers_function *cf_numbers_best(void)
{
    cf_numbers_function *best = cf_numbers_avx2();
    return best != NULL ? best : plainly;
}
