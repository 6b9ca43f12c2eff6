/* in.h - CSV files in: opened, read ahead, digested, parsed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_IN_H
#define CLI_IN_H

#include "command.h"

typedef struct in_file {
    const char *path;   /* NULL or "-": standard input */
    bool digest;        /* compute sha256 */
    /* out: */
    const char *name;   /* for messages: the path, or "stdin" */
    uint64_t bytes;
    char sha256[65];
    size_t rows, blank;
} in_file;

/* How many threads a call may use: the processors that are online, at most 8. */
unsigned in_threads(void);

/* Read the whole file through a parser with the given callbacks; delimiter, missing values and
 * threads come from the common options. Returns EXIT_DONE, or an exit status after saying
 * what is wrong. A callback that fails must fill err; its status decides the exit status.
 * A callback that has already spoken sets *spoken, if that is not NULL, to its exit status. */
int in_csv(const call *c, in_file *file, const conformal_csv_options *callbacks, int *spoken);

/* The path of operand i, or NULL for standard input. */
const char *in_operand(const call *c, size_t i);

#endif
