/* sum.h - sums that do not lose the small terms (Neumaier 1974).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_SUM_H
#define CF_SUM_H

#include <stddef.h>

typedef struct cf_sum {
    double high;
    double low;
} cf_sum;
#define CF_SUM_ZERO {0.0, 0.0}

void cf_sum_add(cf_sum *s, double x);
double cf_sum_value(const cf_sum *s);
double cf_sum_of(const double *x, size_t n);

#endif
