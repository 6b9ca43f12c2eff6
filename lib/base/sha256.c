/* sha256.c - SHA-256 (FIPS 180-4), for the digests of inputs and runs.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Own because none of the libraries we build on has it, and because inputs are digested at
 * reading speed: processors that know SHA-256 do the rounds themselves. */
#include <stdint.h>
#include <string.h>

#include "base/sha256_blocks.h"
#include "conformal/store.h"

void conformal_sha256_begin(conformal_sha256 *s)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->state, start, sizeof start);
    s->length = 0;
}

void conformal_sha256_add(conformal_sha256 *s, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    size_t held = (size_t)(s->length % 64);
    s->length += n;
    if (held > 0 && n > 0) {
        size_t taken = n < 64 - held ? n : 64 - held;
        memcpy(s->block + held, p, taken);
        p += taken;
        n -= taken;
        if (held + taken < 64)
            return;
        cf_sha256_blocks(s->state, s->block, 1);
    }
    cf_sha256_blocks(s->state, p, n / 64);
    if (n % 64 > 0)
        memcpy(s->block, p + n / 64 * 64, n % 64);
}

void conformal_sha256_end(conformal_sha256 *s, char hex[65])
{
    static const unsigned char padding[64] = {0x80};
    static const char digits[] = "0123456789abcdef";
    unsigned char length[8];
    uint64_t bits = s->length * 8;
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(bits >> (56 - 8 * i));
    size_t held = (size_t)(s->length % 64);
    conformal_sha256_add(s, padding, held < 56 ? 56 - held : 120 - held);
    conformal_sha256_add(s, length, 8);
    for (int i = 0; i < 64; i++)
        hex[i] = digits[s->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    hex[64] = '\0';
}
