/* digits.h - eight decimal digits at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * D. Lemire (2021), Number parsing at a gigabyte per second, sec. 4. */
#ifndef CF_DIGITS_H
#define CF_DIGITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Eight bytes, the first in the lowest byte of the word. */
static inline uint64_t cf_load8(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static inline bool cf_eight_digits(uint64_t v)
{
    return ((v & UINT64_C(0xF0F0F0F0F0F0F0F0)) |
            (((v + UINT64_C(0x0606060606060606)) & UINT64_C(0xF0F0F0F0F0F0F0F0)) >> 4)) ==
           UINT64_C(0x3333333333333333);
}

static inline uint64_t cf_value_of_eight(uint64_t v)
{
    v -= UINT64_C(0x3030303030303030);
    v = v * 10 + (v >> 8);
    return (((v & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064)) +
            ((v >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001))) >>
           32;
}

#endif
