/* number_lemire.h - the product that settles nearly every rounding.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * D. Lemire (2021), Number parsing at a gigabyte per second, Softw. Pract. Exp. 51(8), sec.
 * 5-8. Inline: it runs once a number of every file. */
#ifndef CF_NUMBER_LEMIRE_H
#define CF_NUMBER_LEMIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/number_tables.h"

__extension__ typedef unsigned __int128 cf_uint128;

/* The double nearest to w 10^q, w > 0, by one 128-bit product; false when the product cannot
 * settle the rounding, or the result is not a normal number. */
static inline bool cf_eisel_lemire(uint64_t w, int64_t q, double *value)
{
    const uint64_t hidden_bit = UINT64_C(1) << 52;
    if (q < POWER5_MIN || q > POWER5_MAX)
        return false;
    int zeros = __builtin_clzll(w);
    uint64_t scaled = w << zeros;
    const uint64_t *five = cf_power5[q - POWER5_MIN];
    cf_uint128 product = (cf_uint128)scaled * five[0];
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    if ((high & 0x1FF) == 0x1FF) {
        uint64_t carry = (uint64_t)((cf_uint128)scaled * five[1] >> 64);
        low += carry;
        high += low < carry;
        if (low == UINT64_MAX && (q < -27 || q > 55))
            return false;
    }
    int top = (int)(high >> 63);
    uint64_t m = high >> (top + 9);
    int64_t exponent = (((152170 + 65536) * q) >> 16) + 63 + top - zeros + 1023;
    if (exponent <= 0 || exponent >= 0x7FE)
        return false;
    if (low <= 1 && q >= -4 && q <= 23 && (m & 3) == 1 && m << (top + 9) == high)
        m &= ~UINT64_C(1); /* exactly halfway: to even */
    m = (m + (m & 1)) >> 1;
    if (m >= 2 * hidden_bit) {
        m = hidden_bit;
        exponent++;
    }
    uint64_t bits = (m & ~hidden_bit) | (uint64_t)exponent << 52;
    memcpy(value, &bits, sizeof bits);
    return true;
}

#endif
