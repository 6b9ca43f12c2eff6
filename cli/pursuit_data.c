/* pursuit_data.c - rows of answers and tables of classes, from CSV to codes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provider.h"
#include "pursuit_reading.h"
#include "record.h"
#include "say.h"

conformal_status pursuit_fail(conformal_error *err, conformal_status status)
{
    err->status = status;
    err->line = 0;
    err->argument[0] = '\0';
    return status;
}

conformal_status pursuit_no_memory(conformal_error *err)
{
    snprintf(err->message, sizeof err->message, "out of memory");
    return pursuit_fail(err, CONFORMAL_ENOMEM);
}

/* Is the text one of a list's, separated by commas? */
static bool listed(const char *list, const char *bytes, size_t length)
{
    for (const char *p = list; p != NULL && *p != '\0';) {
        size_t n = strcspn(p, ",");
        if (n == length && memcmp(p, bytes, n) == 0)
            return true;
        p += n + (p[n] == ',');
    }
    return false;
}

/* Every name of --drop is a column, or a near one is named. */
static conformal_status check_drop(const reading *r, conformal_error *err)
{
    char name[256];
    size_t column;
    for (const char *p = r->o->drop; p != NULL && *p != '\0';) {
        size_t n = strcspn(p, ",");
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        conformal_status status = conformal_csv_find(r->csv, name, &column, err);
        if (status != CONFORMAL_OK)
            return status;
        p += n + (p[n] == ',');
    }
    return CONFORMAL_OK;
}

static conformal_status add_query(reading *r, const char *name, conformal_error *err)
{
    pursuit_data *d = r->d;
    size_t n = d->n_queries + 1;
    char **queries = realloc(d->queries, n * sizeof *queries);
    if (queries != NULL)
        d->queries = queries;
    conformal_dictionary **answers = realloc(d->answers, n * sizeof *answers);
    if (answers != NULL)
        d->answers = answers;
    if (queries == NULL || answers == NULL || (d->queries[n - 1] = strdup(name)) == NULL)
        return pursuit_no_memory(err);
    conformal_status status = conformal_dictionary_create(NULL, &d->answers[n - 1], err);
    if (status == CONFORMAL_OK)
        d->n_queries = n;
    else
        free(d->queries[n - 1]);
    return status;
}

/* The label's column, and a query for each other that is not dropped. */
conformal_status pursuit_use_columns(reading *r, conformal_csv_kind kind, size_t label,
                                    conformal_error *err)
{
    size_t columns = conformal_csv_columns(r->csv), q = 0;
    conformal_status status = check_drop(r, err);
    free(r->d->label);
    r->d->label = strdup(conformal_csv_column_name(r->csv, label));
    if (r->d->label == NULL)
        return pursuit_no_memory(err);
    r->use = malloc((columns + 1) * sizeof *r->use);
    if (r->use == NULL)
        return pursuit_no_memory(err);
    if (status == CONFORMAL_OK)
        status = conformal_csv_use(r->csv, label, CONFORMAL_CSV_TEXT, &r->label_use, err);
    for (size_t j = 0; j < columns && status == CONFORMAL_OK && !r->known; j++) {
        const char *name = conformal_csv_column_name(r->csv, j);
        if (j == label || listed(r->o->drop, name, strlen(name)))
            continue;
        if ((status = add_query(r, name, err)) == CONFORMAL_OK)
            status = conformal_csv_use(r->csv, j, kind, &r->use[q++], err);
    }
    for (; q < r->d->n_queries && status == CONFORMAL_OK && r->known; q++) {
        size_t column;
        if ((status = conformal_csv_find(r->csv, r->d->queries[q], &column, err)) ==
            CONFORMAL_OK)
            status = conformal_csv_use(r->csv, column, kind, &r->use[q], err);
    }
    return status;
}

/* ------------------------------------------------------------------ rows */

static conformal_status on_rows_header(void *user, conformal_csv *csv, conformal_error *err)
{
    reading *r = user;
    size_t label;
    r->csv = csv;
    conformal_status status = conformal_csv_find(csv, r->o->label, &label, err);
    return status == CONFORMAL_OK ? pursuit_use_columns(r, CONFORMAL_CSV_TEXT, label, err) : status;
}

conformal_status pursuit_reserve(pursuit_data *d, size_t n, conformal_error *err)
{
    size_t room = n + n / 2, width = d->n_queries + 1;
    if (n <= d->room)
        return CONFORMAL_OK;
    if (room > SIZE_MAX / sizeof *d->codes / width)
        return pursuit_no_memory(err);
    int32_t *codes = realloc(d->codes, room * width * sizeof *codes);
    if (codes != NULL)
        d->codes = codes;
    int32_t *classed = realloc(d->classed, room * sizeof *classed);
    if (classed != NULL)
        d->classed = classed;
    if (codes == NULL || classed == NULL)
        return pursuit_no_memory(err);
    d->room = room;
    return CONFORMAL_OK;
}

static int32_t yes_or_no(conformal_text t)
{
    static const char *const words[] = {"0",    "no",   "n", "FALSE", "false", "No",
                                        "1",    "yes",  "y", "TRUE",  "true",  "Yes"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == t.length && memcmp(words[i], t.bytes, t.length) == 0)
            return i >= 6;
    return -1;
}

conformal_status pursuit_bad_field(const reading *r, size_t i, const char *column,
                                  conformal_text t, const char *what, conformal_error *err)
{
    pursuit_fail(err, CONFORMAL_ESYNTAX);
    err->line = conformal_csv_line(r->csv, i);
    snprintf(err->argument, sizeof err->argument, "%s", column);
    snprintf(err->message, sizeof err->message, "'%.*s' %s", (int)(t.length < 60 ? t.length : 60),
             t.bytes, what);
    return CONFORMAL_ESYNTAX;
}

static conformal_status take_answer(const reading *r, size_t i, size_t q, conformal_text t,
                                    int32_t *code, conformal_error *err)
{
    bool gap = t.length == 0 || listed(r->common->missing, t.bytes, t.length);
    *code = -1;
    if (gap && (r->known || strcmp(r->o->missing, "answer") != 0))
        return CONFORMAL_OK;
    if (gap) /* one answer, whatever it is called */
        t.bytes = "", t.length = 0;
    if (r->known) {
        *code = yes_or_no(t);
        return *code >= 0 ? CONFORMAL_OK
                          : pursuit_bad_field(r, i, r->d->queries[q], t, "is not yes or no (1 or 0)",
                                      err);
    }
    return conformal_dictionary_encode(r->d->answers[q], &t, 1, code, err);
}

static conformal_status take_row(reading *r, const conformal_csv_rows *rows, size_t i,
                                 conformal_error *err)
{
    pursuit_data *d = r->d;
    conformal_text label = rows->texts[r->label_use][i];
    int32_t *codes = d->codes + d->rows * d->n_queries;
    conformal_status status = CONFORMAL_OK;
    if (label.length == 0 || listed(r->common->missing, label.bytes, label.length)) {
        d->left_out++;
        return CONFORMAL_OK;
    }
    if (r->known) {
        d->classed[d->rows] = conformal_dictionary_find(d->labels, label.bytes, label.length);
        if (d->classed[d->rows] < 0)
            return pursuit_bad_field(r, i, r->o->label, label, "is no class of the oracle", err);
    } else {
        status = conformal_dictionary_encode(d->labels, &label, 1, &d->classed[d->rows], err);
    }
    for (size_t q = 0; q < d->n_queries && status == CONFORMAL_OK; q++)
        status = take_answer(r, i, q, rows->texts[r->use[q]][i], &codes[q], err);
    d->rows++;
    return status;
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows,
                                conformal_error *err)
{
    reading *r = user;
    conformal_status status = pursuit_reserve(r->d, r->d->rows + rows->n, err);
    for (size_t i = 0; i < rows->n && status == CONFORMAL_OK; i++)
        status = take_row(r, rows, i, err);
    return status;
}

/* ------------------------------------------------------------------ together */

/* In an oracle an empty cell is missing, whatever --na says. */
static int read_table(const call *c, reading *r, in_file *file, bool oracle)
{
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    pursuit_options with_gaps = *r->o;
    call own = *c;
    char list[512];
    snprintf(list, sizeof list, "%s%s", r->common->missing != NULL ? r->common->missing : "",
             r->common->missing != NULL && r->common->missing[0] != '\0' ? "," : "");
    with_gaps.common.missing = list;
    own.options = &with_gaps;
    callbacks.on_header = oracle ? pursuit_oracle_header : on_rows_header;
    callbacks.on_rows = oracle ? pursuit_oracle_rows : on_rows;
    callbacks.no_lines = 1;
    callbacks.user = r;
    int status = in_csv(oracle ? &own : c, file, &callbacks, NULL);
    free(r->use);
    r->use = NULL;
    return status;
}

static int check(const call *c, const pursuit_options *o, bool from_file)
{
    if (!from_file && o->oracle == NULL)
        return say_usage(c, "what to learn from? A FILE of rows, or --oracle FILE");
    if (from_file && o->label == NULL)
        return say_usage(c, "--label COL is needed: the column that names the class");
    if (!(o->flip >= 0.0 && o->flip < 0.5))
        return say_usage(c, "--flip must be at least 0 and below 0.5");
    if (!(o->smoothing > 0.0 && o->smoothing < HUGE_VAL))
        return say_usage(c, "--smoothing must be above 0");
    if (!(o->penalty > 0.0 && o->penalty < HUGE_VAL))
        return say_usage(c, "--penalty must be above 0");
    if (o->masks.value < 1 || o->masks.value > 10000)
        return say_usage(c, "--masks must be in 1 .. 10000");
    if (!from_file && (o->simulate.value < 4 || o->simulate.value > 10000000))
        return say_usage(c, "--simulate must be in 4 .. 10000000");
    return EXIT_DONE;
}

static int count_answers(const call *c, pursuit_data *d)
{
    d->classes = conformal_dictionary_names(d->labels);
    d->n_classes = conformal_dictionary_size(d->labels);
    d->n_answers = malloc((d->n_queries + 1) * sizeof *d->n_answers);
    if (d->n_answers == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    for (size_t q = 0; q < d->n_queries; q++) { /* one that nobody answered has one answer */
        d->n_answers[q] = conformal_dictionary_size(d->answers[q]);
        d->n_answers[q] += d->n_answers[q] == 0;
    }
    return EXIT_DONE;
}

int pursuit_read(const call *c, const pursuit_options *o, const char *path, bool from_file,
                 uint64_t seed, pursuit_data *d)
{
    reading r = {.o = o, .common = common_of(c), .d = d};
    conformal_error err;
    memset(d, 0, sizeof *d);
    int status = check(c, o, from_file);
    if (status != EXIT_DONE)
        return status;
    if (conformal_dictionary_create(NULL, &d->labels, &err) != CONFORMAL_OK)
        return say_failure(c, NULL, &err);
    d->oracle.path = o->oracle;
    d->file.path = path;
    d->oracle.digest = d->file.digest = record_path(c, false) != NULL;
    if (o->oracle != NULL && ((status = read_table(c, &r, &d->oracle, true)) != EXIT_DONE ||
                              (status = pursuit_name_answers(c, d)) != EXIT_DONE))
        return status;
    r.known = o->oracle != NULL;
    if (from_file && (status = read_table(c, &r, &d->file, false)) != EXIT_DONE)
        return status;
    if ((status = count_answers(c, d)) != EXIT_DONE ||
        (status = pursuit_read_questions(c, o, d)) != EXIT_DONE)
        return status;
    if (d->n_classes == 0) {
        say_error(c, "%s: no row names a class", from_file ? d->file.name : d->oracle.name);
        return EXIT_DATA;
    }
    if (d->left_out > 0)
        say_note(c, "%s: %zu of %zu rows have no class and were left out", d->file.name,
                 d->left_out, d->file.rows);
    return from_file ? EXIT_DONE : pursuit_simulate(c, o, seed, d);
}

void pursuit_free(pursuit_data *d)
{
    provider_close(d->provider);
    for (size_t q = 0; q < d->n_queries; q++) {
        free(d->queries[q]);
        if (d->texts != NULL)
            free(d->texts[q]);
        conformal_dictionary_free(d->answers[q]);
    }
    free(d->label);
    free(d->queries);
    free(d->texts);
    free(d->answers);
    conformal_dictionary_free(d->labels);
    free(d->codes);
    free(d->classed);
    free(d->n_answers);
    free(d->yes);
    memset(d, 0, sizeof *d);
}

int32_t pursuit_answer_code(const pursuit_data *d, size_t query, const char *text)
{
    return conformal_dictionary_find(d->answers[query], text, strlen(text));
}

int32_t pursuit_query_code(const pursuit_data *d, const char *name)
{
    for (size_t q = 0; q < d->n_queries; q++)
        if (strcmp(d->queries[q], name) == 0)
            return (int32_t)q;
    return -1;
}
