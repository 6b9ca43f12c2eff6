/* cost_law_exact.c - the law of a sum of rank costs, by adding rank after rank.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * law[j][t] is the number of sorted vectors of j of the ranks so far whose costs sum to t, as a
 * share of all C(n + j, j). Taking ranks one by one, and j upwards within a rank, counts each
 * multiset once. Nothing is ever subtracted. */
#include "batch/cost_law.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* to[t] += f from[t] */
static void add(double *restrict to, const double *restrict from, size_t n, double f)
{
    for (size_t t = 0; t < n; t++)
        to[t] += f * from[t];
}

conformal_status cf_cost_law_exact(const cf_costs *c, const conformal_allocator *allocator,
                                   double *pmf, conformal_error *err)
{
    size_t m = c->m, range = (size_t)(c->most - c->least), row = m * range + 1;
    double *law = cf_alloc(allocator, m + 1, row * sizeof *law);
    if (row > SIZE_MAX / sizeof *law / (m + 1) || law == NULL) {
        cf_free(allocator, law);
        return cf_fail_memory(err, row, "probabilities of the costs");
    }
    memset(law, 0, (m + 1) * row * sizeof *law);
    law[0] = 1.0;
    for (size_t k = 0; k <= c->n; k++) {
        if (c->cost[k] < 0)
            continue;
        size_t cost = (size_t)(c->cost[k] - c->least);
        for (size_t j = 1; j <= m; j++) {
            double f = (double)j / ((double)c->n + (double)j);
            add(law + j * row + cost, law + (j - 1) * row, (j - 1) * range + 1, f);
        }
    }
    memcpy(pmf, law + m * row, row * sizeof *pmf);
    cf_free(allocator, law);
    return CONFORMAL_OK;
}
