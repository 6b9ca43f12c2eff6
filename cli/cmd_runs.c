/* cmd_runs.c - conformal runs: the results store.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "record.h"
#include "say.h"

typedef struct options {
    common_options common;
    const char *command;
    opt_count limit;
    bool rows;
} options;

static const options defaults;

static const opt plain_table[] = {COMMON_STORE_OPTIONS, COMMON_OUTPUT_OPTIONS, OPTIONS_END};

/* Operand 0 as a run's number; 0 when it is none, said. */
static int64_t run_number(const call *c)
{
    int64_t id = 0;
    const char *p = c->operands[0];
    for (; *p >= '0' && *p <= '9' && id < INT64_MAX / 100; p++)
        id = 10 * id + (*p - '0');
    if (*p == '\0' && id > 0)
        return id;
    say_usage(c, "'%s' is not the number of a run (conformal runs list shows them)",
              c->operands[0]);
    return 0;
}

static conformal_store *open_store(const call *c, conformal_store_mode mode, int *status)
{
    conformal_store *store = NULL;
    conformal_error err;
    if (conformal_store_open(record_path(c, true), mode, NULL, &store, &err) != CONFORMAL_OK)
        *status = say_failure(c, NULL, &err);
    return store;
}

/* Open the store, let `fill` add to a report, print it. */
typedef conformal_status filler(const call *c, conformal_store *store, int64_t id,
                                conformal_report *r, int *answer, conformal_error *err);

static int report_from_store(const call *c, conformal_store_mode mode, int64_t id,
                             filler *fill)
{
    int status = EXIT_DONE, answer = EXIT_DONE;
    conformal_error err;
    conformal_store *store = open_store(c, mode, &status);
    if (store == NULL)
        return status;
    conformal_report *r = out_new_report(c);
    if (r == NULL)
        status = EXIT_MEMORY;
    else if (fill(c, store, id, r, &answer, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    else
        status = out_report(c, r, answer);
    conformal_report_free(r);
    conformal_store_close(store);
    return status;
}

static conformal_status fill_list(const call *c, conformal_store *store, int64_t id,
                                  conformal_report *r, int *answer, conformal_error *err)
{
    const options *o = c->options;
    (void)id;
    (void)answer;
    return conformal_store_list_runs(store, o->command, (size_t)o->limit.value, r, err);
}

static int run_list(const call *c)
{
    return report_from_store(c, CONFORMAL_STORE_READ, 0, fill_list);
}

static const opt list_table[] = {
    {OPT_TEXT, 0, "command", offsetof(options, command), "NAME", "only runs of this command",
     NULL},
    {OPT_COUNT, 'n', "limit", offsetof(options, limit), "N", "only the newest N", NULL},
    COMMON_STORE_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END,
};

const command cmd_runs_list = {
    "runs list",
    "",
    "List the runs that the store keeps",
    NULL,
    "  conformal runs list\n  conformal runs list --command predict -n 5",
    list_table,
    sizeof(options),
    &defaults,
    0,
    0,
    run_list};

static conformal_status fill_show(const call *c, conformal_store *store, int64_t id,
                                  conformal_report *r, int *answer, conformal_error *err)
{
    (void)c;
    (void)answer;
    return conformal_store_show_run(store, id, r, err);
}

static int run_show(const call *c)
{
    int64_t id = run_number(c);
    return id > 0 ? report_from_store(c, CONFORMAL_STORE_READ, id, fill_show) : EXIT_USAGE;
}

const command cmd_runs_show = {"runs show",
                               "RUN",
                               "Show all that is kept of a run",
                               NULL,
                               "  conformal runs show 1",
                               plain_table,
                               sizeof(options),
                               &defaults,
                               1,
                               1,
                               run_show};

static conformal_status fill_calibrators(const call *c, conformal_store *store, int64_t id,
                                         conformal_report *r, int *answer,
                                         conformal_error *err)
{
    (void)c;
    (void)id;
    (void)answer;
    return conformal_store_list_calibrators(store, r, err);
}

static int run_calibrators(const call *c)
{
    return report_from_store(c, CONFORMAL_STORE_READ, 0, fill_calibrators);
}

const command cmd_runs_calibrators = {"runs calibrators",
                                      "",
                                      "List the calibrators on the shelf",
                                      NULL,
                                      "  conformal runs calibrators",
                                      plain_table,
                                      sizeof(options),
                                      &defaults,
                                      0,
                                      0,
                                      run_calibrators};

static conformal_status fill_verify(const call *c, conformal_store *store, int64_t id,
                                    conformal_report *r, int *answer, conformal_error *err)
{
    size_t damaged = 0;
    conformal_status status = conformal_store_verify(store, id, r, &damaged, err);
    if (status == CONFORMAL_OK && damaged > 0) {
        say_error(c, "%zu of the entries are damaged", damaged);
        *answer = EXIT_NEGATIVE;
    }
    return status;
}

static int run_verify(const call *c)
{
    int64_t id = c->n_operands > 0 ? run_number(c) : 0;
    if (c->n_operands > 0 && id == 0)
        return EXIT_USAGE;
    return report_from_store(c, CONFORMAL_STORE_READ, id, fill_verify);
}

const command cmd_runs_verify = {
    "runs verify",
    "[RUN]",
    "Check that runs and calibrators are as they were stored",
    "The digest of every run and calibrator, or of one run, is computed anew and compared; "
    "for all\n"
    "of them the file's own structure is checked too. Exit status 1 when anything differs.",
    "  conformal runs verify\n  conformal runs verify 3",
    plain_table,
    sizeof(options),
    &defaults,
    0,
    1,
    run_verify};

static int run_delete(const call *c)
{
    int64_t id = run_number(c);
    int status = EXIT_DONE;
    conformal_error err;
    if (id == 0)
        return EXIT_USAGE;
    conformal_store *store = open_store(c, CONFORMAL_STORE_WRITE, &status);
    if (store == NULL)
        return status;
    if (conformal_store_delete_run(store, id, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    conformal_store_close(store);
    return status;
}

const command cmd_runs_delete = {
    "runs delete", "RUN", "Delete a run with all that is kept of it",
    "The calibrators that the run made stay; conformal runs forget deletes those.",
    "  conformal runs delete 3", plain_table, sizeof(options), &defaults, 1, 1, run_delete};

static int run_forget(const call *c)
{
    int status = EXIT_DONE;
    conformal_error err, other;
    conformal_store *store = open_store(c, CONFORMAL_STORE_WRITE, &status);
    if (store == NULL)
        return status;
    conformal_status forgotten =
        conformal_store_delete_calibrator(store, c->operands[0], &err);
    if (forgotten == CONFORMAL_ENOTFOUND &&
        conformal_store_delete_policy(store, c->operands[0], &other) == CONFORMAL_OK)
        forgotten = CONFORMAL_OK;
    if (forgotten != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    conformal_store_close(store);
    return status;
}

const command cmd_runs_forget = {"runs forget",
                                 "NAME",
                                 "Delete a calibrator, or a policy, from the shelf",
                                 NULL,
                                 "  conformal runs forget diamonds",
                                 plain_table,
                                 sizeof(options),
                                 &defaults,
                                 1,
                                 1,
                                 run_forget};

/* ------------------------------------------------------------------ export */

/* Rows of one block: the first column kept names them, the others follow it. */
typedef struct exporter {
    const call *c;
    conformal_store *store;
    int64_t id;
    out *out;
    char *names[64];
    size_t n_names;
    double *columns[64];
    size_t n, room; /* rows of the column that is being read */
    bool first;
} exporter;

static conformal_status find_names(void *user, const conformal_report_leaf *leaf,
                                   conformal_error *err)
{
    exporter *e = user;
    size_t length = strlen(leaf->path);
    (void)err;
    if (strncmp(leaf->path, "rows.", 5) == 0 && length > 7 &&
        strcmp(leaf->path + length - 7, ".column") == 0 && e->n_names < 64)
        e->names[e->n_names++] = strdup(leaf->text);
    return CONFORMAL_OK;
}

static conformal_status append(void *user, uint64_t first, const double *values, size_t n,
                               conformal_error *err)
{
    exporter *e = user;
    double **column = &e->columns[e->n_names];
    (void)first;
    if (e->n + n > e->room) {
        size_t room = 2 * (e->n + n);
        double *grown = realloc(*column, room * sizeof *grown);
        if (grown == NULL) {
            err->status = CONFORMAL_ENOMEM;
            snprintf(err->message, sizeof err->message, "no memory for %zu rows", room);
            return CONFORMAL_ENOMEM;
        }
        *column = grown;
        e->room = room;
    }
    memcpy(*column + e->n, values, n * sizeof *values);
    e->n += n;
    return CONFORMAL_OK;
}

static conformal_status export_rows(exporter *e, conformal_error *err)
{
    size_t n_names = e->n_names, rows = 0;
    conformal_status status = CONFORMAL_OK;
    for (size_t k = 0; k < n_names && status == CONFORMAL_OK; k++) {
        e->n = e->room = 0;
        e->n_names = k;
        status = conformal_store_read_rows(e->store, e->id, e->names[k], append, e, err);
        rows = e->n;
    }
    e->n_names = n_names;
    for (size_t k = 0; k < n_names && status == CONFORMAL_OK; k++) {
        conformal_text name = {e->names[k], strlen(e->names[k])};
        status = conformal_csv_write_text(name, ',', out_write, e->out, err);
        if (status == CONFORMAL_OK)
            status = out_write(e->out, k + 1 < n_names ? "," : "\n", 1, err);
    }
    if (status == CONFORMAL_OK)
        status =
            conformal_csv_write_rows(NULL, (const double *const *)e->columns, n_names, rows,
                                     ',', in_threads(), NULL, out_write, e->out, err);
    return status;
}

static conformal_status export_result(void *user, const conformal_report_leaf *leaf,
                                      conformal_error *err)
{
    exporter *e = user;
    char number[CONFORMAL_NUMBER_SIZE] = "";
    if (strncmp(leaf->path, "results.", 8) != 0)
        return CONFORMAL_OK;
    if (leaf->kind != CONFORMAL_REPORT_TEXT && leaf->kind != CONFORMAL_REPORT_NULL)
        conformal_number_write(leaf->number, number);
    const char *value = leaf->kind == CONFORMAL_REPORT_TEXT ? leaf->text : number;
    conformal_text path = {leaf->path + 8, strlen(leaf->path) - 8},
                   text = {value, strlen(value)};
    conformal_status status = conformal_csv_write_text(path, ',', out_write, e->out, err);
    if (status == CONFORMAL_OK)
        status = out_write(e->out, ",", 1, err);
    if (status == CONFORMAL_OK && text.length > 0)
        status = conformal_csv_write_text(text, ',', out_write, e->out, err);
    return status == CONFORMAL_OK ? out_write(e->out, "\n", 1, err) : status;
}

static int run_export(const call *c)
{
    const options *o = c->options;
    exporter e = {.c = c, .id = run_number(c)};
    conformal_report *r = NULL;
    conformal_error err;
    int status = EXIT_DONE;
    if (e.id == 0)
        return EXIT_USAGE;
    if ((e.store = open_store(c, CONFORMAL_STORE_READ, &status)) == NULL)
        return status;
    conformal_status got = conformal_report_create(NULL, &r, &err);
    if (got == CONFORMAL_OK)
        got = conformal_store_show_run(e.store, e.id, r, &err);
    if (got == CONFORMAL_OK && o->rows)
        got = conformal_report_walk(r, find_names, &e, &err);
    if (got != CONFORMAL_OK) {
        status = say_failure(c, NULL, &err);
    } else if (o->rows && e.n_names == 0) {
        status = say_usage(
            c, "run %ld kept no rows (conformal predict --keep rows keeps them)", (long)e.id);
    } else if ((e.out = out_open(c)) == NULL) {
        status = EXIT_IO;
    } else {
        if (o->rows)
            got = export_rows(&e, &err);
        else if ((got = out_write(e.out, "path,value\n", 11, &err)) == CONFORMAL_OK)
            got = conformal_report_walk(r, export_result, &e, &err);
        if (got != CONFORMAL_OK)
            status = say_failure(c, NULL, &err);
        status = out_close(c, e.out, status);
    }
    for (size_t k = 0; k < e.n_names; k++) {
        free(e.names[k]);
        free(e.columns[k]);
    }
    conformal_report_free(r);
    conformal_store_close(e.store);
    return status;
}

static const opt export_table[] = {
    {OPT_FLAG, 0, "rows", offsetof(options, rows), NULL,
     "the per-row results, not the summary", NULL},
    COMMON_STORE_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END,
};

const command cmd_runs_export = {
    "runs export", "RUN", "Write a run's results as CSV",
    "The summary, as path,value; with --rows the columns that predict --keep rows has kept.",
    "  conformal runs export 2\n  conformal runs export 2 --rows -o rows.csv", export_table,
    sizeof(options), &defaults, 1, 1, run_export};
