/* batch_compare.c - what other methods would have given.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "batch.h"
#include "say.h"

double batch_statistic_of(void *user, const double *sorted, size_t m)
{
    const batch_statistic *s = user;
    double sum = 0.0;
    switch (s->kind) {
    case CONFORMAL_BATCH_ORDER:
        return sorted[s->rank - 1];
    case CONFORMAL_BATCH_LINEAR:
        for (size_t j = 0; j < m; j++)
            sum += s->coefficients[j] > 0.0 ? s->coefficients[j] * sorted[j] : 0.0;
        return sum / s->divisor;
    case CONFORMAL_BATCH_MEAN:
    case CONFORMAL_BATCH_SUM:
        for (size_t j = 0; j < m; j++)
            sum += sorted[j];
        return s->kind == CONFORMAL_BATCH_MEAN ? sum / (double)m : sum;
    default:
        for (size_t j = 0; j < m; j++)
            sum += sorted[j] > s->above;
        return sum;
    }
}

static conformal_batch_side side_of(const batch_options *o)
{
    return o->side[0] == 'b'   ? CONFORMAL_BATCH_BOTH
           : o->side[0] == 'u' ? CONFORMAL_BATCH_UPPER
                               : CONFORMAL_BATCH_LOWER;
}

/* Outcomes instead of residuals: for the mean and the sum. */
static double shift_of(const batch_input *in, const batch_statistic *s)
{
    double sum = 0.0;
    for (size_t j = 0; j < in->m && in->predictions != NULL; j++)
        sum += in->predictions[j];
    return s->kind == CONFORMAL_BATCH_MEAN ? sum / (double)in->m : sum;
}

static void add_row(conformal_report *r, const char *method, double lower, double upper)
{
    conformal_report_begin_object(r, NULL);
    conformal_report_text(r, "method", method);
    conformal_report_number(r, "lower", lower);
    conformal_report_number(r, "upper", upper);
    conformal_report_end_object(r);
}

/* first bounds below, second above; for one statistic they are the same. */
static conformal_status bounds_of(conformal_batch_baseline baseline, const batch_options *o,
                                  const batch_input *in, uint64_t seed,
                                  const batch_statistic *first, const batch_statistic *second,
                                  double *lower, double *upper, conformal_error *err)
{
    batch_statistic low = *first, high = *second;
    double unused, alpha = side_of(o) == CONFORMAL_BATCH_BOTH ? 0.5 * o->alpha : o->alpha;
    conformal_status status = CONFORMAL_OK;
    *lower = -HUGE_VAL;
    *upper = HUGE_VAL;
    if (side_of(o) != CONFORMAL_BATCH_UPPER)
        status = conformal_batch_baseline_bounds(
            baseline, in->down, in->n, in->m, batch_statistic_of, &low, alpha,
            CONFORMAL_BATCH_LOWER, in->low, in->high, seed, NULL, lower, &unused, err);
    if (side_of(o) != CONFORMAL_BATCH_LOWER && status == CONFORMAL_OK)
        status = conformal_batch_baseline_bounds(
            baseline, in->up, in->n, in->m, batch_statistic_of, &high, alpha,
            CONFORMAL_BATCH_UPPER, in->low, in->high, seed, NULL, &unused, upper, err);
    return status;
}

int batch_compare(const call *c, const batch_options *o, const batch_input *in, record *rec,
                  const batch_statistic *first, const batch_statistic *second, double lower,
                  double upper, conformal_report *r)
{
    static const char *const names[] = {"partition", "bonferroni", "direct"};
    conformal_error err;
    conformal_report_begin_array(r, "compare");
    add_row(r, "batch", lower, upper);
    for (int b = CONFORMAL_BATCH_PARTITION; b <= CONFORMAL_BATCH_DIRECT; b++) {
        double low = lower, high = upper;
        bool coincides = b == CONFORMAL_BATCH_DIRECT && first->kind == CONFORMAL_BATCH_ORDER &&
                         first->rank == second->rank;
        if (!coincides) {
            if (bounds_of((conformal_batch_baseline)b, o, in, record_seed(c, rec), first, second,
                          &low, &high, &err) != CONFORMAL_OK)
                return say_failure(c, in->calibration.name, &err);
            if (in->residuals) {
                low += shift_of(in, first);
                high += shift_of(in, second);
            }
        }
        add_row(r, names[b - CONFORMAL_BATCH_PARTITION], low, high);
    }
    conformal_report_end_array(r);
    return EXIT_DONE;
}
