/* pursuit_policy.c - methods by name, the division of rows, models and policies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "provider.h"
#include "pursuit.h"
#include "record.h"
#include "say.h"

const char *const pursuit_missing_choices[] = {"skip", "answer", NULL};

const pursuit_options pursuit_defaults = {
    .missing = "skip",
    .method = "ip+ts",
    .methods = "random,ip,ip+ts,cip,cip:last",
    .stop = "size:1",
    .model = "bayes",
    .alpha = 0.1,
    .flip = 0.1,
    .smoothing = 0.5,
    .penalty = 0.01,
    .simulate = {2000, false},
    .most = {20, false},
    .splits = {20, false},
    .masks = {15, false},
    .batch = {64, false},
    .max_calls = {UINT64_MAX, false},
};

/* ------------------------------------------------------------------ methods */

/* A word of a method's name, and what it sets. */
typedef struct word {
    const char *name;
    int value;
} word;

static const word selectors[] = {
    {"ip", CONFORMAL_PURSUIT_IP},         {"cip", CONFORMAL_PURSUIT_CIP},
    {"random", CONFORMAL_PURSUIT_RANDOM}, {"fixed", CONFORMAL_PURSUIT_FIXED},
    {"lookahead", CONFORMAL_PURSUIT_LOOKAHEAD}, {NULL, 0}};
static const word objectives[] = {
    {"size", CONFORMAL_PURSUIT_SIZE},       {"size-nonempty", CONFORMAL_PURSUIT_SIZE_NONEMPTY},
    {"logsize", CONFORMAL_PURSUIT_LOGSIZE}, {"fano", CONFORMAL_PURSUIT_FANO},
    {"fano-local", CONFORMAL_PURSUIT_FANO_LOCAL}, {"pvalues", CONFORMAL_PURSUIT_PVALUES},
    {"paper-code", CONFORMAL_PURSUIT_PAPER},
    {"paper-code-entropy", CONFORMAL_PURSUIT_PAPER_ENTROPY},
    {NULL, 0}};
static const word thresholds[] = {{"length", CONFORMAL_PURSUIT_PER_LENGTH},
                                  {"last", CONFORMAL_PURSUIT_PER_LAST},
                                  {"chain", CONFORMAL_PURSUIT_PER_CHAIN},
                                  {NULL, 0}};
static const word scores[] = {
    {"lac", CONFORMAL_PURSUIT_LAC}, {"aps", CONFORMAL_PURSUIT_APS}, {NULL, 0}};
static const word stops[] = {
    {"never", CONFORMAL_PURSUIT_STOP_NEVER}, {"size", CONFORMAL_PURSUIT_STOP_SIZE_NONEMPTY},
    {"map", CONFORMAL_PURSUIT_STOP_MAP},     {"sd", CONFORMAL_PURSUIT_STOP_SD},
    {"gain", CONFORMAL_PURSUIT_STOP_GAIN},   {"stability", CONFORMAL_PURSUIT_STOP_STABILITY},
    {"equal", CONFORMAL_PURSUIT_STOP_EQUAL}, {NULL, 0}};

static const word *find(const word *words, const char *name, size_t length)
{
    for (; words->name != NULL; words++)
        if (strlen(words->name) == length && memcmp(words->name, name, length) == 0)
            return words;
    return NULL;
}

/* One word after a colon; false: nobody knows it. */
static bool refine(const char *name, size_t length, conformal_pursuit_options *want)
{
    const word *w;
    if ((w = find(objectives, name, length)) != NULL)
        want->objective = (conformal_pursuit_objective)w->value;
    else if ((w = find(thresholds, name, length)) != NULL)
        want->threshold = (conformal_pursuit_threshold)w->value;
    else if ((w = find(scores, name, length)) != NULL)
        want->score = (conformal_pursuit_score)w->value;
    return w != NULL;
}

static int set_stop(const call *c, const char *rule, conformal_pursuit_options *want)
{
    size_t length = strcspn(rule, ":");
    const word *w = find(stops, rule, length);
    if (w == NULL)
        return say_usage(c, "--stop: '%s' is none of never, size:N, map:P, sd:X, gain:X, "
                            "stability:X, equal", rule);
    want->stop = (conformal_pursuit_stop)w->value;
    if (rule[length] == ':' &&
        (conformal_number_read(rule + length + 1, strlen(rule + length + 1), &want->stop_value,
                               NULL) != CONFORMAL_OK ||
         !(want->stop_value >= 0.0)))
        return say_usage(c, "--stop: '%s' is not a number of 0 or more", rule + length + 1);
    return EXIT_DONE;
}

int pursuit_method(const call *c, const pursuit_options *o, const char *method, uint64_t seed,
                   conformal_pursuit_options *want)
{
    conformal_pursuit_options begin = CONFORMAL_PURSUIT_INIT;
    size_t length = strcspn(method, ":+");
    const word *selector = find(selectors, method, length);
    const char *p = method + length;
    *want = begin;
    want->objective = CONFORMAL_PURSUIT_SIZE;
    want->alpha = o->alpha;
    want->max_length = (size_t)o->most.value;
    want->seed = seed;
    bool good = selector != NULL;
    if (good)
        want->selector = (conformal_pursuit_selector)selector->value;
    while (good && *p == ':') {
        length = strcspn(p + 1, ":+");
        good = refine(p + 1, length, want);
        p += length + 1;
    }
    if (good && strcmp(p, "+ts") == 0)
        want->temperature = true;
    else if (!good || *p != '\0')
        return say_usage(c, "'%s' is not a method: random, fixed, ip, lookahead or cip, "
                            "cip:last, cip:chain, cip:size-nonempty ..., each also with +ts",
                         method);
    if (want->selector == CONFORMAL_PURSUIT_CIP && want->score == CONFORMAL_PURSUIT_APS &&
        want->threshold != CONFORMAL_PURSUIT_PER_LENGTH)
        return say_usage(c, "'%s': aps has thresholds per length only", method);
    if (strcmp(o->model, "bayes") != 0 && strcmp(o->model, "logistic") != 0 &&
        (want->selector == CONFORMAL_PURSUIT_LOOKAHEAD ||
         want->threshold == CONFORMAL_PURSUIT_PER_CHAIN ||
         want->objective >= CONFORMAL_PURSUIT_PAPER))
        return say_usage(c, "'%s' needs a model of ours (--model bayes)", method);
    return set_stop(c, o->stop, want);
}

/* ------------------------------------------------------------------ rows */

/* How many rows each part gets. */
static int part(const call *c, const pursuit_options *o, const pursuit_data *d, bool test,
                size_t *n)
{
    static const double usual[2][2][3] = {{{0.5, 0.25, 0.25}, {0.4, 0.2, 0.2}},
                                          {{0.0, 0.5, 0.5}, {0.0, 0.3, 0.3}}};
    const double *f = usual[d->yes != NULL][test];
    double sum = 0.0;
    if (o->fractions.n != 0 && o->fractions.n != 3)
        return say_usage(c, "--fractions: three numbers are needed: to fit the model, to "
                            "calibrate the choice, to calibrate the report");
    if (o->fractions.n == 3)
        f = o->fractions.values;
    for (int i = 0; i < 3; i++) {
        if (!(f[i] >= 0.0))
            return say_usage(c, "--fractions must be 0 or more");
        sum += f[i];
    }
    if (!(sum <= 1.0 + 1e-9) || (test && sum > 1.0 - 1e-9))
        return say_usage(c, test ? "--fractions must sum to less than 1: the rest is for tests"
                                 : "--fractions must not sum to more than 1");
    n[3] = d->rows;
    for (int i = 0; i < 3; i++) {
        n[i] = (size_t)(f[i] * (double)d->rows + 1e-6);
        n[3] -= n[i];
    }
    if (!test && sum > 1.0 - 1e-9) { /* what rounding has left over */
        n[2] += n[3];
        n[3] = 0;
    }
    if (n[1] == 0 || n[2] == 0 || (test && n[3] == 0) || (d->yes == NULL && n[0] == 0)) {
        say_error(c, "%zu row%s cannot be divided into parts to fit and to calibrate "
                     "(more rows, or --fractions F,F,F)", d->rows, d->rows == 1 ? "" : "s");
        return EXIT_DATA;
    }
    return EXIT_DONE;
}

int pursuit_divide(const call *c, const pursuit_options *o, const pursuit_data *d, uint64_t seed,
                   uint64_t number, bool test, pursuit_split *s)
{
    conformal_pursuit_table *tables[] = {&s->train, &s->first, &s->second, &s->test};
    conformal_error err;
    size_t n[4], at = 0;
    memset(s, 0, sizeof *s);
    int status = part(c, o, d, test, n);
    if (status != EXIT_DONE)
        return status;
    s->order = malloc((d->rows + 1) * sizeof *s->order);
    s->codes = malloc((d->rows * d->n_queries + 1) * sizeof *s->codes);
    s->classed = malloc((d->rows + 1) * sizeof *s->classed);
    if (s->order == NULL || s->codes == NULL || s->classed == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    if (conformal_permutation(seed, (number + 1) << 8 | CONFORMAL_STREAM_PERMUTATION, d->rows,
                              s->order, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    for (size_t i = 0; i < d->rows; i++) {
        s->classed[i] = d->classed[s->order[i]];
        if (d->n_queries > 0)
            memcpy(s->codes + i * d->n_queries, d->codes + s->order[i] * d->n_queries,
                   d->n_queries * sizeof *s->codes);
    }
    for (int i = 0; i < 4; i++) {
        conformal_pursuit_table t = CONFORMAL_PURSUIT_TABLE_INIT;
        t.rows = n[i];
        t.queries = d->n_queries;
        t.answers = s->codes + at * d->n_queries;
        t.labels = s->classed + at;
        *tables[i] = t;
        at += n[i];
    }
    return EXIT_DONE;
}

void pursuit_split_free(pursuit_split *s)
{
    free(s->order);
    free(s->codes);
    free(s->classed);
    memset(s, 0, sizeof *s);
}

int pursuit_fit(const call *c, const pursuit_options *o, const pursuit_data *d,
                const pursuit_split *s, uint64_t seed, conformal_pursuit_model **model)
{
    conformal_error err;
    conformal_status status;
    if (d->provider != NULL)
        status = provider_model(d->provider, o, d, s, model, &err);
    else if (d->yes != NULL)
        status = conformal_pursuit_oracle(d->yes, d->n_classes, d->n_queries, o->flip, NULL,
                                          NULL, model, &err);
    else if (strcmp(o->model, "logistic") == 0)
        status = conformal_pursuit_logistic(&s->train, d->n_classes, d->n_answers,
                                            (size_t)o->masks.value, o->penalty, seed, NULL,
                                            model, &err);
    else
        status = conformal_pursuit_bayes(&s->train, d->n_classes, d->n_answers, o->smoothing,
                                         NULL, model, &err);
    return status == CONFORMAL_OK ? EXIT_DONE : say_failure(c, NULL, &err);
}

/* ------------------------------------------------------------------ an expert */

int pursuit_expert_train(const call *c, pursuit_expert *e)
{
    conformal_pursuit_options want;
    conformal_error err;
    int status = pursuit_method(c, &e->o, e->o.method, e->seed, &want);
    if (status != EXIT_DONE ||
        (status = provider_open(c, &e->o, &e->data)) != EXIT_DONE ||
        (e->kept != NULL && e->data.provider != NULL &&
         (status = provider_recall(c, e->data.provider,
                                   conformal_kept_policy_record(e->kept))) != EXIT_DONE) ||
        (status = pursuit_fit(c, &e->o, &e->data, &e->split, e->seed, &e->model)) != EXIT_DONE ||
        (status = provider_announce(c, &e->data, &e->split, &want)) != EXIT_DONE)
        return status;
    if (conformal_pursuit_policy_create(&want, e->model, &e->split.first, &e->split.second,
                                        NULL, &e->policy, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    if (conformal_pursuit_calibration_of(e->policy).stop <= 0.0)
        say_note(c, "%zu rows are too few to calibrate sets at alpha %g: they hold every class",
                 e->split.second.rows, e->o.alpha);
    return EXIT_DONE;
}

int pursuit_expert_make(const call *c, const pursuit_options *o, record *rec, pursuit_expert *e)
{
    conformal_pursuit_options want;
    memset(e, 0, sizeof *e);
    e->o = *o;
    if (o->name != NULL && c->command != &cmd_pursue_fit)
        return pursuit_recall(c, o, rec, e);
    e->seed = record_seed(c, rec);
    int status = pursuit_method(c, o, o->method, e->seed, &want); /* before any work */
    if (status != EXIT_DONE ||
        (status = pursuit_read(c, o, in_operand(c, 0), c->n_operands > 0, e->seed, &e->data)) !=
            EXIT_DONE ||
        (status = pursuit_divide(c, o, &e->data, e->seed, 0, false, &e->split)) != EXIT_DONE)
        return status;
    return pursuit_expert_train(c, e);
}

int pursuit_expert_open(const call *c, const pursuit_options *o, const char *input,
                        pursuit_expert *e)
{
    record rec;
    memset(e, 0, sizeof *e);
    if (c->n_operands > 0 && in_operand(c, 0) == NULL)
        return say_usage(c, "the rows cannot be read from standard input, %s", input);
    int status = record_open(c, o->name != NULL, o->name != NULL, &rec);
    if (status == EXIT_DONE)
        status = pursuit_expert_make(c, o, &rec, e);
    record_close(&rec);
    return status;
}

void pursuit_expert_free(pursuit_expert *e)
{
    conformal_pursuit_policy_free(e->policy);
    conformal_pursuit_model_free(e->model);
    pursuit_split_free(&e->split);
    pursuit_free(&e->data);
    conformal_kept_policy_free(e->kept);
}
