/* number_exact.h - a scanned decimal, and the slow way to its double.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_NUMBER_EXACT_H
#define CF_NUMBER_EXACT_H

#include <stdbool.h>
#include <stdint.h>

/* The number is w 10^exponent, or a little more when `truncated`; its digits, with or without
 * a point among them, are first .. last - 1, to be scaled by 10^written_exponent. */
typedef struct cf_decimal {
    const char *first;
    const char *last;
    uint64_t w;
    int64_t exponent;
    int64_t written_exponent;
    bool negative;
    bool truncated;
} cf_decimal;

/* The nearest double to the magnitude, ties to even, by exact integers; +infinity when it is
 * out of range. w > 0. */
double cf_number_exact(const cf_decimal *d);

#endif
