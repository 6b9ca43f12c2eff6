/* cqr.c - conformalized quantile regression, symmetric and asymmetric.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Romano, Patterson, Candes (2019), arXiv:1905.03222, eq. 6-8 and theorem 2. */
#include <stddef.h>

#include "base/round.h"
#include "score/band.h"
#include "score/score.h"

static void score_symmetric(cf_score_rows *r, size_t from, size_t to)
{
    const double *y = r->data->y;
    for (size_t i = from; i < to; i++) {
        double low, high;
        cf_band(r->data, i, &low, &high, &r->crossed);
        double below = cf_sub_up(low, y[i]), above = cf_sub_up(y[i], high);
        r->upper[i] = below > above ? below : above;
    }
}

static void score_asymmetric(cf_score_rows *r, size_t from, size_t to)
{
    const double *y = r->data->y;
    for (size_t i = from; i < to; i++) {
        double low, high;
        cf_band(r->data, i, &low, &high, &r->crossed);
        r->lower[i] = cf_sub_up(low, y[i]);
        r->upper[i] = cf_sub_up(y[i], high);
    }
}

/* The one threshold of the symmetric score stands on both sides. */
static void interval(cf_interval_rows *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        double low, high;
        cf_band(r->data, i, &low, &high, &r->crossed);
        r->lower[i] = cf_sub_down(low, r->q_lower[i - from]);
        r->upper[i] = cf_add_up(high, r->q_upper[i - from]);
    }
}

const cf_score_kind cf_score_cqr = {
    CONFORMAL_SCORE_CQR, "cqr", CONFORMAL_USES_BAND, 1, 1, 1, score_symmetric, interval, NULL};
const cf_score_kind cf_score_cqr_asymmetric = {
    CONFORMAL_SCORE_CQR_ASYMMETRIC, "cqr-asymmetric", CONFORMAL_USES_BAND, 2, 1, 1,
    score_asymmetric, interval, NULL};
