/* absolute.c - the score |y - yhat|: one width everywhere.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Papadopoulos, Proedrou, Vovk, Gammerman (2002), ECML, 345-356; Lei et al. (2018),
 * arXiv:1604.04173, sec. 2.2. */
#include <stddef.h>

#include "base/round.h"
#include "score/score.h"

static void score(cf_score_rows *r, size_t from, size_t to)
{
    const double *y = r->data->y, *yhat = r->data->yhat;
    for (size_t i = from; i < to; i++)
        r->upper[i] = cf_distance_up(y[i], yhat[i]);
}

static void interval(cf_interval_rows *r, size_t from, size_t to)
{
    const double *yhat = r->data->yhat;
    for (size_t i = from; i < to; i++) {
        r->lower[i] = cf_sub_down(yhat[i], r->q_upper[i - from]);
        r->upper[i] = cf_add_up(yhat[i], r->q_upper[i - from]);
    }
}

const cf_score_kind cf_score_absolute = {
    CONFORMAL_SCORE_ABSOLUTE, "absolute", CONFORMAL_USES_YHAT, 1, 1, 1, score, interval, NULL};
