/* pursuit.h - what the commands of information pursuit share: data, methods, policies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_PURSUIT_H
#define CLI_PURSUIT_H

#include "in.h"

typedef struct pursuit_options {
    common_options common;
    const char *label;     /* the column of classes */
    const char *drop;      /* columns that are no queries */
    const char *missing;   /* "skip" or "answer" */
    const char *oracle;    /* a table of P(yes | class, query) */
    const char *questions; /* a file of query,text */
    const char *name; /* of a policy that is kept */
    const char *method, *methods, *stop, *model, *append;
    double alpha, flip, smoothing, penalty;
    opt_reals fractions;
    opt_count simulate, most, splits, masks, case_id, batch, max_calls;
} pursuit_options;

extern const pursuit_options pursuit_defaults;
extern const char *const pursuit_missing_choices[];

#define PURSUIT_OPTION(kind, member, name, metavar, help, choices) \
    {kind, 0, name, offsetof(pursuit_options, member), metavar, help, choices}
#define PURSUIT_DATA_OPTIONS \
    PURSUIT_OPTION(OPT_TEXT, label, "label", "COL", "the column that names the class", NULL), \
    PURSUIT_OPTION(OPT_TEXT, drop, "drop", "LIST", "columns that are no queries", NULL), \
    PURSUIT_OPTION(OPT_CHOICE, missing, "missing", "HOW", \
                   "a missing value is skipped (default), or an answer of its own", \
                   pursuit_missing_choices), \
    PURSUIT_OPTION(OPT_TEXT, oracle, "oracle", "FILE", \
                   "a class a row, a query a column: the probability of yes", NULL), \
    PURSUIT_OPTION(OPT_REAL, flip, "flip", "P", \
                   "--oracle: how often an answer is wrong (default 0.1)", NULL), \
    PURSUIT_OPTION(OPT_COUNT, simulate, "simulate", "N", \
                   "--oracle without FILE: cases that are made up (default 2000)", NULL), \
    PURSUIT_OPTION(OPT_TEXT, model, "model", "MODEL", \
                   "bayes (default), logistic, exec:COMMAND, table:FILE, stream (serve)", NULL), \
    PURSUIT_OPTION(OPT_COUNT, batch, "batch", "N", \
                   "exec, stream: histories per request at the most (default 64)", NULL), \
    PURSUIT_OPTION(OPT_COUNT, max_calls, "max-calls", "N", \
                   "exec, stream: histories asked for at the most", NULL), \
    PURSUIT_OPTION(OPT_REAL, smoothing, "smoothing", "A", \
                   "bayes: added to every count of an answer (default 0.5)", NULL), \
    PURSUIT_OPTION(OPT_REAL, penalty, "penalty", "L", \
                   "logistic: of the squared weights (default 0.01)", NULL), \
    PURSUIT_OPTION(OPT_COUNT, masks, "masks", "N", \
                   "logistic: masked copies of each row (default 15)", NULL), \
    PURSUIT_OPTION(OPT_REALS, fractions, "fractions", "F,F,F", \
                   "of the rows: to fit, to calibrate the choice, the report", NULL)
#define PURSUIT_METHOD_OPTIONS \
    PURSUIT_OPTION(OPT_TEXT, method, "method", "M", \
                   "how the next question is chosen (default ip+ts)", NULL), \
    PURSUIT_OPTION(OPT_TEXT, questions, "queries", "FILE", \
                   "query,text: the questions in words", NULL)
#define PURSUIT_POLICY_OPTIONS \
    PURSUIT_OPTION(OPT_REAL, alpha, "alpha", "A", "miscoverage level (default 0.1)", NULL), \
    PURSUIT_OPTION(OPT_TEXT, stop, "stop", "RULE", \
                   "never or size:N, map:P, sd:X, gain:X, stability:X, equal (default size:1)", \
                   NULL), \
    PURSUIT_OPTION(OPT_COUNT, most, "max-queries", "N", \
                   "queries at the most (default 20)", NULL)

/* Rows in codes, with the names of everything. */
typedef struct pursuit_data {
    size_t rows, n_queries, n_classes;
    char *label;                    /* the name of the column of classes */
    char **queries;                 /* names */
    char **texts;                   /* as they are asked; NULL: by name */
    const char *const *classes;     /* lent by `labels` */
    conformal_dictionary *labels, **answers;
    int32_t *codes, *classed;       /* rows x n_queries; rows */
    size_t room, left_out;          /* left_out: rows without a class */
    size_t *n_answers;
    double *yes;                    /* --oracle: n_classes x n_queries */
    in_file file, oracle;
    struct provider *provider;      /* --model exec:, table:, stream */
} pursuit_data;

struct record;

/* Read FILE (a path, or NULL when there is none), --oracle and --queries. Returns an exit
 * status. */
int pursuit_read(const call *c, const pursuit_options *o, const char *path, bool from_file,
                 uint64_t seed, pursuit_data *d);
void pursuit_free(pursuit_data *d);
/* The code of an answer's text, -1 if it has none. */
int32_t pursuit_answer_code(const pursuit_data *d, size_t query, const char *text);
int32_t pursuit_query_code(const pursuit_data *d, const char *name);

/* Answers and class as one more row of a CSV file, which is new or has just these columns. */
int pursuit_append(const call *c, const pursuit_data *d, const conformal_pursuit_state *state,
                   const char *label, const char *path);

/* "cip:last+ts" to options; says what is wrong. */
int pursuit_method(const call *c, const pursuit_options *o, const char *method,
                   uint64_t seed, conformal_pursuit_options *want);

/* A random division of the rows; tables lend from `codes`. */
typedef struct pursuit_split {
    conformal_pursuit_table train, first, second, test;
    int32_t *codes, *classed;
    size_t *order;
} pursuit_split;
/* number: of the split; test: a part is to be left for it. */
int pursuit_divide(const call *c, const pursuit_options *o, const pursuit_data *d, uint64_t seed,
                   uint64_t number, bool test, pursuit_split *s);
void pursuit_split_free(pursuit_split *s);

int pursuit_fit(const call *c, const pursuit_options *o, const pursuit_data *d,
                const pursuit_split *s, uint64_t seed, conformal_pursuit_model **model);

/* A model and a policy to be asked. */
typedef struct pursuit_expert {
    pursuit_data data;
    pursuit_split split;
    conformal_pursuit_model *model;
    conformal_pursuit_policy *policy;
    conformal_kept_policy *kept;  /* what it was made from, if that was kept; lent to data */
    pursuit_options o;            /* what holds for it */
    uint64_t seed;
} pursuit_expert;
/* From FILE or --oracle; or, with --name, from the store. */
int pursuit_expert_make(const call *c, const pursuit_options *o, struct record *rec,
                        pursuit_expert *e);
/* The same for a dialogue on standard input, from which rows cannot come then; the run is not
 * recorded. input: "where you answer". */
int pursuit_expert_open(const call *c, const pursuit_options *o, const char *input,
                        pursuit_expert *e);
void pursuit_expert_free(pursuit_expert *e);

/* Into the store, whose run has begun; out of it. */
int pursuit_keep(const call *c, const pursuit_expert *e, struct record *rec, const char *name);
int pursuit_recall(const call *c, const pursuit_options *o, struct record *rec,
                   pursuit_expert *e);
/* Model and policy of an expert whose data, split, options and seed are set. */
int pursuit_expert_train(const call *c, pursuit_expert *e);

#define PURSUIT_NAME_OPTION(help) PURSUIT_OPTION(OPT_TEXT, name, "name", "NAME", help, NULL)

#endif
