/* score.h - what a conformity score must provide; one file each beside this one.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Row functions are plain loops over arrays; cf_score_check() has passed before. */
#ifndef CF_SCORE_H
#define CF_SCORE_H

#include <stddef.h>

#include "conformal/score.h"

typedef struct cf_score_rows {
    const conformal_data *data;
    double beta;
    double *lower; /* scores of the lower side; NULL for one side */
    double *upper; /* scores of the upper, or only, side */
    size_t crossed;
} cf_score_rows;

/* Thresholds turned into interval ends. */
typedef struct cf_interval_rows {
    const conformal_data *data;
    double beta;
    const double *q_lower; /* threshold of each row's group: q_lower[i - from], finite */
    const double *q_upper;
    double *lower; /* interval ends, out: lower[i], upper[i] */
    double *upper;
    size_t crossed;
} cf_interval_rows;

typedef struct cf_score_kind {
    conformal_score code;
    const char *name;
    unsigned uses;  /* CONFORMAL_USES_* */
    size_t sides;   /* thresholds */
    int has_lower;  /* the interval has a lower, an upper end */
    int has_upper;
    /* Rows from .. to - 1. */
    void (*score)(cf_score_rows *r, size_t from, size_t to);
    void (*interval)(cf_interval_rows *r, size_t from, size_t to);
    /* NULL, or why row i is outside the score's domain, with the column at fault. */
    const char *(*refuse)(const conformal_data *data, double beta, size_t i,
                          const char **column);
} cf_score_kind;

extern const cf_score_kind cf_score_absolute;
extern const cf_score_kind cf_score_signed;
extern const cf_score_kind cf_score_normalized;
extern const cf_score_kind cf_score_lower;
extern const cf_score_kind cf_score_upper;
extern const cf_score_kind cf_score_cqr;
extern const cf_score_kind cf_score_cqr_asymmetric;
extern const cf_score_kind cf_score_cqr_r;
extern const cf_score_kind cf_score_cqr_m;

/* NULL for a code that is none. */
const cf_score_kind *cf_score_kind_of(conformal_score score);

/* The columns a score needs are there (y too when need_y), no row has a NaN in them and every
 * row is inside the score's domain. */
conformal_status cf_score_check(const cf_score_kind *kind, const conformal_data *data,
                                double beta, int need_y, conformal_error *err);

#endif
