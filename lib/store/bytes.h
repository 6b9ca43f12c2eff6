/* bytes.h - numbers in blobs: little-endian, whatever the machine.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_STORE_BYTES_H
#define CF_STORE_BYTES_H

#include <stdint.h>
#include <string.h>

/* The lowest n bytes of a number. */
static inline void cf_put_bits(unsigned char *to, uint64_t bits, int n)
{
    for (int b = 0; b < n; b++)
        to[b] = (unsigned char)(bits >> (8 * b));
}

static inline uint64_t cf_get_bits(const unsigned char *from, int n)
{
    uint64_t bits = 0;
    for (int b = n - 1; b >= 0; b--)
        bits = bits << 8 | from[b];
    return bits;
}

static inline void cf_put_doubles(unsigned char *to, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        cf_put_bits(to + 8 * i, bits, 8);
    }
}

static inline void cf_get_doubles(const unsigned char *from, double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = cf_get_bits(from + 8 * i, 8);
        memcpy(&x[i], &bits, sizeof bits);
    }
}

#endif
