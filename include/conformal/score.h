/* score.h - conformity scores of split conformal regression.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A score is large when the outcome is strange. Every score is a pure function of one
 * row, and is rounded up when it cannot be represented, so that no threshold is too
 * small. All arrays belong to the caller and have n elements; the output may not
 * overlap the inputs. NaN, and inf - inf, are ENAN with err->index set. O(n). */
#ifndef CONFORMAL_SCORE_H
#define CONFORMAL_SCORE_H

#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* Values are stored in files: append, never renumber. */
typedef enum conformal_score {
    CONFORMAL_SCORE_ABSOLUTE = 1,       /* |y - yhat| */
    CONFORMAL_SCORE_SIGNED = 2,         /* yhat - y and y - yhat, alpha/2 each */
    CONFORMAL_SCORE_NORMALIZED = 3,     /* |y - yhat| / (scale + beta) */
    CONFORMAL_SCORE_LOWER = 4,          /* yhat - y: a lower bound only */
    CONFORMAL_SCORE_UPPER = 5,          /* y - yhat: an upper bound only */
    CONFORMAL_SCORE_CQR = 6,            /* max(lower - y, y - upper) */
    CONFORMAL_SCORE_CQR_ASYMMETRIC = 7, /* lower - y and y - upper, alpha/2 each */
    CONFORMAL_SCORE_CQR_R = 8,          /* the cqr score / (upper - lower) */
    CONFORMAL_SCORE_CQR_M = 9           /* max of both, each / its distance to median */
} conformal_score;

/* Rows of named columns, borrowed. A column that the score does not use may be NULL. */
typedef struct conformal_data {
    size_t size; /* sizeof (conformal_data) */
    size_t n;    /* rows */
    const double *y;      /* outcomes */
    const double *yhat;   /* point predictions */
    const double *scale;  /* predicted scales, finite, scale + beta > 0 */
    const double *lower;  /* lower quantile predictions */
    const double *upper;  /* upper quantile predictions */
    const double *median; /* median predictions */
    const int32_t *group; /* group codes; < 0 is a group that nobody has seen */
} conformal_data;
#define CONFORMAL_DATA_INIT \
    {sizeof(conformal_data), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL}

/* "absolute", "signed", "normalized", "lower", "upper", "cqr", "cqr-asymmetric",
 * "cqr-r", "cqr-m"; NULL for a value that is none. */
CONFORMAL_API const char *conformal_score_name(conformal_score score);

/* The score of that name; ENOTFOUND names the nearest one. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_score_find(const char *name, conformal_score *score, conformal_error *err);

/* Which columns of conformal_data a score reads, besides y and group. */
enum {
    CONFORMAL_USES_YHAT = 1,
    CONFORMAL_USES_SCALE = 2,
    CONFORMAL_USES_BAND = 4, /* lower and upper */
    CONFORMAL_USES_MEDIAN = 8
};
CONFORMAL_API unsigned conformal_score_uses(conformal_score score);

/* 2 for scores with a threshold a side (signed, cqr-asymmetric), else 1. */
CONFORMAL_API size_t conformal_score_sides(conformal_score score);

/* conformal_score_rows - the scores of n rows
 *
 *   data     y and the columns of conformal_score_uses()
 *   beta     >= 0, added to every scale (normalized only)
 *   lower    out: n scores of the lower side; not touched (may be NULL) for a score of
 *            one side
 *   upper    out: n scores; the only ones of a score of one side
 *   crossed  out: rows whose lower > upper, which were read the other way round (cqr
 *            family); may be NULL
 *
 * Errors: EINVAL (a missing column), ENAN, EDOM (scale + beta <= 0 or infinite; cqr-r with
 * upper <= lower; cqr-m without lower < median < upper). err->argument is the column.
 * Papadopoulos et al. (2002); Lei et al. (2018), arXiv:1604.04173; Romano et al. (2019),
 * arXiv:1905.03222; Sesia & Candes (2020), arXiv:1909.05433; Kivaranovic et al. (2020),
 * arXiv:1905.10634. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_score_rows(conformal_score score, const conformal_data *data, double beta,
                     double *lower, double *upper, size_t *crossed, conformal_error *err);

CONFORMAL_END_DECLS

#endif
