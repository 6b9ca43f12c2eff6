/* signed.c - signed residuals: both sides, or one.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lower side's score is yhat - y and the upper side's y - yhat, each with its own upper
 * quantile: yhat - q_lower is then yhat plus the lower conformal quantile of y - yhat.
 * Lei et al. (2018), arXiv:1604.04173, remark 1; Vovk, Gammerman, Shafer (2005), sec. 4. */
#include <math.h>
#include <stddef.h>

#include "base/round.h"
#include "score/score.h"

static void score_below(cf_score_rows *r, double *out, size_t from, size_t to)
{
    const double *y = r->data->y, *yhat = r->data->yhat;
    for (size_t i = from; i < to; i++)
        out[i] = cf_sub_up(yhat[i], y[i]);
}

static void score_above(cf_score_rows *r, size_t from, size_t to)
{
    const double *y = r->data->y, *yhat = r->data->yhat;
    for (size_t i = from; i < to; i++)
        r->upper[i] = cf_sub_up(y[i], yhat[i]);
}

static void score_both(cf_score_rows *r, size_t from, size_t to)
{
    score_below(r, r->lower, from, to);
    score_above(r, from, to);
}

static void score_lower(cf_score_rows *r, size_t from, size_t to)
{
    score_below(r, r->upper, from, to);
}

static void interval_both(cf_interval_rows *r, size_t from, size_t to)
{
    const double *yhat = r->data->yhat;
    for (size_t i = from; i < to; i++) {
        r->lower[i] = cf_sub_down(yhat[i], r->q_lower[i - from]);
        r->upper[i] = cf_add_up(yhat[i], r->q_upper[i - from]);
    }
}

static void interval_lower(cf_interval_rows *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        r->lower[i] = cf_sub_down(r->data->yhat[i], r->q_upper[i - from]);
        r->upper[i] = HUGE_VAL;
    }
}

static void interval_upper(cf_interval_rows *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        r->lower[i] = -HUGE_VAL;
        r->upper[i] = cf_add_up(r->data->yhat[i], r->q_upper[i - from]);
    }
}

const cf_score_kind cf_score_signed = {
    CONFORMAL_SCORE_SIGNED, "signed", CONFORMAL_USES_YHAT, 2, 1, 1, score_both,
    interval_both,          NULL};
const cf_score_kind cf_score_lower = {CONFORMAL_SCORE_LOWER, "lower", CONFORMAL_USES_YHAT, 1,
                                      1, 0, score_lower, interval_lower, NULL};
const cf_score_kind cf_score_upper = {CONFORMAL_SCORE_UPPER, "upper", CONFORMAL_USES_YHAT, 1,
                                      0, 1, score_above, interval_upper, NULL};
