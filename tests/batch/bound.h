/* bound.h - plan, bound and free in one call.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_BATCH_BOUND_H
#define TEST_BATCH_BOUND_H

#include "conformal/batch.h"
#include "test.h"

static inline conformal_batch_options options_of(conformal_batch_statistic statistic,
                                                 conformal_batch_side side, double alpha)
{
    conformal_batch_options o = CONFORMAL_BATCH_INIT;
    o.statistic = statistic;
    o.side = side;
    o.alpha = alpha;
    return o;
}

/* n and m: n_strata sizes; strata and predictions may be NULL. */
static inline conformal_batch_promise
strata_bounds(const conformal_batch_options *o, const size_t *n, const size_t *m,
              size_t n_strata, const double *scores, const int32_t *strata,
              const double *predictions, conformal_batch_bound *bounds)
{
    conformal_batch_data data = CONFORMAL_BATCH_DATA_INIT;
    conformal_batch_plan *plan = NULL;
    for (size_t g = 0; g < n_strata; g++)
        data.n += n[g];
    data.scores = scores;
    data.strata = strata;
    data.predictions = predictions;
    assert_ok(conformal_batch_plan_create(o, n, m, n_strata, &plan, err));
    assert_ok(conformal_batch_bounds(plan, &data, bounds, err));
    conformal_batch_promise promise = conformal_batch_plan_promise(plan);
    conformal_batch_plan_free(plan);
    return promise;
}

static inline conformal_batch_promise bounds_of(const conformal_batch_options *o, size_t n,
                                                size_t m, const double *scores,
                                                const double *predictions,
                                                conformal_batch_bound *bounds)
{
    return strata_bounds(o, &n, &m, 1, scores, NULL, predictions, bounds);
}

/* An upper bound (sign 1) or a lower one (-1) that is `want`, but for rounding outwards. */
#define assert_outward(actual, want, sign, scale) \
    do { \
        double b_ = (actual), w_ = (want), s_ = (sign), t_ = (scale); \
        ck_assert_msg(b_ == w_ || (s_ * (b_ - w_) >= -1e-15 * t_ && \
                                   s_ * (b_ - w_) <= 1e-12 * t_), \
                      "%s is %.17g, expected %.17g", #actual, b_, w_); \
    } while (0)

#endif
