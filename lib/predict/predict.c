/* predict.c - thresholds to prediction intervals, row by row.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why rounding cannot cost coverage. Let R be the exact score of a row and s >= R the one
 * computed; rounding up is monotone, so the k-th smallest s is at least the k-th smallest
 * R =: r. The exact interval of r contains y with the promised probability, and each end
 * computed from q >= r and rounded outwards contains it. */
#include "conformal/predict.h"

#include <math.h>

#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "calibrate/calibrator.h"

/* Rows in flight: their thresholds fit on the stack and in the first-level cache. */
enum { BLOCK = 256 };

typedef struct thresholds {
    double lower[BLOCK]; /* the thresholds of each row, 0 where infinite: */
    double upper[BLOCK]; /* those ends are overwritten afterwards */
    double lower_limit[BLOCK]; /* +inf or -inf where they are, else 0 */
    double upper_limit[BLOCK];
} thresholds;

static void look_up(const conformal_calibrator *c, size_t alpha_index, const int32_t *group,
                    size_t from, size_t to, thresholds *t, conformal_predict_counts *counts)
{
    for (size_t i = from; i < to; i++) {
        double lower = HUGE_VAL, upper = HUGE_VAL;
        int32_t g = c->n_groups > 0 ? group[i] : 0;
        if (c->n_groups > 0 && (g < 0 || (size_t)g >= c->n_groups)) {
            counts->unseen++;
        } else {
            const conformal_threshold *cell = &c->cells[(size_t)g * c->n_alphas + alpha_index];
            lower = cell->lower;
            upper = cell->upper;
        }
        size_t at = i - from;
        t->lower_limit[at] = isinf(lower) ? lower : 0.0;
        t->upper_limit[at] = isinf(upper) ? upper : 0.0;
        t->lower[at] = isinf(lower) ? 0.0 : lower;
        t->upper[at] = isinf(upper) ? 0.0 : upper;
    }
}

/* R3. A threshold of -inf on either side leaves no outcome at all. */
static void settle(const cf_score_kind *kind, const thresholds *t, size_t from, size_t to,
                   double *lower, double *upper, conformal_predict_counts *counts)
{
    for (size_t i = from; i < to; i++) {
        double below = t->lower_limit[i - from], above = t->upper_limit[i - from];
        if (below < 0.0 || above < 0.0) {
            lower[i] = HUGE_VAL;
            upper[i] = -HUGE_VAL;
        } else {
            lower[i] = below > 0.0 ? -HUGE_VAL : lower[i];
            upper[i] = above > 0.0 ? HUGE_VAL : upper[i];
        }
        counts->infinite += (kind->has_lower && lower[i] == -HUGE_VAL) ||
                            (kind->has_upper && upper[i] == HUGE_VAL);
        counts->empty += lower[i] > upper[i];
    }
}

conformal_status conformal_predict(const conformal_calibrator *c, size_t alpha_index,
                                   const conformal_data *data, double *lower, double *upper,
                                   conformal_predict_counts *counts, conformal_error *err)
{
    conformal_data rows = CONFORMAL_DATA_INIT;
    conformal_predict_counts seen = {0, 0, 0, 0};
    thresholds t;
    conformal_status status;
    if ((status = cf_check_pointer(c, "calibrator", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(data, "data", err)) != CONFORMAL_OK ||
        (status = cf_options_read(&rows, sizeof rows, data, err)) != CONFORMAL_OK)
        return status;
    if (alpha_index >= c->n_alphas)
        return cf_fail(err, CONFORMAL_EINVAL, "alpha_index", alpha_index,
                       "the calibrator has %zu levels, no level %zu", c->n_alphas,
                       alpha_index);
    if ((status = cf_check_array(lower, rows.n, "lower", err)) != CONFORMAL_OK ||
        (status = cf_check_array(upper, rows.n, "upper", err)) != CONFORMAL_OK ||
        (c->n_groups > 0 &&
         (status = cf_check_array(rows.group, rows.n, "group", err)) != CONFORMAL_OK) ||
        (status = cf_score_check(c->kind, &rows, c->beta, 0, err)) != CONFORMAL_OK)
        return status;

    cf_interval_rows r = {&rows, c->beta, t.lower, t.upper, lower, upper, 0};
    for (size_t from = 0; from < rows.n; from += BLOCK) {
        size_t to = rows.n - from < BLOCK ? rows.n : from + BLOCK;
        look_up(c, alpha_index, rows.group, from, to, &t, &seen);
        c->kind->interval(&r, from, to);
        settle(c->kind, &t, from, to, lower, upper, &seen);
    }
    if (counts != NULL) {
        counts->infinite += seen.infinite;
        counts->empty += seen.empty;
        counts->unseen += seen.unseen;
        counts->crossed += r.crossed;
    }
    return CONFORMAL_OK;
}
