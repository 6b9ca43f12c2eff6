/* columns.h - options and CSV to named arrays, one way for every command.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include "command.h"

/* The roles a column may have; the order is that of role_names. */
typedef enum role {
    ROLE_Y,
    ROLE_YHAT,
    ROLE_SCALE,
    ROLE_LOWER,
    ROLE_UPPER,
    ROLE_MEDIAN,
    ROLE_GROUP, /* text; the others are numbers */
    N_ROLES
} role;

extern const char *const role_names[N_ROLES];

/* Which column of the file has which role; NULL: not given. */
typedef struct column_options {
    const char *name[N_ROLES];
} column_options;

#define COLUMN_OPTION(type, member, r, text, help) \
    {OPT_TEXT, 0, text, offsetof(type, member) + sizeof(const char *) * (r), "COL", help, NULL}
#define COLUMN_OPTIONS(type, member) \
    COLUMN_OPTION(type, member, ROLE_Y, "y", "the outcome"), \
    COLUMN_OPTION(type, member, ROLE_YHAT, "yhat", "the point prediction"), \
    COLUMN_OPTION(type, member, ROLE_SCALE, "scale", "the predicted scale (normalized)"), \
    COLUMN_OPTION(type, member, ROLE_LOWER, "lower", "the predicted lower quantile (cqr)"), \
    COLUMN_OPTION(type, member, ROLE_UPPER, "upper", "the predicted upper quantile (cqr)"), \
    COLUMN_OPTION(type, member, ROLE_MEDIAN, "median", "the predicted median (cqr-m)"), \
    COLUMN_OPTION(type, member, ROLE_GROUP, "group", "one threshold per value of this column")

/* Columns in use by a parser. */
typedef struct columns {
    const column_options *options;
    bool used[N_ROLES];
    size_t use[N_ROLES];
} columns;

/* In on_header: use the columns of the roles in `wanted` (bits 1 << role), each of which must
 * have a name. */
conformal_status columns_use(columns *k, conformal_csv *csv, unsigned wanted,
                             conformal_error *err);

/* A block's complete rows as the library wants them: those with a missing value in a number
 * column are left out. Lent until the next block; grows as needed. */
typedef struct block {
    conformal_data data;
    const conformal_text *group; /* NULL: no such column */
    bool gaps;                   /* rows may have been left out: */
    size_t *row;                 /* data row to row of the block */
    double *numbers[N_ROLES];
    conformal_text *texts;
    size_t room, dropped; /* dropped: rows left out, so far */
} block;

conformal_status block_set(block *b, const columns *k, const conformal_csv *csv,
                           const conformal_csv_rows *rows, conformal_error *err);
void block_free(block *b);

/* err->index is a row of b->data and err->argument a role: make them line and column name of
 * the file. */
void block_explain(const block *b, const columns *k, const conformal_csv *csv,
                   conformal_error *err);

/* The roles that a score needs, as bits; with y or not. */
unsigned columns_of_score(conformal_score score, bool with_y);

/* Every wanted role has a name, or says which option is missing. Returns an exit status. */
int columns_check(const call *c, const column_options *o, unsigned wanted, const char *why);

#endif
