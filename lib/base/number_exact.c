/* number_exact.c - correct rounding of any decimal, by exact integers.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * W. D. Clinger (1990), How to read floating point numbers accurately, sec. 5 (AlgorithmR):
 * from an approximation, walk to the double whose half-way neighbours enclose the decimal. The
 * comparison is between integers of at most 4,000 bits; digits beyond the 800th can only say
 * "a little more". */
#include "base/number_exact.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { MAX_DIGITS = 800, LIMBS = 200 };

/* Little-endian, base 2^32. */
typedef struct big {
    uint32_t limb[LIMBS];
    int n;
} big;

static void multiply_add(big *b, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;
    for (int i = 0; i < b->n; i++) {
        carry += (uint64_t)b->limb[i] * factor;
        b->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0)
        b->limb[b->n++] = (uint32_t)carry;
}

static void multiply_power_of_ten(big *b, int64_t exponent)
{
    for (; exponent >= 9; exponent -= 9)
        multiply_add(b, 1000000000, 0);
    for (; exponent > 0; exponent--)
        multiply_add(b, 10, 0);
}

static void shift_left(big *b, int64_t bits)
{
    int whole = (int)(bits / 32);
    multiply_add(b, UINT32_C(1) << (bits % 32), 0);
    if (whole > 0 && b->n > 0) {
        memmove(b->limb + whole, b->limb, (size_t)b->n * sizeof *b->limb);
        memset(b->limb, 0, (size_t)whole * sizeof *b->limb);
        b->n += whole;
    }
}

static int compare(const big *a, const big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int i = a->n - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* The decimal as digits * 10^*exponent: 800 digits, and one more, 1, if any other is not 0. */
static void digits_of(const cf_decimal *d, big *digits, int64_t *exponent)
{
    int taken = 0;
    bool after_point = false, more = false;
    digits->n = 0;
    *exponent = d->written_exponent;
    for (const char *p = d->first; p < d->last; p++) {
        if (*p == '.') {
            after_point = true;
            continue;
        }
        uint32_t digit = (uint32_t)(*p - '0');
        if (taken < MAX_DIGITS) {
            *exponent -= after_point;
            if (taken > 0 || digit != 0) {
                multiply_add(digits, 10, digit);
                taken++;
            }
        } else {
            more |= digit != 0;
            *exponent += !after_point;
        }
    }
    if (more) {
        multiply_add(digits, 10, 1);
        *exponent -= 1;
    }
}

/* The decimal against (2 m + 1) 2^(e - 1), half way above the double m 2^e of these bits. */
static int compare_half_way(const big *digits, int64_t exponent, uint64_t bits)
{
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52);
    uint64_t m = biased ? fraction | UINT64_C(1) << 52 : fraction;
    int64_t e = (biased ? biased : 1) - 1075 - 1;
    big left = *digits, right = {{0}, 0};
    multiply_add(&right, 1, (uint32_t)((2 * m + 1) >> 32));
    if (right.n > 0) {
        shift_left(&right, 32);
        right.limb[0] = (uint32_t)(2 * m + 1);
    } else {
        multiply_add(&right, 1, (uint32_t)(2 * m + 1));
    }
    if (exponent >= 0)
        multiply_power_of_ten(&left, exponent);
    else
        multiply_power_of_ten(&right, -exponent);
    if (e >= 0)
        shift_left(&right, e);
    else
        shift_left(&left, -e);
    return compare(&left, &right);
}

double cf_number_exact(const cf_decimal *d)
{
    const uint64_t infinite = UINT64_C(0x7FF) << 52;
    if (d->exponent > 310)
        return HUGE_VAL; /* w >= 1 */
    if (d->exponent < -345)
        return 0.0; /* w < 1e19 + 1: below a quarter of the smallest subnormal */
    big digits;
    int64_t exponent;
    digits_of(d, &digits, &exponent);

    /* Near enough: the error of two long multiplications is a few units in the last place,
     * or in the last place of a subnormal. */
    double x = (double)d->w;
    for (int64_t e = d->exponent; e != 0;) {
        int64_t step = e > 22 ? 22 : e < -22 ? -22 : e;
        x = step > 0 ? x * pow(10.0, (double)step) : x / pow(10.0, (double)-step);
        e -= step;
    }
    if (x == HUGE_VAL)
        x = 0x1.fffffffffffffp+1023;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    for (;;) { /* up while above, or at, the half way with an odd last bit */
        int c = compare_half_way(&digits, exponent, bits);
        if (c < 0 || (c == 0 && (bits & 1) == 0))
            break;
        if (++bits == infinite)
            return HUGE_VAL;
    }
    while (bits > 0) {
        int c = compare_half_way(&digits, exponent, bits - 1);
        if (c > 0 || (c == 0 && (bits & 1) == 0))
            break;
        bits--;
    }
    memcpy(&x, &bits, sizeof x);
    return x;
}
