/* calibration.h - from a calibration file to a calibrator.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_CALIBRATION_H
#define CLI_CALIBRATION_H

#include "columns.h"
#include "in.h"

/* The options that say how to calibrate, of calibrate and of one-step predict. */
typedef struct calibration_options {
    column_options columns;
    const char *method;
    const char *score;
    double beta;
    opt_reals alphas; /* empty: 0.1 */
} calibration_options;

extern const char *const calibration_methods[];
extern const char *const calibration_scores[];

#define CALIBRATION_OPTIONS(type, member) \
    {OPT_REALS, 'a', "alpha", offsetof(type, member.alphas), "A", \
     "miscoverage level, several for several intervals (default 0.1)", NULL}, \
    {OPT_CHOICE, 0, "method", offsetof(type, member.method), "M", "how (default split)", \
     calibration_methods}, \
    {OPT_CHOICE, 0, "score", offsetof(type, member.score), "S", \
     "conformity score (default absolute)", calibration_scores}, \
    COLUMN_OPTIONS(type, member.columns), \
    {OPT_REAL, 0, "beta", offsetof(type, member.beta), "B", \
     "added to every scale (normalized; default 0)", NULL}

/* Check the options: returns an exit status; *score: out. */
int calibration_check(const call *c, const calibration_options *o, conformal_score *score);

/* Read the file and calibrate, with the notes that predict needs. Returns an exit status. */
int calibration_read(const call *c, const calibration_options *o, conformal_score score,
                     in_file *file, conformal_calibrator **calibrator);

/* Notes about thresholds that are infinite because of n. */
void calibration_note_infinite(const call *c, const conformal_calibrator *calibrator);

#endif
