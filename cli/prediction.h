/* prediction.h - intervals for the rows of a file, streaming.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_PREDICTION_H
#define CLI_PREDICTION_H

#include "columns.h"
#include "in.h"
#include "out.h"

enum { MOST_COLUMNS = 2 * OPT_MOST_REALS };

typedef struct prediction {
    const call *c;
    const conformal_calibrator *calibrator;
    columns columns;
    out *out;
    size_t n_levels;
    size_t levels[OPT_MOST_REALS];   /* indices of the calibrator's levels */
    char names[MOST_COLUMNS][48];    /* lower, upper of each level */
    double *intervals[MOST_COLUMNS]; /* of a block */
    int32_t *codes;
    conformal_text *lines;           /* rows without the columns that are replaced */
    char *text;                      /* their bytes */
    size_t room, text_room;
    size_t cut[MOST_COLUMNS], n_cut; /* uses of replaced columns, in file order */
    block block;
    conformal_csv *csv;
    conformal_predict_counts counts;
    size_t missing;                  /* rows with a missing value */
    bool keep;                       /* keep the intervals of all rows: */
    double *kept[MOST_COLUMNS];
    size_t n_kept, kept_room;
} prediction;

/* NULL: no memory, said. */
prediction *prediction_create(const call *c, const conformal_calibrator *calibrator,
                              const column_options *named);
int prediction_run(prediction *p, in_file *file);
void prediction_free(prediction *p);

#endif
