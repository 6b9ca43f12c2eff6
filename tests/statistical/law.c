/* law.c - the Chernoff bound of a sum of Beta-binomial counts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "statistical/law.h"

#include <math.h>
#include <stdlib.h>

#include "base/special.h"

typedef struct law {
    double *p; /* probabilities of 0..m */
    size_t m;
    double repetitions, log_delta;
} law;

/* The least t with exp(-s t) M(s)^R <= delta, for s of either sign. */
static double bound(const law *l, double s)
{
    double largest = s > 0 ? s * (double)l->m : 0.0, sum = 0.0;
    for (size_t i = 0; i <= l->m; i++)
        sum += l->p[i] * exp(s * (double)i - largest);
    return (l->repetitions * (log(sum) + largest) - l->log_delta) / s;
}

/* The best s is found by golden section on its logarithm; any s gives a valid bound. */
static double best(const law *l, double sign)
{
    double a = -14.0, b = 3.0;
    for (int i = 0; i < 60; i++) {
        double c = b - 0.618034 * (b - a), d = a + 0.618034 * (b - a);
        if (sign * bound(l, sign * exp(c)) < sign * bound(l, sign * exp(d)))
            b = d;
        else
            a = c;
    }
    return bound(l, sign * exp(0.5 * (a + b)));
}

void law_bounds(size_t n, size_t k, size_t m, size_t repetitions, double delta, double *low,
                double *high)
{
    double a = (double)k, b = (double)(n + 1 - k);
    law l = {malloc((m + 1) * sizeof *l.p), m, (double)repetitions, log(delta)};
    for (size_t i = 0; i <= m; i++)
        l.p[i] = exp(cf_log_choose((double)m, (double)i) +
                     cf_log_beta(a + (double)i, b + (double)(m - i)) - cf_log_beta(a, b));
    *high = best(&l, 1.0);
    *low = best(&l, -1.0);
    free(l.p);
}
