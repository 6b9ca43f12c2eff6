/* batch_baseline.h - expected numbers; made by make_batch.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The project's own specification of batch predictive inference, computed there in exact
 * rational arithmetic and by enumeration of all rank vectors. */
#ifndef ORACLE_BATCH_BASELINE_H
#define ORACLE_BATCH_BASELINE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const double baseline_doubles_1[] = {
    0.5, 0.125, 0.9375, 0.25, 0.75, 0.4375, 0.3125, 0.625, 0.0625, 0.875, 0.1875, 0.6875,
};

static const struct {
    const char *id;
    int baseline;
    size_t n, m;
    double alpha;
    const double *scores;
    double high, bound;
} baseline_cases[] = {
    {"baseline_partition_mean-142", 1, 12, 2, 0.2, baseline_doubles_1, HUGE_VAL, 0.59375},
    {"baseline_direct_mean-143", 3, 12, 2, 0.2, baseline_doubles_1, 1.0, 0.75},
    {"baseline_partition_mean-147", 1, 12, 3, 0.2, baseline_doubles_1, HUGE_VAL,
     0.5833333333333334},
    {"baseline_bonferroni-149", 2, 12, 3, 0.2, baseline_doubles_1, HUGE_VAL, HUGE_VAL},
    {"baseline_direct_mean-153", 3, 12, 3, 0.1, baseline_doubles_1, 1.0, 0.8125},
    {"baseline_bonferroni-154", 2, 12, 3, 0.1, baseline_doubles_1, HUGE_VAL, HUGE_VAL},
    {"baseline_partition_mean-157", 1, 12, 4, 0.25, baseline_doubles_1, HUGE_VAL, 0.53125},
    {"baseline_direct_mean-158", 3, 12, 4, 0.25, baseline_doubles_1, 1.0, 0.71875},
    {"baseline_bonferroni-159", 2, 12, 4, 0.25, baseline_doubles_1, HUGE_VAL, HUGE_VAL},
};

#endif
