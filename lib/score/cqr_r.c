/* cqr_r.c - the cqr score in units of the band's width.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sesia, Candes (2020), arXiv:1909.05433, sec. 2. The width is rounded to the side that
 * raises the score, and in the interval to the side that widens. */
#include <math.h>
#include <stddef.h>

#include "base/round.h"
#include "score/band.h"
#include "score/score.h"

static void score(cf_score_rows *r, size_t from, size_t to)
{
    const double *y = r->data->y;
    for (size_t i = from; i < to; i++) {
        double low, high;
        cf_band(r->data, i, &low, &high, &r->crossed);
        double below = cf_sub_up(low, y[i]), above = cf_sub_up(y[i], high);
        double outside = below > above ? below : above;
        double width = outside < 0.0 ? cf_sub_up(high, low) : cf_sub_down(high, low);
        r->upper[i] = cf_div_up(outside, width);
    }
}

static void interval(cf_interval_rows *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        double low, high, q = r->q_upper[i - from];
        cf_band(r->data, i, &low, &high, &r->crossed);
        double width = q < 0.0 ? cf_sub_down(high, low) : cf_sub_up(high, low);
        double reach = cf_mul_up(q, width);
        r->lower[i] = cf_sub_down(low, reach);
        r->upper[i] = cf_add_up(high, reach);
    }
}

static const char *refuse(const conformal_data *data, double beta, size_t i,
                          const char **column)
{
    double width = fabs(data->upper[i] - data->lower[i]);
    (void)beta;
    *column = "upper";
    return width > 0.0 && width < HUGE_VAL
               ? NULL
               : "cqr-r needs a band of positive, finite width (cqr takes any)";
}

const cf_score_kind cf_score_cqr_r = {
    CONFORMAL_SCORE_CQR_R, "cqr-r", CONFORMAL_USES_BAND, 1, 1, 1, score, interval, refuse};
