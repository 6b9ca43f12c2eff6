/* plan.c - the law of the coverage that one calibration set gives.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vovk (2012), arXiv:1209.2673, proposition 2a; Wilks (1941), Ann. Math. Stat. 12:91-96. */
#include "conformal/plan.h"

#include <math.h>

#include "base/check.h"
#include "base/error.h"
#include "base/rank.h"
#include "base/special.h"

/* The law of the k-th smallest of n uniforms, 0 <= k <= n + 1. */
static double law_quantile(size_t n, size_t k, double p)
{
    if (k == 0 || k > n)
        return k == 0 ? 0.0 : 1.0;
    return cf_beta_quantile((double)k, (double)(n + 1 - k), p);
}

conformal_status conformal_plan_law_ranks(size_t n, size_t lower, size_t upper,
                                          conformal_coverage_law *law, conformal_error *err)
{
    conformal_status status = cf_check_pointer(law, "law", err);
    if (status != CONFORMAL_OK)
        return status;
    if (lower >= upper || upper > n + 1)
        return cf_fail(err, CONFORMAL_EDOM, "upper", CF_NO_INDEX,
                       "ranks must be 0 <= lower < upper <= n + 1, not %zu and %zu", lower,
                       upper);
    size_t k = upper - lower;
    double m = (double)n + 1.0, p = (double)k / m;
    law->n = n;
    law->rank = k;
    law->alpha = 1.0 - p;
    law->mean = p;
    law->sd = sqrt(p * (1.0 - p) / (m + 1.0));
    law->q05 = law_quantile(n, k, 0.05);
    law->q95 = law_quantile(n, k, 0.95);
    return CONFORMAL_OK;
}

conformal_status conformal_plan_law(size_t n, double alpha, conformal_coverage_law *law,
                                    conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(law, "law", err)) != CONFORMAL_OK)
        return status;
    size_t k = cf_rank(n, alpha);
    if (k > 0) {
        status = conformal_plan_law_ranks(n, 0, k, law, err);
    } else {
        conformal_coverage_law nothing = {n, alpha, 0, 0.0, 0.0, 0.0, 0.0};
        *law = nothing;
    }
    law->alpha = alpha;
    return status;
}

conformal_status conformal_plan_quantile(size_t n, double alpha, double p, double *coverage,
                                         conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(coverage, "coverage", err)) != CONFORMAL_OK)
        return status;
    if (!(p >= 0.0 && p <= 1.0))
        return cf_fail(err, CONFORMAL_EDOM, "p", CF_NO_INDEX,
                       "p must be between 0 and 1, not %s", CF_TEXT(p));
    *coverage = law_quantile(n, cf_rank(n, alpha), p);
    return CONFORMAL_OK;
}

conformal_status conformal_plan_pac_rank(size_t n, double alpha, double delta, size_t *rank,
                                         conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_open_unit(delta, "delta", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(rank, "rank", err)) != CONFORMAL_OK)
        return status;
    size_t low = 0, high = n + 1; /* the tail at low is above delta, at high it is 0 */
    if (alpha == 1.0) {
        *rank = 0;
        return CONFORMAL_OK;
    }
    while (high - low > 1) {
        size_t k = low + (high - low) / 2;
        /* P(Bin(n, 1 - alpha) >= k) = P(Bin(n, alpha) <= n - k) */
        if (cf_binomial_cdf(n - k, n, alpha) <= delta * (1.0 + 1e-12))
            high = k;
        else
            low = k;
    }
    *rank = high;
    return CONFORMAL_OK;
}

/* One tail of the Beta-binomial law: the probabilities from `from` towards `to`, each term
 * from the one before. */
static double tail(double a, double b, double m, double from, double to)
{
    double log_p =
        cf_log_choose(m, from) + cf_log_beta(from + a, m - from + b) - cf_log_beta(a, b);
    double p = exp(log_p), sum = 0.0;
    if (from <= to) {
        for (double k = from; k <= to; k += 1.0) {
            sum += p;
            p *= (m - k) / (k + 1.0) * (k + a) / (m - k - 1.0 + b);
        }
    } else {
        for (double k = from; k >= to; k -= 1.0) {
            sum += p;
            p *= k / (m - k + 1.0) * (m - k + b) / (k - 1.0 + a);
        }
    }
    return sum;
}

conformal_status conformal_plan_test(size_t n, double alpha, size_t n_test, size_t covered,
                                     double *p_value, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (status = cf_check_count(n_test, "n_test", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(p_value, "p_value", err)) != CONFORMAL_OK)
        return status;
    if (covered > n_test)
        return cf_fail(err, CONFORMAL_EDOM, "covered", CF_NO_INDEX,
                       "%zu covered are more than %zu rows", covered, n_test);
    size_t k = cf_rank(n, alpha);
    if (k == 0 || k > n) { /* the coverage is 0 or 1 for certain */
        *p_value = covered == (k == 0 ? 0 : n_test) ? 1.0 : 0.0;
        return CONFORMAL_OK;
    }
    double a = (double)k, b = (double)(n + 1 - k), m = (double)n_test, x = (double)covered;
    double below = tail(a, b, m, x, 0.0), above = tail(a, b, m, x, m);
    *p_value = fmin(1.0, 2.0 * fmin(below, above));
    return CONFORMAL_OK;
}
