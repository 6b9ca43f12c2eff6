/* runs.h - scores laid side by side, group by group.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_RUNS_H
#define CF_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

/* Group g is scores[start[g]] .. scores[start[g + 1] - 1], in their first order. */
typedef struct cf_runs {
    double *scores;
    size_t *start; /* n_groups + 1 */
} cf_runs;

/* For arguments already checked. ENOMEM. To be freed with cf_runs_free(), which takes a
 * zeroed struct too. */
conformal_status cf_runs_make(const double *scores, const int32_t *groups, size_t n,
                              size_t n_groups, const conformal_allocator *allocator,
                              cf_runs *runs, conformal_error *err);
void cf_runs_free(const conformal_allocator *allocator, cf_runs *runs);

#endif
