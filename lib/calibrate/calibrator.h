/* calibrator.h - what a calibrator is made of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_CALIBRATOR_H
#define CF_CALIBRATOR_H

#include <stdint.h>

#include "conformal/calibrate.h"
#include "score/score.h"

typedef struct cf_note {
    char *key;
    char *text;
} cf_note;

struct conformal_calibrator {
    const conformal_allocator *allocator; /* own_allocator, or NULL for malloc() */
    conformal_allocator own_allocator;
    const cf_score_kind *kind;
    double beta;
    size_t n;
    size_t n_alphas;
    double *alphas;
    size_t n_groups;              /* 0: one cell for all */
    char **group_names;           /* n_groups */
    int32_t *slots; /* open-addressing hash table of codes, or -1; a power of 2 */
    size_t n_slots;
    conformal_threshold *cells;   /* max(1, n_groups) x n_alphas */
    size_t n_notes;
    cf_note *notes;
};

/* Options with their defaults filled in and checked. */
conformal_status cf_split_options_read(const conformal_split_options *options,
                                       conformal_split_options *read, conformal_error *err);

/* A calibrator with unset cells. */
conformal_status cf_calibrator_create(const conformal_split_options *options, size_t n,
                                      conformal_calibrator **calibrator, conformal_error *err);

#endif
