/* provider_inside.h - what a provider is made of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_PROVIDER_INSIDE_H
#define CLI_PROVIDER_INSIDE_H

#include <stdio.h>
#include <sys/types.h>

#include "provider.h"

struct provider {
    const call *c;
    const pursuit_data *d;
    FILE *to, *from; /* NULL: a table */
    pid_t child;     /* 0: none */
    uint64_t requests, calls, most;
    size_t batch;
    conformal_dictionary *keys;
    double *p;       /* of each key's code, n_classes numbers */
    size_t room;
    char *line;
    size_t line_room;
    char *key;
    size_t key_room;
    size_t *by_name; /* queries in the order of their names */
};

/* Fail, saying why. */
__attribute__((format(printf, 3, 4))) conformal_status
provider_fail(conformal_error *err, conformal_status status, const char *format, ...);
/* The code of a key, a new one if need be, with room for its probabilities. */
conformal_status provider_encode(provider *p, const char *key, size_t length, int32_t *code,
                                 conformal_error *err);
const char *provider_answer_text(const provider *p, size_t query, int32_t answer);

/* provider_program.c: start it, ask it for n of the histories, see it off. */
int provider_start(const call *c, provider *p, const char *program);
conformal_status provider_ask(provider *p, const conformal_pursuit_history *histories,
                              const size_t *which, size_t n, double *x, conformal_error *err);
void provider_stop(provider *p);

/* provider_table.c: read what was computed before. */
int provider_read_table(const call *c, provider *p, const char *path);

#endif
