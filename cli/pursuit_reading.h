/* pursuit_reading.h - what the readers of rows, oracles and questions share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_PURSUIT_READING_H
#define CLI_PURSUIT_READING_H

#include "pursuit.h"

typedef struct reading {
    const pursuit_options *o;
    const common_options *common;
    pursuit_data *d;
    conformal_csv *csv;
    size_t label_use;
    size_t *use; /* of each query */
    bool known;  /* the queries are those of an oracle */
    size_t strangers; /* questions about no query */
} reading;

conformal_status pursuit_fail(conformal_error *err, conformal_status status);
conformal_status pursuit_no_memory(conformal_error *err);
/* Row i of the block: "'x' is no class of the oracle". */
conformal_status pursuit_bad_field(const reading *r, size_t i, const char *column,
                                   conformal_text t, const char *what, conformal_error *err);
/* Room for n rows of codes. */
conformal_status pursuit_reserve(pursuit_data *d, size_t n, conformal_error *err);
/* The label's column, and a query for each other that is not dropped. */
conformal_status pursuit_use_columns(reading *r, conformal_csv_kind kind, size_t label,
                                     conformal_error *err);

/* pursuit_oracle.c: parser callbacks; user is the reading. */
conformal_status pursuit_oracle_header(void *user, conformal_csv *csv, conformal_error *err);
conformal_status pursuit_oracle_rows(void *user, const conformal_csv_rows *rows,
                                     conformal_error *err);
/* no is 0, yes is 1. */
int pursuit_name_answers(const call *c, pursuit_data *d);
/* Cases of an oracle: a class at random, and its answers, with flips. */
int pursuit_simulate(const call *c, const pursuit_options *o, uint64_t seed, pursuit_data *d);

/* pursuit_questions.c: --queries. */
int pursuit_read_questions(const call *c, const pursuit_options *o, pursuit_data *d);

#endif
