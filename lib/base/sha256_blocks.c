/* sha256_blocks.c - the compression function of SHA-256, plain and by instruction.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * FIPS 180-4, sec. 6.2.2; Gulley et al. (2013), Intel SHA Extensions. */
#include "base/sha256_blocks.h"

static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

static uint32_t rotate(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

void cf_sha256_blocks_plain(uint32_t state[8], const unsigned char *p, size_t n)
{
    for (; n > 0; n--, p += 64) {
        uint32_t w[64], s[8];
        for (int t = 0; t < 16; t++)
            w[t] = (uint32_t)p[4 * t] << 24 | (uint32_t)p[4 * t + 1] << 16 |
                   (uint32_t)p[4 * t + 2] << 8 | p[4 * t + 3];
        for (int t = 16; t < 64; t++) {
            uint32_t a = w[t - 15], b = w[t - 2];
            w[t] = (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10) + w[t - 7] +
                   (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[t - 16];
        }
        for (int i = 0; i < 8; i++)
            s[i] = state[i];
        for (int t = 0; t < 64; t++) {
            uint32_t e = s[4], a = s[0];
            uint32_t t1 = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                          ((e & s[5]) ^ (~e & s[6])) + k[t] + w[t];
            uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                          ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
            for (int i = 7; i > 0; i--)
                s[i] = s[i - 1];
            s[4] += t1;
            s[0] = t1 + t2;
        }
        for (int i = 0; i < 8; i++)
            state[i] += s[i];
    }
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

static int has_sha(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

WITH_SHA static inline __m128i load(const void *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

/* Words t .. t + 3 of the message schedule from the 16 before them. */
WITH_SHA static inline __m128i schedule(__m128i a, __m128i b, __m128i c, __m128i d)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(a, b), _mm_alignr_epi8(d, c, 4));
    return _mm_sha256msg2_epu32(sum, d);
}

WITH_SHA static inline void four_rounds(__m128i *abef, __m128i *cdgh, __m128i w,
                                        const uint32_t *key)
{
    __m128i wk = _mm_add_epi32(w, load(key));
    *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, wk);
    *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(wk, 0x0E));
}

WITH_SHA static void by_instruction(uint32_t state[8], const unsigned char *p, size_t n)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    /* The instructions want the words as ABEF and CDGH. */
    __m128i cdab = _mm_shuffle_epi32(load(&state[0]), 0xB1);
    __m128i efgh = _mm_shuffle_epi32(load(&state[4]), 0x1B);
    __m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
    for (; n > 0; n--, p += 64) {
        __m128i abef_start = abef, cdgh_start = cdgh;
        __m128i a = _mm_shuffle_epi8(load(p), swap), b = _mm_shuffle_epi8(load(p + 16), swap);
        __m128i c = _mm_shuffle_epi8(load(p + 32), swap),
                d = _mm_shuffle_epi8(load(p + 48), swap);
        for (int t = 0; t < 64; t += 16) {
            if (t > 0)
                a = schedule(a, b, c, d);
            four_rounds(&abef, &cdgh, a, k + t);
            if (t > 0)
                b = schedule(b, c, d, a);
            four_rounds(&abef, &cdgh, b, k + t + 4);
            if (t > 0)
                c = schedule(c, d, a, b);
            four_rounds(&abef, &cdgh, c, k + t + 8);
            if (t > 0)
                d = schedule(d, a, b, c);
            four_rounds(&abef, &cdgh, d, k + t + 12);
        }
        abef = _mm_add_epi32(abef, abef_start);
        cdgh = _mm_add_epi32(cdgh, cdgh_start);
    }
    __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)(void *)&state[0], _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(void *)&state[4], _mm_alignr_epi8(dchg, feba, 8));
}

int cf_sha256_blocks_native(uint32_t state[8], const unsigned char *blocks, size_t n)
{
    if (!has_sha())
        return 0;
    by_instruction(state, blocks, n);
    return 1;
}
#else
int cf_sha256_blocks_native(uint32_t state[8], const unsigned char *blocks, size_t n)
{
    (void)state;
    (void)blocks;
    (void)n;
    return 0;
}
#endif

void cf_sha256_blocks(uint32_t state[8], const unsigned char *blocks, size_t n)
{
    if (n > 0 && !cf_sha256_blocks_native(state, blocks, n))
        cf_sha256_blocks_plain(state, blocks, n);
}
