/* opt.h - command line options as tables.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum opt_kind {
    OPT_END,
    OPT_FLAG,   /* bool */
    OPT_TEXT,   /* const char * */
    OPT_CHOICE, /* const char *, one of choices */
    OPT_REAL,   /* double; NaN where absence matters */
    OPT_REALS,  /* opt_reals: may be given several times, and as a list */
    OPT_COUNT   /* opt_count: 0 .. 2^64 - 1 */
} opt_kind;

enum { OPT_MOST_REALS = 64 };

typedef struct opt_reals {
    size_t n;
    double values[OPT_MOST_REALS];
} opt_reals;

typedef struct opt_count {
    uint64_t value;
    bool given;
} opt_count;

/* One row describes one option; parser, --help, man page and completion read the same row. */
typedef struct opt {
    opt_kind kind;
    char letter;         /* 0 if none */
    const char *name;    /* without the dashes */
    size_t offset;       /* of the value in the command's options struct */
    const char *metavar; /* NULL for OPT_FLAG */
    const char *help;    /* one line, lower case, no final period */
    const char *const *choices; /* NULL-terminated, for OPT_CHOICE */
} opt;

/* An option as it was given, for the record. */
typedef struct opt_given {
    const char *name;
    const char *value; /* "true" for a flag */
} opt_given;

typedef struct opt_result {
    opt_given *given; /* to be freed */
    size_t n_given;
    const char **operands; /* to be freed */
    size_t n_operands;
} opt_result;

/* Parse argv[0..argc-1] (options and operands only) into *values. False after saying on stderr
 * what is wrong. `command` is for the messages. */
bool opt_parse(const char *command, const opt *table, int argc, char **argv, void *values,
               opt_result *result);

/* "-a, --alpha=A" */
void opt_print_left(FILE *out, const opt *o);
void opt_print_help(FILE *out, const opt *table);

#endif
