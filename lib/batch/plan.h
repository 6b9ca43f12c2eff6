/* plan.h - what a plan of batch bounds is made of.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lower bounds are upper bounds of the mirrored problem: scores negated, rank k as n + 2 - k. */
#ifndef CF_BATCH_PLAN_H
#define CF_BATCH_PLAN_H

#include "batch/linear.h"
#include "conformal/batch.h"

/* One side of a bound for a sum. */
typedef struct cf_sum_side {
    bool wanted, feasible;
    double alpha, miss;
    int64_t budget;  /* of all strata together; -1: not feasible */
    size_t *cap;     /* per stratum: the ranks 1..cap are allowed */
    int32_t *costs;  /* n + 1 a stratum, negative above the cap; NULL: 1, 2, .. */
} cf_sum_side;

enum { CF_UPPER = 0, CF_LOWER = 1 };

struct conformal_batch_plan {
    const conformal_allocator *allocator; /* own_allocator, or NULL for malloc() */
    conformal_allocator own_allocator;
    bool envelope; /* bounded by the joint bounds of its order statistics */
    conformal_batch_options o; /* its arrays are the plan's own, or NULL */
    size_t n_strata, n_all, m_all;
    size_t *n, *m;
    conformal_batch_promise promise;
    /* ORDER and PAIR: order statistics of the scores that are bounded jointly. Without
     * predictions those that were asked for; with predictions what implies bounds for them. */
    size_t n_orders;
    conformal_batch_order *orders;
    size_t *ranks, *strata_ranks[2]; /* own copies; strata_ranks: upper, lower of one rank */
    /* MEAN, SUM */
    cf_sum_side sides[2];
    /* LINEAR */
    double *coefficients;
    cf_linear *linear[2];
};

/* Every function below returns a status and leaves a half-made plan to the caller. */
conformal_status cf_plan_orders(conformal_batch_plan *p, conformal_error *err);
conformal_status cf_plan_sum(conformal_batch_plan *p, conformal_error *err);
conformal_status cf_plan_linear(conformal_batch_plan *p, conformal_error *err);
conformal_status cf_plan_envelope(conformal_batch_plan *p, conformal_error *err);

/* Calibration scores sorted within strata: n + 2 numbers a stratum, the ends of the support
 * first and last. */
typedef struct cf_sorted {
    double *values;
    size_t *start; /* of each stratum */
} cf_sorted;

/* Bounds from sorted scores. predictions NULL without them, else sorted ascending. */
void cf_bound_strata(const conformal_batch_plan *p, const cf_sorted *s,
                     conformal_batch_bound *bound); /* one order statistic of several strata */
conformal_status cf_bound_sum(const conformal_batch_plan *p, const cf_sorted *s,
                              const double *predictions, conformal_batch_bound *bound,
                              conformal_error *err);
conformal_status cf_bound_linear(const conformal_batch_plan *p, const cf_sorted *s,
                                 conformal_batch_bound *bound, conformal_error *err);
/* Of the scores themselves: LINEAR, or the sum for MEAN and SUM. */
conformal_status cf_bound_envelope(const conformal_batch_plan *p, const cf_sorted *s,
                                   conformal_batch_bound *bound, conformal_error *err);
conformal_status cf_bound_outcomes(const conformal_batch_plan *p, const cf_sorted *s,
                                   const double *predictions, conformal_batch_bound *bounds,
                                   conformal_error *err);

/* The scores of stratum g, mirrored, as n + 1 values of rising rank; to be freed. */
conformal_status cf_mirror(const conformal_batch_plan *p, const cf_sorted *s, size_t g,
                           double **values, conformal_error *err);

/* The bound of a sum of scores as that of the statistic; sign -1: of the mirrored problem. */
double cf_sum_finish(const conformal_batch_plan *p, double sum, const double *predictions,
                     double sign);

/* The level of each side. */
static inline double cf_side_alpha(const conformal_batch_options *o)
{
    return o->side == CONFORMAL_BATCH_BOTH ? 0.5 * o->alpha : o->alpha;
}

/* Its rank costs as they were given, not mirrored. */
static inline const int32_t *cf_side_costs(const conformal_batch_options *o, int side)
{
    return side == CF_LOWER && o->costs_low != NULL ? o->costs_low : o->costs;
}

static inline bool cf_side_wanted(const conformal_batch_options *o, int side)
{
    return o->side !=
           (side == CF_UPPER ? CONFORMAL_BATCH_LOWER : CONFORMAL_BATCH_UPPER);
}

/* Ranks per stratum with P(at least z of the batch at or below them) >= 1 - alpha. */
conformal_status cf_strata_ranks(const size_t *n, const size_t *m, size_t n_strata, size_t z,
                                 double alpha, const conformal_allocator *allocator,
                                 size_t *ranks, double *miss, conformal_error *err);

/* A sum of n finite numbers, rounded up or down. */
double cf_sum_up(const double *x, size_t n);
double cf_sum_down(const double *x, size_t n);

#endif
