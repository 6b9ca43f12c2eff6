/* masks.c - 64 bytes of CSV as bit masks, by the widest instructions at hand.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The block-to-mask idea: Langdale, Lemire (2019), Parsing gigabytes of JSON per second, VLDB
 * J. 28:941-960, sec. 3.1. */
#include <stddef.h>

#include "table/scan.h"

static void plain(const char *bytes, size_t n, char delimiter, cf_masks *masks)
{
    for (size_t block = 0; block < n; block++, bytes += 64) {
        cf_masks m = {0, 0, 0, 0, 0};
        for (int i = 0; i < 64; i++) {
            uint64_t bit = UINT64_C(1) << i;
            char c = bytes[i];
            m.delimiter |= c == delimiter ? bit : 0;
            m.quote |= c == '"' ? bit : 0;
            m.lf |= c == '\n' ? bit : 0;
            m.cr |= c == '\r' ? bit : 0;
            m.nul |= c == '\0' ? bit : 0;
        }
        masks[block] = m;
    }
}

cf_mask_function *cf_masks_plain(void)
{
    return plain;
}

#if defined(__x86_64__)
#include <immintrin.h>

static uint64_t equal_sse2(const __m128i v[4], char c)
{
    __m128i want = _mm_set1_epi8(c);
    uint64_t mask = 0;
    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], want)) << (16 * i);
    return mask;
}

static void sse2(const char *bytes, size_t n, char delimiter, cf_masks *masks)
{
    for (size_t block = 0; block < n; block++, bytes += 64) {
        __m128i v[4];
        for (int i = 0; i < 4; i++)
            v[i] = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        cf_masks m = {equal_sse2(v, delimiter), equal_sse2(v, '"'), equal_sse2(v, '\n'),
                      equal_sse2(v, '\r'), equal_sse2(v, '\0')};
        masks[block] = m;
    }
}

__attribute__((target("avx2"))) static uint64_t equal_avx2(__m256i a, __m256i b, char c)
{
    __m256i want = _mm256_set1_epi8(c);
    uint64_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, want));
    uint64_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, want));
    return low | high << 32;
}

__attribute__((target("avx2"))) static void avx2(const char *bytes, size_t n, char delimiter,
                                                 cf_masks *masks)
{
    for (size_t block = 0; block < n; block++, bytes += 64) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32));
        masks[block].delimiter = equal_avx2(a, b, delimiter);
        masks[block].quote = equal_avx2(a, b, '"');
        masks[block].lf = equal_avx2(a, b, '\n');
        masks[block].cr = equal_avx2(a, b, '\r');
        masks[block].nul = equal_avx2(a, b, '\0');
    }
}

cf_mask_function *cf_masks_sse2(void)
{
    return sse2;
}

cf_mask_function *cf_masks_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") ? avx2 : NULL;
}
#else
cf_mask_function *cf_masks_sse2(void)
{
    return NULL;
}

cf_mask_function *cf_masks_avx2(void)
{
    return NULL;
}
#endif

cf_mask_function *cf_masks_best(void)
{
    cf_mask_function *best = cf_masks_avx2();
    if (best == NULL)
        best = cf_masks_sse2();
    return best != NULL ? best : plain;
}
