/* intervals.c - coverage and sharpness of prediction intervals.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Winkler (1972), JASA 67:187-191; Gneiting, Raftery (2007), JASA 102:359-378, eq. 43. */
#include <math.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/select.h"
#include "base/sum.h"
#include "calibrate/runs.h"
#include "conformal/evaluate.h"

static double width_of(double lower, double upper)
{
    return lower > upper ? 0.0 : upper - lower; /* an empty interval; inf - -inf is inf */
}

/* The running numbers of one group. */
typedef struct tally {
    cf_sum width;
    cf_sum winkler;
    size_t bounded; /* rows with two finite ends */
} tally;

static void count_row(double y, double lower, double upper, double alpha, tally *t,
                      conformal_interval_metrics *m)
{
    double width = width_of(lower, upper);
    m->n++;
    m->covered += lower <= y && y <= upper;
    m->below += y < lower;
    m->above += y > upper;
    m->empty += lower > upper;
    if (isinf(lower) || isinf(upper)) {
        m->infinite += !(lower > upper); /* (inf, -inf) is empty, not infinite */
        return;
    }
    t->bounded++;
    double outside = (y < lower ? lower - y : 0.0) + (y > upper ? y - upper : 0.0);
    cf_sum_add(&t->width, width);
    cf_sum_add(&t->winkler, outside > 0.0 ? width + 2.0 / alpha * outside : width);
}

/* The median of n widths, infinite ones included. Permutes them. */
static double median_of(double *widths, size_t n)
{
    if (n == 0)
        return (double)NAN;
    double upper = cf_select(widths, n, n / 2 + 1);
    if (n % 2 == 1 || isinf(upper))
        return upper;
    double lower = widths[0]; /* cf_select left the smaller half in front */
    for (size_t i = 1; i < n / 2; i++)
        lower = fmax(lower, widths[i]);
    return lower + (upper - lower) / 2;
}

static conformal_status finish(const tally *t, double *widths, conformal_interval_metrics *m,
                               conformal_error *err)
{
    size_t finite = m->n - m->infinite;
    m->coverage = m->mean_width = m->winkler = (double)NAN;
    m->coverage_lower = m->coverage_upper = (double)NAN;
    m->median_width = median_of(widths, m->n);
    if (finite > 0)
        m->mean_width = cf_sum_value(&t->width) / (double)finite;
    if (t->bounded > 0)
        m->winkler = cf_sum_value(&t->winkler) / (double)t->bounded;
    if (m->n == 0)
        return CONFORMAL_OK;
    m->coverage = (double)m->covered / (double)m->n;
    return conformal_coverage_interval(m->covered, m->n, 0.95, &m->coverage_lower,
                                       &m->coverage_upper, err);
}

static conformal_status check(const double *y, const double *lower, const double *upper,
                              size_t n, double alpha, const int32_t *groups, size_t n_groups,
                              const conformal_interval_metrics *metrics, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_numbers(y, n, "y", err)) != CONFORMAL_OK ||
        (status = cf_check_numbers(lower, n, "lower", err)) != CONFORMAL_OK ||
        (status = cf_check_numbers(upper, n, "upper", err)) != CONFORMAL_OK ||
        (status = cf_check_alpha(alpha, err)) != CONFORMAL_OK ||
        (n_groups > 0 && (status = cf_check_groups(groups, n, n_groups, err)) != CONFORMAL_OK))
        return status;
    return cf_check_pointer(metrics, "metrics", err);
}

conformal_status conformal_evaluate_intervals(const double *y, const double *lower,
                                              const double *upper, size_t n, double alpha,
                                              const int32_t *groups, size_t n_groups,
                                              const conformal_allocator *allocator,
                                              conformal_interval_metrics *metrics,
                                              conformal_error *err)
{
    static const conformal_interval_metrics none;
    static const tally zero;
    cf_runs runs = {NULL, NULL};
    conformal_status status = check(y, lower, upper, n, alpha, groups, n_groups, metrics, err);
    if (status != CONFORMAL_OK)
        return status;

    double *widths = cf_alloc(allocator, n, sizeof *widths);
    tally *tallies = cf_alloc(allocator, n_groups + 1, sizeof *tallies);
    conformal_interval_metrics *out = cf_alloc(allocator, n_groups + 1, sizeof *out);
    if (widths == NULL || tallies == NULL || out == NULL) {
        status = cf_fail_memory(err, n, "interval widths");
        goto done;
    }
    for (size_t g = 0; g <= n_groups; g++) {
        out[g] = none;
        tallies[g] = zero;
    }
    for (size_t i = 0; i < n; i++) {
        widths[i] = width_of(lower[i], upper[i]);
        count_row(y[i], lower[i], upper[i], alpha, tallies, out);
        if (n_groups > 0)
            count_row(y[i], lower[i], upper[i], alpha, tallies + 1 + groups[i],
                      out + 1 + groups[i]);
    }
    if (n_groups > 0)
        status = cf_runs_make(widths, groups, n, n_groups, allocator, &runs, err);
    for (size_t g = 0; status == CONFORMAL_OK && g <= n_groups; g++)
        status = finish(tallies + g, g == 0 ? widths : runs.scores + runs.start[g - 1],
                        out + g, err);
    for (size_t g = 0; status == CONFORMAL_OK && g <= n_groups; g++)
        metrics[g] = out[g];
done:
    cf_runs_free(allocator, &runs);
    cf_free(allocator, out);
    cf_free(allocator, tallies);
    cf_free(allocator, widths);
    return status;
}
