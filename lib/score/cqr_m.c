/* cqr_m.c - each side in units of its distance to the median.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kivaranovic, Johnson, Leeb (2020), arXiv:1905.10634, sec. 3. Rounded as cqr-r is. */
#include <math.h>
#include <stddef.h>

#include "base/round.h"
#include "score/band.h"
#include "score/score.h"

/* (a - b) / (c - d), rounded up. */
static double ratio_up(double a, double b, double c, double d)
{
    double over = cf_sub_up(a, b);
    return cf_div_up(over, over < 0.0 ? cf_sub_up(c, d) : cf_sub_down(c, d));
}

static void score(cf_score_rows *r, size_t from, size_t to)
{
    const double *y = r->data->y, *median = r->data->median;
    for (size_t i = from; i < to; i++) {
        double low, high;
        cf_band(r->data, i, &low, &high, &r->crossed);
        double below = ratio_up(low, y[i], median[i], low);
        double above = ratio_up(y[i], high, high, median[i]);
        r->upper[i] = below > above ? below : above;
    }
}

/* q (c - d), rounded up. */
static double reach_up(double q, double c, double d)
{
    return cf_mul_up(q, q < 0.0 ? cf_sub_down(c, d) : cf_sub_up(c, d));
}

static void interval(cf_interval_rows *r, size_t from, size_t to)
{
    const double *median = r->data->median;
    for (size_t i = from; i < to; i++) {
        double low, high, q = r->q_upper[i - from];
        cf_band(r->data, i, &low, &high, &r->crossed);
        r->lower[i] = cf_sub_down(low, reach_up(q, median[i], low));
        r->upper[i] = cf_add_up(high, reach_up(q, high, median[i]));
    }
}

static const char *refuse(const conformal_data *data, double beta, size_t i,
                          const char **column)
{
    double low, high;
    size_t crossed = 0;
    (void)beta;
    cf_band(data, i, &low, &high, &crossed);
    *column = "median";
    return low > -HUGE_VAL && low < data->median[i] && data->median[i] < high &&
                   high < HUGE_VAL
               ? NULL
               : "cqr-m needs lower < median < upper, all finite (cqr takes any)";
}

const cf_score_kind cf_score_cqr_m = {CONFORMAL_SCORE_CQR_M,
                                      "cqr-m",
                                      CONFORMAL_USES_BAND | CONFORMAL_USES_MEDIAN,
                                      1,
                                      1,
                                      1,
                                      score,
                                      interval,
                                      refuse};
