/* out.h - where results go: standard output, or a file that is whole or not there.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include "command.h"

typedef struct out {
    int fd;
    const char *path;  /* NULL: standard output */
    char *temporary;   /* the file until it is renamed */
    size_t n;
    char buffer[1 << 16];
} out;

/* --output or standard output. Says what is wrong and returns false. The struct is large: it
 * comes from out_open and goes with out_close. */
out *out_open(const call *c);

/* conformal_write for the library's writers; user is the out. A reader that has gone is
 * CONFORMAL_ECANCELLED. */
conformal_status out_write(void *user, const char *bytes, size_t n, conformal_error *err);

/* Flush, and if `good` put the file in its place; frees o. Returns the exit status: `status`,
 * or EXIT_IO after saying what is wrong. */
int out_close(const call *c, out *o, int status);

/* A report in the format asked for; by default a table on a terminal and JSON elsewhere. JSON
 * begins with schema, conformal and command. */
int out_report(const call *c, const conformal_report *report, int status);

/* An empty report. NULL: no memory, said. */
conformal_report *out_new_report(const call *c);

#endif
