/* temperature.c - one number that makes a model as sure as it should be.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The mean of -log softmax(gamma l)[true] is convex in gamma, with derivative
 * mean(E_p[l] - l_true): bisection on log gamma. Guo et al. (2017), arXiv:1706.04599. */
#include <math.h>

#include "pursuit/policy.h"

static const double least = -4.2, most = 2.1; /* of log gamma */

/* E_p[l] - l_true of one row at gamma; rows that exclude their own class say nothing. */
static double slope(const double *l, size_t y, size_t k, double gamma)
{
    double top = -HUGE_VAL, sum = 0.0, mean = 0.0;
    if (l[y] == -HUGE_VAL)
        return 0.0;
    for (size_t i = 0; i < k; i++)
        top = fmax(top, l[i]);
    for (size_t i = 0; i < k; i++) {
        double v = l[i] == -HUGE_VAL ? 0.0 : exp(gamma * (l[i] - top));
        sum += v;
        mean += v > 0.0 ? v * (l[i] - top) : 0.0;
    }
    return mean / sum - (l[y] - top);
}

double cf_pursuit_temperature(const double *l, const int32_t *labels, size_t n, size_t k)
{
    double low = least, high = most;
    if (n == 0)
        return 1.0;
    for (int round = 0; round < 50; round++) {
        double middle = 0.5 * (low + high), sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += slope(l + i * k, (size_t)labels[i], k, exp(middle));
        if (sum > 0.0)
            high = middle;
        else
            low = middle;
    }
    return exp(0.5 * (low + high));
}
