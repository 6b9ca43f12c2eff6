/* serve.h - requests of pursue serve, and their answers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "json.h"
#include "pursuit.h"

typedef struct server {
    const call *c;
    const pursuit_options *o;
    const pursuit_expert *e;
    conformal_pursuit_session **sessions; /* s1, s2, ..; NULL: finished */
    size_t n_sessions, room;
    unsigned char *member;
    double *values;
} server;

/* One request and its answer. */
typedef struct exchange {
    const json_object *in;
    conformal_report *out;
    conformal_pursuit_session **session;
} exchange;

/* The answer to a request into x->out. */
void serve_request(server *s, exchange *x);
/* x->out says why not. error: a word for programs. */
void serve_refuse(exchange *x, const char *error, const char *message);

#endif
