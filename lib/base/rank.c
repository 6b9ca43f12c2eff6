/* rank.c - real times integer, as the decimals were meant.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * (n + 1)(1 - alpha) carries two roundings of a number of at most n + 1, so a value this
 * close to an integer was meant to be that integer. Plain ceil() is one too high for about
 * one pair (n, alpha) in 200. */
#include "base/rank.h"

#include <float.h>
#include <math.h>

static double snap(double x, double scale, double (*otherwise)(double))
{
    double nearest = nearbyint(x);
    double slack = 8.0 * DBL_EPSILON * fmax(1.0, scale);
    return fabs(x - nearest) <= slack ? nearest : otherwise(x);
}

double cf_ceil_snap(double x, double scale)
{
    return snap(x, scale, ceil);
}

double cf_floor_snap(double x, double scale)
{
    return snap(x, scale, floor);
}

size_t cf_lower_rank(size_t n, double alpha)
{
    double m = (double)n + 1.0;
    return (size_t)fmin(cf_floor_snap(alpha * m, m), m);
}

/* By the mirror identity, so that the two can never disagree: ceil((n + 1)(1 - alpha)) =
 * n + 1 - floor((n + 1) alpha). */
size_t cf_rank(size_t n, double alpha)
{
    return n + 1 - cf_lower_rank(n, alpha);
}
