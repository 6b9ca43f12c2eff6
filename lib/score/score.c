/* score.c - the conformity scores by name, and what they all share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "conformal/score.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "score/score.h"

/* Adding a score is one file and one line here. */
static const cf_score_kind *const kinds[] = {
    &cf_score_absolute, &cf_score_signed, &cf_score_normalized,
    &cf_score_lower,    &cf_score_upper,  &cf_score_cqr,
    &cf_score_cqr_asymmetric, &cf_score_cqr_r, &cf_score_cqr_m,
};

#define N_KINDS (sizeof kinds / sizeof kinds[0])

const cf_score_kind *cf_score_kind_of(conformal_score score)
{
    for (size_t k = 0; k < N_KINDS; k++)
        if (kinds[k]->code == score)
            return kinds[k];
    return NULL;
}

const char *conformal_score_name(conformal_score score)
{
    const cf_score_kind *kind = cf_score_kind_of(score);
    return kind != NULL ? kind->name : NULL;
}

unsigned conformal_score_uses(conformal_score score)
{
    const cf_score_kind *kind = cf_score_kind_of(score);
    return kind != NULL ? kind->uses : 0;
}

size_t conformal_score_sides(conformal_score score)
{
    const cf_score_kind *kind = cf_score_kind_of(score);
    return kind != NULL ? kind->sides : 0;
}

static const char *name_at(const void *context, size_t i)
{
    (void)context;
    return kinds[i]->name;
}

conformal_status conformal_score_find(const char *name, conformal_score *score,
                                      conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(name, "name", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(score, "score", err)) != CONFORMAL_OK)
        return status;
    for (size_t k = 0; k < N_KINDS; k++)
        if (strcmp(kinds[k]->name, name) == 0) {
            *score = kinds[k]->code;
            return CONFORMAL_OK;
        }
    const char *near = conformal_nearest(name, N_KINDS, name_at, NULL);
    if (near != NULL)
        return cf_fail(err, CONFORMAL_ENOTFOUND, "score", CF_NO_INDEX,
                       "no score '%s'; did you mean '%s'?", name, near);
    return cf_fail(err, CONFORMAL_ENOTFOUND, "score", CF_NO_INDEX,
                   "no score '%s'; there are absolute, normalized, signed, lower, upper, cqr, "
                   "cqr-asymmetric, cqr-r, cqr-m", name);
}

static conformal_status check_column(const double *x, size_t n, const char *name,
                                     const char *score, conformal_error *err)
{
    if (x == NULL && n > 0)
        return cf_fail(err, CONFORMAL_EINVAL, name, CF_NO_INDEX, "the score %s needs %s",
                       score, name);
    return cf_check_numbers(x, n, name, err);
}

/* A difference of two equal infinities is the only way to a score that is NaN. */
static int meets_its_own_infinity(const cf_score_kind *kind, const conformal_data *data,
                                  size_t i)
{
    double y = data->y[i];
    return ((kind->uses & CONFORMAL_USES_YHAT) && data->yhat[i] == y) ||
           ((kind->uses & CONFORMAL_USES_BAND) &&
            (data->lower[i] == y || data->upper[i] == y));
}

conformal_status cf_score_check(const cf_score_kind *kind, const conformal_data *data,
                                double beta, int need_y, conformal_error *err)
{
    const struct {
        unsigned bit;
        const double *x;
        const char *name;
    } columns[] = {
        {CONFORMAL_USES_YHAT, data->yhat, "yhat"},
        {CONFORMAL_USES_SCALE, data->scale, "scale"},
        {CONFORMAL_USES_BAND, data->lower, "lower"},
        {CONFORMAL_USES_BAND, data->upper, "upper"},
        {CONFORMAL_USES_MEDIAN, data->median, "median"},
    };
    conformal_status status = CONFORMAL_OK;
    if (need_y)
        status = check_column(data->y, data->n, "y", kind->name, err);
    for (size_t c = 0; status == CONFORMAL_OK && c < sizeof columns / sizeof columns[0]; c++)
        if (kind->uses & columns[c].bit)
            status = check_column(columns[c].x, data->n, columns[c].name, kind->name, err);
    size_t infinite = 0; /* counted first: the usual case has none, and vectorises */
    for (size_t i = 0; status == CONFORMAL_OK && need_y && i < data->n; i++)
        infinite += fabs(data->y[i]) > DBL_MAX;
    for (size_t i = 0; infinite > 0 && i < data->n; i++)
        if (isinf(data->y[i]) && meets_its_own_infinity(kind, data, i))
            return cf_fail(err, CONFORMAL_ENAN, "y", i,
                           "the score of row %zu is infinity minus infinity", i);
    if (status != CONFORMAL_OK || kind->refuse == NULL)
        return status;
    for (size_t i = 0; i < data->n; i++) {
        const char *column = "", *why = kind->refuse(data, beta, i, &column);
        if (why != NULL)
            return cf_fail(err, CONFORMAL_EDOM, column, i, "%s (row %zu)", why, i);
    }
    return CONFORMAL_OK;
}

conformal_status conformal_score_rows(conformal_score score, const conformal_data *data,
                                      double beta, double *lower, double *upper,
                                      size_t *crossed, conformal_error *err)
{
    const cf_score_kind *kind = cf_score_kind_of(score);
    conformal_data rows = CONFORMAL_DATA_INIT;
    conformal_status status;
    if (kind == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, "score", CF_NO_INDEX, "no score has the code %d",
                       (int)score);
    if ((status = cf_check_pointer(data, "data", err)) != CONFORMAL_OK ||
        (status = cf_options_read(&rows, sizeof rows, data, err)) != CONFORMAL_OK)
        return status;
    if (!(beta >= 0.0 && beta < HUGE_VAL))
        return cf_fail(err, CONFORMAL_EDOM, "beta", CF_NO_INDEX,
                       "beta must be finite and not negative, not %s", CF_TEXT(beta));
    if ((status = cf_check_array(upper, rows.n, "upper", err)) != CONFORMAL_OK ||
        (kind->sides == 2 &&
         (status = cf_check_array(lower, rows.n, "lower", err)) != CONFORMAL_OK) ||
        (status = cf_score_check(kind, &rows, beta, 1, err)) != CONFORMAL_OK)
        return status;

    cf_score_rows r = {&rows, beta, kind->sides == 2 ? lower : NULL, upper, 0};
    kind->score(&r, 0, rows.n);
    if (crossed != NULL)
        *crossed = r.crossed;
    return CONFORMAL_OK;
}
