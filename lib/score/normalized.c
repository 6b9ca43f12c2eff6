/* normalized.c - the score |y - yhat| / (scale + beta).
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Papadopoulos, Vovk, Gammerman (2011), JAIR 40:815-840; Lei et al. (2018),
 * arXiv:1604.04173, sec. 5.2. The denominator is rounded down in the score and up in the
 * interval: both errors widen. */
#include <math.h>
#include <stddef.h>

#include "base/round.h"
#include "score/score.h"

static void score(cf_score_rows *r, size_t from, size_t to)
{
    const double *y = r->data->y, *yhat = r->data->yhat, *scale = r->data->scale;
    for (size_t i = from; i < to; i++) {
        double distance = cf_distance_up(y[i], yhat[i]);
        r->upper[i] = cf_div_up(distance, cf_add_down(scale[i], r->beta));
    }
}

static void interval(cf_interval_rows *r, size_t from, size_t to)
{
    const double *yhat = r->data->yhat, *scale = r->data->scale;
    for (size_t i = from; i < to; i++) {
        double reach = cf_mul_up(r->q_upper[i - from], cf_add_up(scale[i], r->beta));
        r->lower[i] = cf_sub_down(yhat[i], reach);
        r->upper[i] = cf_add_up(yhat[i], reach);
    }
}

static const char *refuse(const conformal_data *data, double beta, size_t i,
                          const char **column)
{
    double sum = data->scale[i] + beta;
    *column = "scale";
    if (!(sum > 0.0))
        return "the scale plus beta must be positive";
    return sum < HUGE_VAL ? NULL : "the scale must be finite";
}

const cf_score_kind cf_score_normalized = {CONFORMAL_SCORE_NORMALIZED,
                                           "normalized",
                                           CONFORMAL_USES_YHAT | CONFORMAL_USES_SCALE,
                                           1,
                                           1,
                                           1,
                                           score,
                                           interval,
                                           refuse};
