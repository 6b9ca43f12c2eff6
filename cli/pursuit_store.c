/* pursuit_store.c - experts into the store and out of it: cases and recipe.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provider.h"
#include "pursuit.h"
#include "record.h"
#include "say.h"

/* The recipe: what has to be as it was for the same model and policy. */
enum { N_TEXTS = 5, N_REALS = 4, N_COUNTS = 5, N_NOTES = N_TEXTS + N_REALS + N_COUNTS, ROOM = 32 };

static const char *const note_keys[N_NOTES] = {
    "method", "stop", "model", "missing", "label", "alpha", "flip", "smoothing", "penalty",
    "max_queries", "masks", "seed", "train", "first"};

static void recipe(pursuit_expert *e, const char ***texts, double **reals)
{
    texts[0] = &e->o.method;
    texts[1] = &e->o.stop;
    texts[2] = &e->o.model;
    texts[3] = &e->o.missing;
    texts[4] = &e->o.label;
    reals[0] = &e->o.alpha;
    reals[1] = &e->o.flip;
    reals[2] = &e->o.smoothing;
    reals[3] = &e->o.penalty;
}

static int no_memory(const call *c)
{
    say_error(c, "out of memory");
    return EXIT_MEMORY;
}

/* ------------------------------------------------------------------ into the store */

typedef struct draft {
    char room[N_NOTES][ROOM];
    const char *notes[N_NOTES];
    const char **answers;
    size_t *n_answers;
    int32_t *cases;
} draft;

static void write_recipe(const pursuit_expert *expert, draft *d)
{
    pursuit_expert copy = *expert;
    const char **texts[N_TEXTS];
    double *reals[N_REALS];
    const pursuit_split *s = &expert->split;
    uint64_t counts[N_COUNTS] = {expert->o.most.value, expert->o.masks.value, expert->seed,
                                 s->train.rows, s->first.rows};
    recipe(&copy, texts, reals);
    for (int i = 0; i < N_TEXTS; i++)
        d->notes[i] = *texts[i] != NULL ? *texts[i] : "";
    d->notes[N_TEXTS - 1] = expert->data.label;
    for (int i = 0; i < N_REALS; i++) {
        conformal_number_write(*reals[i], d->room[N_TEXTS + i]);
        d->notes[N_TEXTS + i] = d->room[N_TEXTS + i];
    }
    for (int i = 0; i < N_COUNTS; i++) {
        char *room = d->room[N_TEXTS + N_REALS + i];
        snprintf(room, ROOM, "%" PRIu64, counts[i]);
        d->notes[N_TEXTS + N_REALS + i] = room;
    }
}

static bool write_draft(const pursuit_expert *e, draft *d)
{
    const pursuit_data *data = &e->data;
    size_t rows = e->split.train.rows + e->split.first.rows + e->split.second.rows, all = 0;
    size_t width = data->n_queries + 1;
    for (size_t q = 0; q < data->n_queries; q++)
        all += conformal_dictionary_size(data->answers[q]);
    d->answers = malloc((all + 1) * sizeof *d->answers);
    d->n_answers = malloc(width * sizeof *d->n_answers);
    d->cases = malloc((rows + 1) * width * sizeof *d->cases);
    if (d->answers == NULL || d->n_answers == NULL || d->cases == NULL)
        return false;
    write_recipe(e, d);
    all = 0;
    for (size_t q = 0; q < data->n_queries; q++) {
        d->n_answers[q] = conformal_dictionary_size(data->answers[q]);
        for (size_t a = 0; a < d->n_answers[q]; a++)
            d->answers[all++] = conformal_dictionary_names(data->answers[q])[a];
    }
    for (size_t i = 0; i < rows; i++) {
        d->cases[i * width] = e->split.classed[i];
        if (data->n_queries > 0)
            memcpy(d->cases + i * width + 1, e->split.codes + i * data->n_queries,
                   data->n_queries * sizeof *d->cases);
    }
    return true;
}

int pursuit_keep(const call *c, const pursuit_expert *e, record *rec, const char *name)
{
    const pursuit_data *data = &e->data;
    conformal_policy_record r = CONFORMAL_POLICY_RECORD_INIT;
    conformal_error err;
    draft d;
    int status = EXIT_DONE;
    memset(&d, 0, sizeof d);
    if (!write_draft(e, &d)) {
        status = no_memory(c);
    } else {
        r.n_classes = data->n_classes;
        r.n_queries = data->n_queries;
        r.n_cases = e->split.train.rows + e->split.first.rows + e->split.second.rows;
        r.classes = data->classes;
        r.queries = (const char *const *)data->queries;
        r.questions = (const char *const *)data->texts;
        r.n_answers = d.n_answers;
        r.answers = d.answers;
        r.cases = d.cases;
        r.yes = data->yes;
        r.n_notes = N_NOTES;
        r.keys = note_keys;
        r.notes = d.notes;
        if (data->provider != NULL)
            provider_tell(data->provider, &r);
        r.calibration = conformal_pursuit_calibration_of(e->policy);
        if (conformal_store_save_policy(rec->store, name, &r, true, &err) != CONFORMAL_OK)
            status = say_failure(c, NULL, &err);
    }
    free(d.answers);
    free(d.n_answers);
    free(d.cases);
    return status;
}

/* ------------------------------------------------------------------ out of it */

static const char *note_of(const conformal_policy_record *r, const char *key)
{
    for (size_t i = 0; i < r->n_notes; i++)
        if (strcmp(r->keys[i], key) == 0)
            return r->notes[i];
    return NULL;
}

/* False: a note is missing or not what it should be. */
static bool read_recipe(const conformal_policy_record *r, pursuit_expert *e)
{
    const char **texts[N_TEXTS];
    double *reals[N_REALS];
    uint64_t counts[N_COUNTS];
    recipe(e, texts, reals);
    for (int i = 0; i < N_NOTES; i++) {
        const char *note = note_of(r, note_keys[i]);
        if (note == NULL)
            return false;
        if (i < N_TEXTS)
            *texts[i] = note;
        else if (i < N_TEXTS + N_REALS &&
                 conformal_number_read(note, strlen(note), reals[i - N_TEXTS], NULL) !=
                     CONFORMAL_OK)
            return false;
        else if (i >= N_TEXTS + N_REALS)
            counts[i - N_TEXTS - N_REALS] = strtoull(note, NULL, 10);
    }
    e->o.most.value = counts[0];
    e->o.masks.value = counts[1];
    e->seed = counts[2];
    e->split.train.rows = (size_t)counts[3];
    e->split.first.rows = (size_t)counts[4];
    return counts[3] <= r->n_cases && counts[4] <= r->n_cases - counts[3];
}

static conformal_status encode(conformal_dictionary *to, const char *const *names, size_t n,
                               conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    for (size_t i = 0; i < n && status == CONFORMAL_OK; i++) {
        conformal_text text = {names[i], strlen(names[i])};
        int32_t code;
        status = conformal_dictionary_encode(to, &text, 1, &code, err);
    }
    return status;
}

static conformal_status read_names(const conformal_policy_record *r, pursuit_data *d,
                                   conformal_error *err)
{
    const char *const *answers = r->answers;
    conformal_status status = conformal_dictionary_create(NULL, &d->labels, err);
    if (status == CONFORMAL_OK)
        status = encode(d->labels, r->classes, r->n_classes, err);
    for (size_t q = 0; q < r->n_queries && status == CONFORMAL_OK; q++) {
        d->queries[q] = strdup(r->queries[q]);
        d->texts[q] = r->questions[q] != NULL ? strdup(r->questions[q]) : NULL;
        d->n_answers[q] = r->n_answers[q] + (r->n_answers[q] == 0);
        status = conformal_dictionary_create(NULL, &d->answers[q], err);
        if (status == CONFORMAL_OK)
            status = encode(d->answers[q], answers, r->n_answers[q], err);
        answers += r->n_answers[q];
        d->n_queries = q + 1;
    }
    d->n_classes = r->n_classes;
    d->classes = conformal_dictionary_names(d->labels);
    return status;
}

static void read_cases(const conformal_policy_record *r, pursuit_expert *e)
{
    conformal_pursuit_table *tables[] = {&e->split.train, &e->split.first, &e->split.second};
    size_t width = r->n_queries + 1, at = 0;
    e->split.second.rows = r->n_cases - e->split.train.rows - e->split.first.rows;
    for (size_t i = 0; i < r->n_cases; i++) {
        e->split.classed[i] = r->cases[i * width];
        if (r->n_queries > 0)
            memcpy(e->split.codes + i * r->n_queries, r->cases + i * width + 1,
                   r->n_queries * sizeof *r->cases);
    }
    for (int i = 0; i < 3; i++) {
        tables[i]->size = sizeof *tables[i];
        tables[i]->queries = r->n_queries;
        tables[i]->answers = e->split.codes + at * r->n_queries;
        tables[i]->labels = e->split.classed + at;
        at += tables[i]->rows;
    }
}

/* What was settled when the policy was fitted cannot be said again. */
static int check_given(const call *c)
{
    static const char *const free_to_say[] = {"name",   "store", "append", "case",
                                              "output", "quiet", "format", NULL};
    if (c->n_operands > 0)
        return say_usage(c, "either a FILE or --name");
    for (size_t i = 0; i < c->n_given; i++) {
        bool settled = true;
        for (int j = 0; free_to_say[j] != NULL; j++)
            settled = settled && strcmp(c->given[i].name, free_to_say[j]) != 0;
        if (settled)
            return say_usage(c, "--%s was settled when the policy was fitted (leave it out, or "
                                "fit another)", c->given[i].name);
    }
    return EXIT_DONE;
}

int pursuit_recall(const call *c, const pursuit_options *o, record *rec, pursuit_expert *e)
{
    pursuit_data *d = &e->data;
    conformal_error err;
    int status = check_given(c);
    if (status != EXIT_DONE)
        return status;
    if (conformal_store_load_policy(rec->store, o->name, NULL, &e->kept, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    const conformal_policy_record *r = conformal_kept_policy_record(e->kept);
    size_t width = r->n_queries + 1, cells = r->n_classes * r->n_queries;
    if (!read_recipe(r, e)) {
        say_error(c, "%s: the policy '%s' has no recipe that this version knows", rec->path,
                  o->name);
        return EXIT_IO;
    }
    d->queries = calloc(width, sizeof *d->queries);
    d->texts = calloc(width, sizeof *d->texts);
    d->answers = calloc(width, sizeof(void *));
    d->n_answers = calloc(width, sizeof *d->n_answers);
    e->split.codes = malloc((r->n_cases + 1) * width * sizeof *e->split.codes);
    e->split.classed = malloc((r->n_cases + 1) * sizeof *e->split.classed);
    if (r->yes != NULL && (d->yes = malloc((cells + 1) * sizeof *d->yes)) != NULL && cells > 0)
        memcpy(d->yes, r->yes, cells * sizeof *d->yes);
    d->label = strdup(e->o.label);
    if (d->label == NULL || d->queries == NULL || d->texts == NULL || d->answers == NULL || d->n_answers == NULL ||
        e->split.codes == NULL || e->split.classed == NULL || (r->yes != NULL && d->yes == NULL))
        return no_memory(c);
    if (read_names(r, d, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    read_cases(r, e);
    return pursuit_expert_train(c, e);
}
