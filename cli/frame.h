/* frame.h - a few columns of a CSV file, whole, as arrays.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_FRAME_H
#define CLI_FRAME_H

#include "in.h"

/* One column that is wanted. */
typedef struct frame_column {
    const char *name;             /* of the file's column; NULL: not wanted */
    conformal_dictionary *groups; /* not NULL: a text column, coded by it; else numbers */
    double least, most;           /* numbers outside are an error */
    const char *limits;           /* what then is said: "the support" */
    double *numbers;              /* out: n of them, or */
    int32_t *codes;
} frame_column;
#define FRAME_NUMBERS(column_name) {(column_name), NULL, -HUGE_VAL, HUGE_VAL, NULL, NULL, NULL}

enum { FRAME_MOST = 8 };

typedef struct frame {
    frame_column columns[FRAME_MOST];
    size_t n_columns;
    bool keep_gaps; /* a missing value stands as NaN, and is counted; else its row is left out */
    const char *why_whole; /* not NULL: a missing value is an error, for this reason */
    size_t n;       /* out: rows */
    size_t gaps;    /* out: rows with a missing value */
    size_t room;
} frame;

/* Read the whole file. Returns an exit status after saying what is wrong. */
int frame_read(const call *c, frame *f, in_file *file);
void frame_free(frame *f);

/* A note on rows that were left out. */
void frame_note_gaps(const call *c, const frame *f, const in_file *file);

#endif
