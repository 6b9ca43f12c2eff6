/* command.h - what a command is, and what it is called with.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <conformal.h>

#include "opt.h"

/* Exit statuses, as documented in conformal(1). */
enum {
    EXIT_DONE = 0,
    EXIT_NEGATIVE = 1, /* the answer is no */
    EXIT_USAGE = 2,    /* the command line is wrong */
    EXIT_DATA = 3,     /* the data are wrong; the message says where */
    EXIT_IO = 4,       /* a file, a pipe or the store could not be used */
    EXIT_MEMORY = 5,
    EXIT_BUG = 70
};

/* Options of every command; the first member of each command's options struct. */
typedef struct common_options {
    const char *format;    /* NULL: the command's own */
    const char *output;
    const char *store;
    const char *missing;
    const char *delimiter;
    opt_count seed;
    bool quiet;
    bool help;
} common_options;

extern const char *const format_choices[];

#define COMMON_OUTPUT_OPTIONS                                                                 \
    {OPT_CHOICE,    0, "format", offsetof(common_options, format), "F", "csv, json or table", \
     format_choices},                                                                         \
        {OPT_TEXT, 'o',                                                                       \
         "output", offsetof(common_options, output),                                          \
         "FILE",   "write to FILE, whole or not at all",                                      \
         NULL},                                                                               \
        {OPT_FLAG, 'q',                                                                       \
         "quiet",  offsetof(common_options, quiet),                                           \
         NULL,     "no notes, no progress",                                                   \
         NULL},                                                                               \
    {                                                                                         \
        OPT_FLAG, 'h', "help", offsetof(common_options, help), NULL,                          \
            "show this help and exit", NULL                                                   \
    }
/* Of commands that talk, and write no result. */
#define COMMON_TALK_OPTIONS                                                                   \
    {OPT_FLAG, 'q', "quiet", offsetof(common_options, quiet), NULL, "no notes, no progress",  \
     NULL},                                                                                   \
    {                                                                                         \
        OPT_FLAG, 'h', "help", offsetof(common_options, help), NULL,                          \
            "show this help and exit", NULL                                                   \
    }
#define COMMON_STORE_OPTIONS \
    {OPT_TEXT, 0, "store", offsetof(common_options, store), "FILE", \
     "the results store (default $CONFORMAL_STORE)", NULL}
#define COMMON_INPUT_OPTIONS \
    {OPT_TEXT, 0, "na", offsetof(common_options, missing), "LIST", \
     "texts that mean a missing value, e.g. NA,n/a", NULL}, \
    {OPT_TEXT, 0, "delimiter", offsetof(common_options, delimiter), "C", \
     "between fields (default: found in the header)", NULL}, \
    {OPT_COUNT, 0, "seed", offsetof(common_options, seed), "N", \
     "64-bit seed where randomness is used", NULL}
#define OPTIONS_END {OPT_END, 0, NULL, 0, NULL, NULL, NULL}

typedef struct call call;

typedef struct command {
    const char *name;        /* "calibrate", "runs list" */
    const char *operands;    /* "[FILE]" */
    const char *summary;     /* one line */
    const char *description; /* paragraphs, for help and the man page */
    const char *examples;    /* lines */
    const opt *options;
    size_t options_size;
    const void *defaults;    /* options_size bytes */
    size_t min_operands, max_operands;
    int (*run)(const call *c); /* returns an exit status */
} command;

struct call {
    const command *command;
    const void *options; /* common_options first */
    const char *const *operands;
    size_t n_operands;
    const opt_given *given;
    size_t n_given;
    int argc; /* of the whole program */
    char **argv;
};

static inline const common_options *common_of(const call *c)
{
    return c->options;
}

/* The one table; ends with NULL. */
extern const command *const commands[];
/* The command of that name, words joined by blanks; NULL. */
const command *command_find(const char *name);
/* Run a command as main() would, e.g. from the demo; argv[0] is the command. */
int command_run(int argc, char **argv);

extern const command cmd_calibrate, cmd_predict, cmd_evaluate, cmd_quantile, cmd_plan,
    cmd_runs_list, cmd_runs_show, cmd_runs_export, cmd_runs_delete, cmd_runs_verify,
    cmd_runs_calibrators, cmd_runs_forget, cmd_demo, cmd_version, cmd_help,
    cmd_batch_median, cmd_batch_quantile, cmd_batch_quartiles, cmd_batch_mean,
    cmd_batch_sum, cmd_batch_trimmed_mean, cmd_batch_top_mean, cmd_batch_l_statistic,
    cmd_batch_count, cmd_batch_simultaneous, cmd_batch_select, cmd_batch_pvalue,
    cmd_pursue_fit, cmd_pursue_show, cmd_pursue_play, cmd_pursue_evaluate, cmd_pursue_serve;

/* help.c */
void help_program(FILE *out);
void help_command(FILE *out, const command *cmd);

#endif
