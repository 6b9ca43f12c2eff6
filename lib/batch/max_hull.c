/* max_hull.c - the largest sum by the least concave majorant: never too small.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sum b[t_j] <= sum conc(t_j) <= m conc(sum t_j / m), by Jensen. Andrew (1979), Inf. Process.
 * Lett. 9:216-219, for points that come in order. */
#include "base/alloc.h"
#include "base/error.h"
#include "batch/max_sum.h"

conformal_status cf_hull_of(const double *b, size_t range,
                            const conformal_allocator *allocator, cf_hull *hull,
                            conformal_error *err)
{
    size_t n = 0, *v = cf_alloc(allocator, range + 1, sizeof *v);
    if (v == NULL)
        return cf_fail_memory(err, range + 1, "vertices");
    for (size_t t = 0; t <= range; t++) {
        while (n >= 2) { /* the middle one of three is on or under the others' line */
            size_t i = v[n - 2], j = v[n - 1];
            if ((b[j] - b[i]) * (double)(t - i) > (b[t] - b[i]) * (double)(j - i))
                break;
            n--;
        }
        v[n++] = t;
    }
    hull->vertex = v;
    hull->n = n;
    return CONFORMAL_OK;
}

void cf_hull_segment(const cf_hull *h, const cf_best *p, size_t *i, size_t *j)
{
    size_t low = 0, high = h->n - 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (h->vertex[middle] * p->m <= p->budget)
            low = middle;
        else
            high = middle;
    }
    *i = h->vertex[low];
    *j = h->vertex[high];
}

double cf_hull_value(const cf_best *p, size_t i, size_t j)
{
    double m = (double)p->m, over = (double)(p->budget - (uint64_t)i * p->m);
    return m * p->b[i] + (p->b[j] - p->b[i]) * (over / (double)(j - i));
}
