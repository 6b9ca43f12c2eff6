/* calibrate.h - a calibrator: the thresholds that turn predictions into intervals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CONFORMAL_CALIBRATE_H
#define CONFORMAL_CALIBRATE_H

#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"
#include "conformal/plan.h"
#include "conformal/score.h"

CONFORMAL_BEGIN_DECLS

typedef struct conformal_calibrator conformal_calibrator;

/* One group at one level. */
typedef struct conformal_threshold {
    double alpha;
    size_t n;     /* calibration scores of the group */
    size_t rank;  /* which order statistic, of each side; n + 1 is +infinity */
    double lower; /* threshold of the lower side; equals upper for a score of one side */
    double upper;
} conformal_threshold;

/* How to calibrate. Start from CONFORMAL_SPLIT_INIT. */
typedef struct conformal_split_options {
    size_t size;
    conformal_score score;
    double beta;             /* normalized: added to every scale, >= 0; default 0 */
    const double *alphas;    /* n_alphas levels; NULL means the one level 0.1 */
    size_t n_alphas;
    const char *const *group_names; /* names of the codes 0..n_groups-1, or NULL: no groups */
    size_t n_groups;
    const conformal_allocator *allocator;
} conformal_split_options;
#define CONFORMAL_SPLIT_INIT \
    {sizeof(conformal_split_options), CONFORMAL_SCORE_ABSOLUTE, 0.0, NULL, 0, NULL, 0, NULL}

/* conformal_split_fit - split conformal calibration of a model fitted on other data
 *
 *   options     NULL for the defaults
 *   data        n rows of y and the score's columns; with groups, data->group in
 *               0..n_groups-1
 *   calibrator  out: to be freed with conformal_calibrator_free()
 *
 * R1. Exchangeable rows give P(Y in C) >= 1 - alpha, with equality rank / (n + 1) when
 *     scores are almost surely distinct; with groups, the same within each group.
 * R2. A score of two sides spends alpha/2 on each.
 * R3. n too small for alpha gives infinite thresholds, not an error.
 * Errors: those of conformal_score_rows(), EDOM (alpha, beta, group), ENOMEM. O(n). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_split_fit(const conformal_split_options *options, const conformal_data *data,
                    conformal_calibrator **calibrator, conformal_error *err);

/* conformal_split_fit_scores - the same from scores already computed (streaming callers)
 *
 *   lower, upper  n scores as conformal_score_rows() writes them (lower NULL for a score
 *                 of one side); group: n codes, or NULL without groups */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_split_fit_scores(const conformal_split_options *options, const double *lower,
                           const double *upper, const int32_t *group, size_t n,
                           conformal_calibrator **calibrator, conformal_error *err);

/* conformal_calibrator_restore - a calibrator from thresholds kept elsewhere
 *
 *   n           calibration rows
 *   thresholds  max(1, n_groups) x n_alphas cells, group by group, copied; their alphas
 *               must be those of the options */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_calibrator_restore(const conformal_split_options *options, size_t n,
                             const conformal_threshold *thresholds,
                             conformal_calibrator **calibrator, conformal_error *err);

CONFORMAL_API void conformal_calibrator_free(conformal_calibrator *calibrator);

/* What a calibrator knows. Pointers are lent until it is freed. */
CONFORMAL_API conformal_score conformal_calibrator_score(const conformal_calibrator *c);
CONFORMAL_API double conformal_calibrator_beta(const conformal_calibrator *c);
CONFORMAL_API size_t conformal_calibrator_rows(const conformal_calibrator *c);
CONFORMAL_API size_t conformal_calibrator_alphas(const conformal_calibrator *c,
                                                 const double **alphas);
/* Number of groups; 0 when there is one threshold for all. */
CONFORMAL_API size_t conformal_calibrator_groups(const conformal_calibrator *c);
CONFORMAL_API const char *conformal_calibrator_group_name(const conformal_calibrator *c,
                                                          size_t group);
/* The code of a group by its name (hashed, O(length)), or -1: never seen. */
CONFORMAL_API int32_t conformal_calibrator_group_code(const conformal_calibrator *c,
                                                      const char *name, size_t length);
/* The cell of a group (0 without groups) at the alphas' index; NULL out of range. */
CONFORMAL_API const conformal_threshold *
conformal_calibrator_threshold(const conformal_calibrator *c, size_t group,
                               size_t alpha_index);

/* conformal_calibrator_law - what coverage to expect from a cell
 *
 * Beta(rank) for a score of one side; between two order statistics for signed, of ranks
 * n + 1 - rank and rank; for cqr-asymmetric only the bound 1 - 2 P(one side misses) holds:
 * mean, and q05 by the union bound; sd and q95 are then NaN and 1.
 * Errors: EINVAL (out of range). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_calibrator_law(const conformal_calibrator *c, size_t group, size_t alpha_index,
                         conformal_coverage_law *law, conformal_error *err);

/* Notes travel with a calibrator: the command line keeps the names of the columns in
 * them ("column.yhat" = "predicted"). Texts are copied; an empty or NULL text removes the
 * note; conformal_calibrator_note() returns NULL when there is none. Notes are numbered
 * 0, 1, .. for conformal_calibrator_note_at(), in order of first setting. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_calibrator_set_note(conformal_calibrator *c, const char *key, const char *text,
                              conformal_error *err);
CONFORMAL_API const char *conformal_calibrator_note(const conformal_calibrator *c,
                                                    const char *key);
CONFORMAL_API size_t conformal_calibrator_notes(const conformal_calibrator *c);
CONFORMAL_API const char *conformal_calibrator_note_at(const conformal_calibrator *c, size_t i,
                                                       const char **text);

CONFORMAL_END_DECLS

#endif
