/* select.h - order statistics of doubles (no NaN; infinities allowed).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_SELECT_H
#define CF_SELECT_H

#include <stddef.h>

#include "conformal/array.h"
#include "conformal/error.h"

/* The k-th smallest of x[0..n-1], 1 <= k <= n; permutes x. O(n). */
double cf_select(double *x, size_t n, size_t k);

/* The ranks[r]-th smallest, r < n_ranks, each in 1..n, without changing x. One or two
 * reading passes and about n/100 doubles of scratch for large n; exact whatever the sample.
 * ENOMEM; ENAN, with err left alone, when x holds a NaN: it is noticed on the way, so that
 * nobody need look for it first. */
conformal_status cf_select_read(const double *x, size_t n, const size_t *ranks, size_t n_ranks,
                                const conformal_allocator *allocator, double *values,
                                conformal_error *err);

/* Sort ascending; -0.0 before 0.0. scratch: n doubles (radix), or NULL (in place, slower). */
void cf_sort(double *x, size_t n, double *scratch);

/* order: out, the stable ascending order of x. ENOMEM. */
conformal_status cf_sort_order(const double *x, size_t n, size_t *order,
                               const conformal_allocator *allocator, conformal_error *err);

/* In sorted x: how many are < v, and how many are <= v. O(log n) */
size_t cf_count_below(const double *sorted, size_t n, double v);
size_t cf_count_at_most(const double *sorted, size_t n, double v);

#endif
