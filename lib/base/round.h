/* round.h - arithmetic rounded to one side, so that no rounding costs coverage.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each returns a double that is not below (up) or not above (down) the exact result: the
 * nearest double where the operation is exact or already fell on that side, one step
 * further where it did not. Infinite operands behave as in IEEE arithmetic; a finite
 * operation that overflows gives the infinity on the side asked for, the largest double on
 * the other. Inline: these run once or twice a row of every file.
 *
 * The error of a sum is itself a double (Moller 1965; Knuth, TAOCP vol. 2, 4.2.2 theorem
 * B); that of a product or a quotient's back-multiplication is what fma() returns, exactly
 * unless it underflows, which is met by stepping outward without asking. */
#ifndef CF_ROUND_H
#define CF_ROUND_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Below this an error term may itself underflow. */
#define CF_SMALL 0x1p-900

/* The exact a + b minus s = fl(a + b), for finite s. */
static inline double cf_sum_error(double a, double b, double s)
{
    double b_part = s - a;
    return (a - (s - b_part)) + (b - b_part);
}

/* The next double above a finite x, by its bits: nextafter() is a function call. */
static inline double cf_step_up(double x)
{
    int64_t bits;
    if (x == 0.0)
        return DBL_TRUE_MIN;
    memcpy(&bits, &x, sizeof bits);
    bits += bits >= 0 ? 1 : -1;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double cf_add_up(double a, double b)
{
    double s = a + b;
    if (fabs(s) <= DBL_MAX / 2) /* no overflow here or in the error term */
        return cf_sum_error(a, b, s) > 0.0 ? cf_step_up(s) : s;
    if (s == -HUGE_VAL && fabs(a) <= DBL_MAX && fabs(b) <= DBL_MAX)
        return -DBL_MAX;
    return fabs(s) <= DBL_MAX ? cf_step_up(s) : s;
}

static inline double cf_add_down(double a, double b)
{
    return -cf_add_up(-a, -b);
}

static inline double cf_sub_up(double a, double b)
{
    return cf_add_up(a, -b);
}

static inline double cf_sub_down(double a, double b)
{
    return -cf_add_up(-a, b);
}

/* |a - b|, rounded up. Which is larger, and whether the difference was rounded, is anybody's
 * guess: no branch depends on it. */
static inline double cf_distance_up(double a, double b)
{
    double d = a - b, s = fabs(d), e = cf_sum_error(a, -b, d);
    if (!(s <= DBL_MAX / 2))
        return a > b ? cf_sub_up(a, b) : cf_sub_up(b, a);
    int64_t bits;
    memcpy(&bits, &s, sizeof bits);
    bits += ((e > 0.0) & (d > 0.0)) | ((e < 0.0) & (d < 0.0));
    memcpy(&s, &bits, sizeof s);
    return s;
}

static inline double cf_mul_up(double a, double b)
{
    double p = a * b;
    if (p == -HUGE_VAL && fabs(a) <= DBL_MAX && fabs(b) <= DBL_MAX)
        return -DBL_MAX;
    if (!(fabs(p) <= DBL_MAX))
        return p;
    if (fabs(p) < CF_SMALL) /* the error may underflow */
        return a == 0.0 || b == 0.0 ? p : cf_step_up(p);
    return fma(a, b, -p) > 0.0 ? cf_step_up(p) : p;
}

static inline double cf_mul_down(double a, double b)
{
    return -cf_mul_up(-a, b);
}

/* a / b for b > 0. */
static inline double cf_div_up(double a, double b)
{
    double q = a / b;
    if (q == -HUGE_VAL && fabs(a) <= DBL_MAX)
        return -DBL_MAX;
    if (!(fabs(q) <= DBL_MAX) || a == 0.0 || b == HUGE_VAL)
        return q == 0.0 && a > 0.0 && b < HUGE_VAL ? cf_step_up(q) : q;
    if (fabs(a) < CF_SMALL || fabs(q) < CF_SMALL)
        return cf_step_up(q);
    return fma(q, b, -a) < 0.0 ? cf_step_up(q) : q;
}

#endif
