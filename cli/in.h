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

/* The same for a large regular file whose halves can be read side by side, each by a parser of
 * its own: users[0] gets the callbacks of the first half, users[1], on another thread, those
 * of the second. False: nothing is decided (the file is small, or a pipe, or the middle cannot
 * be told from a quoted line end, or something is wrong with it): reset the users and call
 * in_csv(), which will say what is wrong. */
bool in_csv_halves(const call *c, in_file *file, const conformal_csv_options *callbacks,
                   void *const users[2]);

/* About how many rows a file has that is worth reading by halves, from its size and its first
 * lines; 0 for any other. */
size_t in_estimate_rows(const in_file *file);

/* The path of operand i, or NULL for standard input. */
const char *in_operand(const call *c, size_t i);

#endif
