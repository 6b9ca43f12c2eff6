/* sum.c - sums that do not lose the small terms.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A. Neumaier (1974), Rundungsfehleranalyse einiger Verfahren zur Summation endlicher
 * Summen, Z. Angew. Math. Mech. 54, sec. 4 (algorithm IV). */
#include "base/sum.h"

#include <math.h>

void cf_sum_add(cf_sum *s, double x)
{
    double total = s->high + x;
    if (fabs(s->high) >= fabs(x))
        s->low += (s->high - total) + x;
    else
        s->low += (x - total) + s->high;
    s->high = total;
}

double cf_sum_value(const cf_sum *s)
{
    /* After an infinite term the correction is inf - inf. */
    return isfinite(s->high) ? s->high + s->low : s->high;
}

double cf_sum_of(const double *x, size_t n)
{
    cf_sum s = CF_SUM_ZERO;
    for (size_t i = 0; i < n; i++)
        cf_sum_add(&s, x[i]);
    return cf_sum_value(&s);
}
