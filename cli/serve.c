/* serve.c - requests of pursue serve, and their answers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USUAL_TOP = 3 };

/* ------------------------------------------------------------------ answers in JSON */

static void begin(exchange *x, bool ok)
{
    const json_member *id = json_find(x->in, "id");
    if (id != NULL && id->kind == JSON_NUMBER)
        conformal_report_number(x->out, "id", id->number);
    else
        conformal_report_text(x->out, "id", id != NULL && id->kind == JSON_TEXT ? id->text : NULL);
    conformal_report_bool(x->out, "ok", ok);
}

void serve_refuse(exchange *x, const char *error, const char *message)
{
    begin(x, false);
    conformal_report_text(x->out, "error", error);
    conformal_report_text(x->out, "message", message);
    if (x->session != NULL)
        conformal_report_text(x->out, "state", "unchanged");
}

static void refuse_status(exchange *x, const conformal_error *err)
{
    static const struct {
        conformal_status status;
        const char *error;
    } names[] = {{CONFORMAL_ECORRUPT, "contradiction"}, {CONFORMAL_EEXISTS, "asked"},
                 {CONFORMAL_EDOM, "answer"},            {CONFORMAL_ENOTFOUND, "nothing"},
                 {CONFORMAL_ENOMEM, "memory"},          {CONFORMAL_EIO, "model"},
                 {CONFORMAL_EINVAL, "model"},           {CONFORMAL_ENAN, "model"}};
    const char *error = "failed";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].status == err->status)
            error = names[i].error;
    serve_refuse(x, error, err->message);
}

static void report_pair(conformal_report *r, const char *name, double value)
{
    conformal_report_begin_array(r, NULL);
    conformal_report_text(r, NULL, name);
    conformal_report_number(r, NULL, value);
    conformal_report_end_array(r);
}

/* The n most probable classes, or n queries of the least value, leaving out `skip`. descending:
 * the largest first. Values that are infinite are never taken. */
static void report_top(conformal_report *r, const char *key, const char *const *names,
                       const double *x, size_t length, size_t n, bool descending, size_t skip)
{
    double last = descending ? HUGE_VAL : -HUGE_VAL;
    size_t last_at = SIZE_MAX;
    conformal_report_begin_array(r, key);
    for (; n > 0; n--) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < length; i++) {
            double sign = descending ? -1.0 : 1.0;
            bool later = sign * x[i] > sign * last ||
                         (x[i] == last && (last_at == SIZE_MAX || i > last_at));
            if (i != skip && isfinite(x[i]) && later &&
                (best == SIZE_MAX || sign * x[i] < sign * x[best]))
                best = i;
        }
        if (best == SIZE_MAX)
            break;
        report_pair(r, names[best], x[best]);
        last = x[best];
        last_at = best;
    }
    conformal_report_end_array(r);
}

/* What may be promised of a set here. k = 0 is not among the steps of "all". */
static conformal_pursuit_set promise(const conformal_pursuit_state *state,
                                     const char **coverage)
{
    bool stop = state->stopped == state->length;
    *coverage = NULL;
    if (!state->followed)
        return CONFORMAL_PURSUIT_SET_LENGTH;
    *coverage = stop ? "at-stop" : state->length == 0 ? "step" : "all-steps";
    return stop                 ? CONFORMAL_PURSUIT_SET_STOP
           : state->length == 0 ? CONFORMAL_PURSUIT_SET_STEP
                                : CONFORMAL_PURSUIT_SET_ANY;
}

static conformal_status report_set(const server *s, exchange *x, conformal_error *err)
{
    const pursuit_data *d = &s->e->data;
    conformal_pursuit_state state = conformal_pursuit_state_of(*x->session);
    const char *coverage;
    char number[CONFORMAL_NUMBER_SIZE], text[64];
    size_t count;
    conformal_status status = conformal_pursuit_set_of(
        *x->session, promise(&state, &coverage), s->member, &count, err);
    if (status != CONFORMAL_OK)
        return status;
    conformal_report_begin_array(x->out, "set");
    for (size_t y = 0; y < d->n_classes; y++)
        if (s->member[y])
            conformal_report_text(x->out, NULL, d->classes[y]);
    conformal_report_end_array(x->out);
    conformal_report_unsigned(x->out, "set_size", count);
    conformal_number_write(1.0 - s->o->alpha, number);
    snprintf(text, sizeof text, "%s >= %s", coverage != NULL ? coverage : "", number);
    conformal_report_text(x->out, "coverage", coverage != NULL ? text : NULL);
    conformal_report_bool(x->out, "policy_followed", state.followed);
    return CONFORMAL_OK;
}

/* ------------------------------------------------------------------ operations */

static const char *const *query_names(const server *s)
{
    return (const char *const *)s->e->data.queries;
}

static size_t top_of(const exchange *x)
{
    const json_member *top = json_find(x->in, "top");
    return top != NULL && top->kind == JSON_NUMBER && top->number >= 0.0 && top->number < 1e6
               ? (size_t)top->number
               : USUAL_TOP;
}

static conformal_status state_of(const server *s, exchange *x, conformal_error *err)
{
    conformal_pursuit_choice choice;
    conformal_status status = conformal_pursuit_next(*x->session, &choice, NULL, NULL, err);
    if (status != CONFORMAL_OK)
        return status;
    conformal_pursuit_state state = conformal_pursuit_state_of(*x->session);
    begin(x, true);
    conformal_report_unsigned(x->out, "k", state.length);
    report_top(x->out, "top", s->e->data.classes, state.p, s->e->data.n_classes, top_of(x), true,
               SIZE_MAX);
    conformal_report_number(x->out, "entropy_bits", state.entropy);
    status = report_set(s, x, err);
    conformal_report_bool(x->out, "stop", choice.stop);
    return status;
}

/* FNV-1a: the same case, the same random numbers. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return h;
}

static conformal_status open_session(server *s, exchange *x, conformal_error *err)
{
    const json_member *name = json_find(x->in, "case");
    conformal_pursuit_calibration k = conformal_pursuit_calibration_of(s->e->policy);
    uint64_t id = s->n_sessions;
    char text[32];
    if (name != NULL && name->kind == JSON_NUMBER && name->number >= 0.0 && name->number < 1e15)
        id = (uint64_t)name->number;
    else if (name != NULL && name->kind == JSON_TEXT)
        id = hash(name->text);
    if (s->n_sessions == s->room) {
        size_t room = 2 * s->room + 8;
        conformal_pursuit_session **grown = realloc(s->sessions, room * sizeof(void *));
        if (grown == NULL) {
            serve_refuse(x, "memory", "no memory for another session");
            return CONFORMAL_OK;
        }
        s->sessions = grown;
        s->room = room;
    }
    conformal_status status =
        conformal_pursuit_open(s->e->policy, id % CONFORMAL_PURSUIT_MOST_CASES,
                               &s->sessions[s->n_sessions], err);
    if (status != CONFORMAL_OK)
        return status;
    snprintf(text, sizeof text, "s%zu", ++s->n_sessions);
    begin(x, true);
    conformal_report_text(x->out, "session", text);
    conformal_report_unsigned(x->out, "k", 0);
    conformal_report_unsigned(x->out, "classes", s->e->data.n_classes);
    conformal_report_unsigned(x->out, "queries", s->e->data.n_queries);
    conformal_report_begin_object(x->out, "guarantee");
    conformal_report_text(x->out, "type", "all-steps");
    conformal_report_number(x->out, "alpha", s->o->alpha);
    conformal_report_unsigned(x->out, "n", k.n_second);
    conformal_report_end_object(x->out);
    return CONFORMAL_OK;
}

static conformal_status next(server *s, exchange *x, conformal_error *err)
{
    const pursuit_data *d = &s->e->data;
    double *bits = s->values + d->n_queries;
    conformal_pursuit_choice choice;
    conformal_status status =
        conformal_pursuit_next(*x->session, &choice, s->values, bits, err);
    if (status != CONFORMAL_OK)
        return status;
    begin(x, true);
    if (choice.query < 0) {
        conformal_report_null(x->out, "q");
        conformal_report_bool(x->out, "stop", true);
        return CONFORMAL_OK;
    }
    size_t q = (size_t)choice.query;
    conformal_report_text(x->out, "q", d->queries[q]);
    conformal_report_text(x->out, "text", d->texts[q] != NULL ? d->texts[q] : d->queries[q]);
    conformal_report_begin_array(x->out, "answers");
    for (size_t a = 0; a < conformal_dictionary_size(d->answers[q]); a++)
        conformal_report_text(x->out, NULL, conformal_dictionary_names(d->answers[q])[a]);
    conformal_report_end_array(x->out);
    conformal_report_number(x->out, "objective", choice.objective);
    conformal_report_number(x->out, "sd", choice.sd);
    report_top(x->out, "alternatives", query_names(s),
               isnan(choice.objective) ? bits : s->values, d->n_queries, top_of(x), false, q);
    conformal_report_bool(x->out, "stop", choice.stop);
    return CONFORMAL_OK;
}

/* The code of the answer that is given to query q, -2 after saying that there is none. */
static int32_t read_answer(const server *s, exchange *x, size_t q)
{
    const json_member *a = json_find(x->in, "a");
    char number[CONFORMAL_NUMBER_SIZE];
    const char *text = NULL;
    if (a == NULL) {
        serve_refuse(x, "answer", "member \"a\" is missing: the answer, or null if it is not known");
        return -2;
    }
    if (a->kind == JSON_NULL)
        return -1;
    if (a->kind == JSON_TEXT)
        text = a->text;
    else if (a->kind == JSON_BOOL) {
        text = a->number > 0.0 ? "true" : "false";
        if (pursuit_answer_code(&s->e->data, q, text) < 0)
            text = a->number > 0.0 ? "TRUE" : "FALSE";
        if (pursuit_answer_code(&s->e->data, q, text) < 0)
            text = a->number > 0.0 ? "yes" : "no";
    } else if (a->kind == JSON_NUMBER) {
        conformal_number_write(a->number, number);
        text = number;
    }
    int32_t code = text != NULL ? pursuit_answer_code(&s->e->data, q, text) : -1;
    if (code >= 0)
        return code;
    serve_refuse(x, "answer", "this query has no such answer (null: not known)");
    return -2;
}

static conformal_status answer(server *s, exchange *x, conformal_error *err)
{
    const json_member *name = json_find(x->in, "q");
    int32_t q = name != NULL && name->kind == JSON_TEXT
                    ? pursuit_query_code(&s->e->data, name->text)
                    : -1;
    if (q < 0) {
        serve_refuse(x, "query", "member \"q\" is not the name of a query");
        return CONFORMAL_OK;
    }
    int32_t code = read_answer(s, x, (size_t)q);
    if (code == -2)
        return CONFORMAL_OK;
    conformal_status status = conformal_pursuit_answer_query(*x->session, q, code, err);
    return status == CONFORMAL_OK ? state_of(s, x, err) : status;
}

static conformal_status undo(server *s, exchange *x, conformal_error *err)
{
    conformal_status status = conformal_pursuit_undo(*x->session, err);
    return status == CONFORMAL_OK ? state_of(s, x, err) : status;
}

static conformal_status finish(server *s, exchange *x, conformal_error *err)
{
    conformal_pursuit_choice choice;
    conformal_status status = conformal_pursuit_next(*x->session, &choice, NULL, NULL, err);
    if (status != CONFORMAL_OK)
        return status;
    conformal_pursuit_state state = conformal_pursuit_state_of(*x->session);
    begin(x, true);
    conformal_report_text(x->out, "pred", s->e->data.classes[state.best]);
    conformal_report_number(x->out, "p", state.p[state.best]);
    status = report_set(s, x, err);
    conformal_report_unsigned(x->out, "k", state.length);
    if (status != CONFORMAL_OK)
        return status;
    conformal_pursuit_close(*x->session);
    *x->session = NULL;
    return CONFORMAL_OK;
}

static conformal_status state(server *s, exchange *x, conformal_error *err)
{
    return state_of(s, x, err);
}

static conformal_status posterior(server *s, exchange *x, conformal_error *err)
{
    (void)s, (void)err;
    serve_refuse(x, "op", "this policy's model answers by itself: nobody asked for a posterior");
    return CONFORMAL_OK;
}

static const struct {
    const char *name;
    bool in_session;
    conformal_status (*run)(server *s, exchange *x, conformal_error *err);
} operations[] = {{"open", false, open_session}, {"next", true, next},
                  {"answer", true, answer},      {"undo", true, undo},
                  {"state", true, state},        {"finish", true, finish},
                  {"posterior", false, posterior}};

/* s17: the 17th that was opened. */
static conformal_pursuit_session **find_session(server *s, const exchange *x)
{
    const json_member *m = json_find(x->in, "session");
    char text[32];
    if (m == NULL || m->kind != JSON_TEXT || m->text[0] != 's')
        return NULL;
    unsigned long long number = strtoull(m->text + 1, NULL, 10);
    snprintf(text, sizeof text, "s%llu", number);
    if (strcmp(text, m->text) != 0 || number < 1 || number > s->n_sessions)
        return NULL;
    return s->sessions[number - 1] != NULL ? &s->sessions[number - 1] : NULL;
}

void serve_request(server *s, exchange *x)
{
    const json_member *op = json_find(x->in, "op");
    conformal_error err;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (op == NULL || op->kind != JSON_TEXT || strcmp(op->text, operations[i].name) != 0)
            continue;
        if (operations[i].in_session && (x->session = find_session(s, x)) == NULL)
            serve_refuse(x, "session", "there is no such session, or it has been finished");
        else if (operations[i].run(s, x, &err) != CONFORMAL_OK)
            refuse_status(x, &err);
        return;
    }
    serve_refuse(x, "op", "\"op\" is none of open, next, answer, undo, state, finish, posterior");
}
