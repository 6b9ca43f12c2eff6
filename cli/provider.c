/* provider.c - p(class | history) from elsewhere, each history asked for once.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A history's key is its known answers, "query=answer" sorted by the query's name and joined by
 * bars; what was answered for a key is remembered. A program is asked for many keys at once:
 *
 *     {"id":"m7","op":"posterior","histories":[[["black","no"]],..],"classes":["giraffe",..]}
 *     {"id":"m7","p":[[0.09,..],..]}      or "logits"
 */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "provider_inside.h"
#include "say.h"

conformal_status provider_fail(conformal_error *err, conformal_status status,
                               const char *format, ...)
{
    va_list args;
    err->status = status;
    err->index = SIZE_MAX;
    err->line = 0;
    snprintf(err->argument, sizeof err->argument, "model");
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

static conformal_status no_memory(conformal_error *err)
{
    return provider_fail(err, CONFORMAL_ENOMEM, "out of memory");
}

static int32_t answer_to(const conformal_pursuit_history *h, size_t query)
{
    for (size_t k = 0; k < h->length; k++)
        if ((size_t)h->answers[k].query == query)
            return h->answers[k].answer;
    return -1;
}

const char *provider_answer_text(const provider *p, size_t query, int32_t answer)
{
    return conformal_dictionary_names(p->d->answers[query])[answer];
}

/* The key of a history into p->key. */
static conformal_status make_key(provider *p, const conformal_pursuit_history *h,
                                 conformal_error *err)
{
    size_t room = 1, at = 0;
    for (size_t k = 0; k < h->length; k++)
        if (h->answers[k].answer >= 0)
            room += strlen(p->d->queries[h->answers[k].query]) + 2 +
                    strlen(provider_answer_text(p, (size_t)h->answers[k].query, h->answers[k].answer));
    if (room > p->key_room) {
        char *grown = realloc(p->key, 2 * room);
        if (grown == NULL)
            return no_memory(err);
        p->key = grown;
        p->key_room = 2 * room;
    }
    p->key[0] = '\0';
    for (size_t i = 0; i < p->d->n_queries && h->length > 0; i++) {
        size_t q = p->by_name[i];
        int32_t a = answer_to(h, q);
        if (a >= 0)
            at += (size_t)sprintf(p->key + at, "%s%s=%s", at > 0 ? "|" : "", p->d->queries[q],
                                  provider_answer_text(p, q, a));
    }
    return CONFORMAL_OK;
}

/* The code of p->key, a new one if need be. */
conformal_status provider_encode(provider *p, const char *key, size_t length, int32_t *code,
                                 conformal_error *err)
{
    conformal_text text = {key, length};
    conformal_status status = conformal_dictionary_encode(p->keys, &text, 1, code, err);
    if (status == CONFORMAL_OK && (size_t)*code >= p->room) {
        size_t room = 2 * p->room + 64;
        double *grown = realloc(p->p, room * p->d->n_classes * sizeof *grown);
        if (grown == NULL)
            return no_memory(err);
        p->p = grown;
        p->room = room;
    }
    return status;
}

/* ------------------------------------------------------------------ asking */

/* Ask for n histories that nobody has asked for, and remember what was said. */
static conformal_status ask(provider *p, const conformal_pursuit_history *histories,
                            const size_t *which, size_t n, double *x, conformal_error *err)
{
    int32_t code;
    size_t classes = p->d->n_classes;
    if (p->to == NULL) {
        conformal_status status = make_key(p, &histories[which[0]], err);
        return status != CONFORMAL_OK
                   ? status
                   : provider_fail(err, CONFORMAL_EIO, "the table has no history '%.200s'", p->key);
    }
    if (n > p->most - p->calls)
        return provider_fail(err, CONFORMAL_EIO, "more histories are needed than --max-calls allows");
    p->calls += n;
    conformal_status status = provider_ask(p, histories, which, n, x, err);
    for (size_t i = 0; i < n && status == CONFORMAL_OK; i++) {
        double sum = 0.0;
        for (size_t y = 0; y < classes; y++)
            sum += x[i * classes + y] >= 0.0 ? x[i * classes + y] : (double)NAN;
        if (!(fabs(sum - 1.0) <= 1e-6)) /* never remembered */
            return provider_fail(err, CONFORMAL_EIO,
                        "the model's probabilities are not 0 or more with sum 1");
        if ((status = make_key(p, &histories[which[i]], err)) == CONFORMAL_OK &&
            (status = provider_encode(p, p->key, strlen(p->key), &code, err)) == CONFORMAL_OK)
            memcpy(p->p + (size_t)code * classes, x + i * classes, classes * sizeof *x);
    }
    return status;
}

static conformal_status posterior(void *user, const conformal_pursuit_history *histories,
                                  size_t n, double *found, conformal_error *err)
{
    provider *p = user;
    size_t classes = p->d->n_classes, waiting = 0;
    size_t *which = malloc(p->batch * sizeof *which);
    double *x = malloc(p->batch * classes * sizeof *x);
    conformal_status status =
        which == NULL || x == NULL ? no_memory(err) : CONFORMAL_OK;
    for (size_t i = 0; i <= n && status == CONFORMAL_OK; i++) {
        if (waiting == p->batch || (i == n && waiting > 0)) {
            status = ask(p, histories, which, waiting, x, err);
            for (size_t j = 0; j < waiting && status == CONFORMAL_OK; j++)
                memcpy(found + which[j] * classes, x + j * classes, classes * sizeof *x);
            waiting = 0;
        }
        if (i == n || status != CONFORMAL_OK ||
            (status = make_key(p, &histories[i], err)) != CONFORMAL_OK)
            break;
        int32_t code = conformal_dictionary_find(p->keys, p->key, strlen(p->key));
        if (code >= 0)
            memcpy(found + i * classes, p->p + (size_t)code * classes, classes * sizeof *found);
        else
            which[waiting++] = i;
    }
    free(which);
    free(x);
    return status;
}

/* ------------------------------------------------------------------ opening and closing */

/* Queries in the order of their names. */
static void sort_queries(const pursuit_data *d, size_t *order)
{
    for (size_t q = 0; q < d->n_queries; q++) {
        size_t at = q;
        for (; at > 0 && strcmp(d->queries[q], d->queries[order[at - 1]]) < 0; at--)
            order[at] = order[at - 1];
        order[at] = q;
    }
}

static provider *make(const call *c, const pursuit_options *o, const pursuit_data *d)
{
    provider *p = calloc(1, sizeof *p);
    conformal_error err;
    if (p == NULL || (p->by_name = malloc((d->n_queries + 1) * sizeof *p->by_name)) == NULL ||
        conformal_dictionary_create(NULL, &p->keys, &err) != CONFORMAL_OK) {
        say_error(c, "out of memory");
        provider_close(p);
        return NULL;
    }
    p->c = c;
    p->d = d;
    p->batch = (size_t)o->batch.value;
    p->most = o->max_calls.value;
    sort_queries(d, p->by_name);
    return p;
}

int provider_open(const call *c, const pursuit_options *o, pursuit_data *d)
{
    bool table = strncmp(o->model, "table:", 6) == 0, program = strncmp(o->model, "exec:", 5) == 0,
         stream = strcmp(o->model, "stream") == 0;
    if (strcmp(o->model, "bayes") == 0 || strcmp(o->model, "logistic") == 0)
        return EXIT_DONE;
    if (!table && !program && !(stream && c->command == &cmd_pursue_serve))
        return say_usage(c, "--model: '%s' is none of bayes, logistic, exec:COMMAND, "
                            "table:FILE%s", o->model, stream ? " (stream: pursue serve)" : "");
    if (o->batch.value < 1 || o->batch.value > 1000000)
        return say_usage(c, "--batch must be in 1 .. 1000000");
    if ((d->provider = make(c, o, d)) == NULL)
        return EXIT_MEMORY;
    if (table)
        return provider_read_table(c, d->provider, o->model + 6);
    if (program)
        return provider_start(c, d->provider, o->model + 5);
    d->provider->to = stdout;
    d->provider->from = stdin;
    return EXIT_DONE;
}

void provider_close(provider *p)
{
    if (p == NULL)
        return;
    provider_stop(p);
    conformal_dictionary_free(p->keys);
    free(p->p);
    free(p->line);
    free(p->key);
    free(p->by_name);
    free(p);
}

/* ------------------------------------------------------------------ the model */

conformal_status provider_model(provider *p, const pursuit_options *o, const pursuit_data *d,
                                const pursuit_split *s, conformal_pursuit_model **model,
                                conformal_error *err)
{
    conformal_pursuit_model *answers; /* knows how likely answers are */
    conformal_status status =
        d->yes != NULL ? conformal_pursuit_oracle(d->yes, d->n_classes, d->n_queries, o->flip,
                                                  NULL, NULL, &answers, err)
                       : conformal_pursuit_bayes(&s->train, d->n_classes, d->n_answers,
                                                 o->smoothing, NULL, &answers, err);
    if (status != CONFORMAL_OK)
        return status;
    status = conformal_pursuit_callback(posterior, p, conformal_pursuit_chance(answers),
                                        d->n_classes, d->n_queries, d->n_answers, NULL, model,
                                        err);
    conformal_pursuit_model_free(answers);
    return status;
}

void provider_tell(const provider *p, conformal_policy_record *r)
{
    r->n_histories = conformal_dictionary_size(p->keys);
    r->histories = conformal_dictionary_names(p->keys);
    r->posteriors = p->p;
}

int provider_recall(const call *c, provider *p, const conformal_policy_record *r)
{
    conformal_error err;
    int32_t code;
    for (size_t i = 0; i < r->n_histories; i++) {
        if (provider_encode(p, r->histories[i], strlen(r->histories[i]), &code, &err) != CONFORMAL_OK)
            return say_failure(c, NULL, &err);
        memcpy(p->p + (size_t)code * r->n_classes, r->posteriors + i * r->n_classes,
               r->n_classes * sizeof *p->p);
    }
    return EXIT_DONE;
}

int provider_announce(const call *c, const pursuit_data *d, const pursuit_split *s,
                      const conformal_pursuit_options *want)
{
    provider *p = d->provider;
    if (p == NULL || p->to == NULL || conformal_dictionary_size(p->keys) > 0)
        return EXIT_DONE; /* all that is needed has been said, or is in a table */
    double length = (double)(want->max_length < d->n_queries ? want->max_length : d->n_queries),
           rows = 0.0, asked = 1.0;
    for (size_t q = 0; q < d->n_queries; q++)
        rows += (double)d->n_answers[q];
    if (want->selector == CONFORMAL_PURSUIT_RANDOM || want->selector == CONFORMAL_PURSUIT_FIXED)
        rows = 0.0;
    if (want->threshold == CONFORMAL_PURSUIT_PER_LAST)
        asked = (double)d->n_queries;
    double needed = (double)s->first.rows * length * asked +
                    (double)s->second.rows * length * (rows + 1.0);
    say_note(c, "calibration asks the model for at most %.0f histories", needed);
    if (needed <= (double)p->most)
        return EXIT_DONE;
    return say_usage(c, "--max-calls %llu allows fewer: fewer cases, --max-queries or --method "
                        "random need less", (unsigned long long)p->most);
}
