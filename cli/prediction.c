/* prediction.c - intervals for the rows of a file, streaming.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "prediction.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

prediction *prediction_create(const call *c, const conformal_calibrator *calibrator,
                              const column_options *named)
{
    prediction *p = calloc(1, sizeof *p);
    if (p == NULL) {
        say_error(c, "out of memory");
        return NULL;
    }
    p->c = c;
    p->calibrator = calibrator;
    p->columns.options = named;
    return p;
}

void prediction_free(prediction *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < MOST_COLUMNS; i++) {
        free(p->intervals[i]);
        free(p->kept[i]);
    }
    block_free(&p->block);
    free(p->codes);
    free(p->lines);
    free(p->text);
    free(p);
}

static conformal_status no_memory(conformal_error *err)
{
    err->status = CONFORMAL_ENOMEM;
    err->line = 0;
    snprintf(err->message, sizeof err->message, "no memory for a block of rows");
    return CONFORMAL_ENOMEM;
}

/* "lower", "upper"; with several levels "lower_0.1", "upper_0.1", ... */
static void name_outputs(prediction *p)
{
    const double *alphas;
    conformal_calibrator_alphas(p->calibrator, &alphas);
    for (size_t l = 0; l < p->n_levels; l++) {
        char suffix[CONFORMAL_NUMBER_SIZE + 1] = "_";
        if (p->n_levels == 1)
            suffix[0] = '\0';
        else
            conformal_number_write(alphas[p->levels[l]], suffix + 1);
        snprintf(p->names[2 * l], sizeof p->names[0], "lower%s", suffix);
        snprintf(p->names[2 * l + 1], sizeof p->names[0], "upper%s", suffix);
    }
}

static bool is_output(const prediction *p, const char *name)
{
    for (size_t l = 0; l < 2 * p->n_levels; l++)
        if (strcmp(p->names[l], name) == 0)
            return true;
    return false;
}

static conformal_status write_text(prediction *p, const char *text, bool *first,
                                   conformal_error *err)
{
    char delimiter = conformal_csv_delimiter(p->csv);
    conformal_text t = {text, strlen(text)};
    conformal_status status = *first ? CONFORMAL_OK : out_write(p->out, &delimiter, 1, err);
    *first = false;
    return status == CONFORMAL_OK
               ? conformal_csv_write_text(t, delimiter, out_write, p->out, err)
               : status;
}

/* The header as it stands, or without the columns that are replaced. */
static conformal_status write_header(prediction *p, conformal_error *err)
{
    conformal_text header = conformal_csv_header(p->csv);
    conformal_status status = CONFORMAL_OK;
    bool first = true;
    if (p->n_cut == 0) {
        status = out_write(p->out, header.bytes, header.length, err);
        first = false;
    }
    for (size_t c = 0;
         c < conformal_csv_columns(p->csv) && p->n_cut > 0 && status == CONFORMAL_OK; c++)
        if (!is_output(p, conformal_csv_column_name(p->csv, c)))
            status = write_text(p, conformal_csv_column_name(p->csv, c), &first, err);
    for (size_t l = 0; l < 2 * p->n_levels && status == CONFORMAL_OK; l++)
        status = write_text(p, p->names[l], &first, err);
    return status == CONFORMAL_OK ? out_write(p->out, "\n", 1, err) : status;
}

static conformal_status on_header(void *user, conformal_csv *csv, conformal_error *err)
{
    prediction *p = user;
    unsigned wanted = columns_of_score(conformal_calibrator_score(p->calibrator), false);
    conformal_status status;
    p->csv = csv;
    if (conformal_calibrator_groups(p->calibrator) > 0)
        wanted |= 1u << ROLE_GROUP;
    if ((status = columns_use(&p->columns, csv, wanted, err)) != CONFORMAL_OK)
        return status;
    name_outputs(p);
    for (size_t c = 0; c < conformal_csv_columns(csv) && status == CONFORMAL_OK; c++) {
        const char *name = conformal_csv_column_name(csv, c);
        if (!is_output(p, name))
            continue;
        status = conformal_csv_use(csv, c, CONFORMAL_CSV_RAW, &p->cut[p->n_cut++], err);
        say_note(p->c, "the input's column '%s' is replaced", name);
    }
    return status == CONFORMAL_OK ? write_header(p, err) : status;
}

static conformal_status reserve(prediction *p, size_t n, conformal_error *err)
{
    if (n <= p->room)
        return CONFORMAL_OK;
    bool all = true;
    free(p->codes);
    free(p->lines);
    p->codes = malloc(n * sizeof *p->codes);
    p->lines = malloc(n * sizeof *p->lines);
    for (size_t l = 0; l < 2 * p->n_levels; l++) {
        free(p->intervals[l]);
        p->intervals[l] = malloc(n * sizeof(double));
        all = all && p->intervals[l] != NULL;
    }
    p->room = n;
    return all && p->codes != NULL && p->lines != NULL ? CONFORMAL_OK : no_memory(err);
}

/* The rows without the replaced columns, in text of our own. */
static conformal_status cut_columns(prediction *p, const conformal_csv_rows *rows,
                                    conformal_error *err)
{
    size_t needed = 0;
    for (size_t i = 0; i < rows->n; i++)
        needed += rows->lines[i].length;
    if (needed > p->text_room) {
        free(p->text);
        p->text = malloc(needed);
        p->text_room = p->text != NULL ? needed : 0;
        if (p->text == NULL)
            return no_memory(err);
    }
    char *to = p->text;
    for (size_t i = 0; i < rows->n; i++) {
        const char *at = rows->lines[i].bytes, *end = at + rows->lines[i].length;
        p->lines[i].bytes = to;
        for (size_t k = 0; k < p->n_cut; k++) {
            const conformal_text *field = &rows->texts[p->cut[k]][i];
            size_t n = (size_t)(field->bytes - at);
            memcpy(to, at, n);
            to += n;
            at = field->bytes + field->length;
            if (at < end)
                at++; /* with the delimiter behind it */
            else if (to > p->lines[i].bytes)
                to--; /* or the one before it */
        }
        memcpy(to, at, (size_t)(end - at));
        to += end - at;
        p->lines[i].length = (size_t)(to - p->lines[i].bytes);
    }
    return CONFORMAL_OK;
}

/* Rows with a missing value were left out: give them infinite intervals in their places. */
static void spread(prediction *p, size_t n)
{
    for (size_t l = 0; l < 2 * p->n_levels; l++) {
        double *x = p->intervals[l], missing = l % 2 == 0 ? -HUGE_VAL : HUGE_VAL;
        size_t from = p->block.data.n, to = n;
        while (to-- > 0) /* from the end, so that nothing is overwritten too early */
            x[to] = from > 0 && p->block.row[from - 1] == to ? x[--from] : missing;
    }
}

static conformal_status keep_rows(prediction *p, size_t n, conformal_error *err)
{
    if (p->n_kept + n > p->kept_room) {
        size_t room = 2 * (p->n_kept + n);
        for (size_t l = 0; l < 2 * p->n_levels; l++) {
            double *grown = realloc(p->kept[l], room * sizeof *grown);
            if (grown == NULL)
                return no_memory(err);
            p->kept[l] = grown;
        }
        p->kept_room = room;
    }
    for (size_t l = 0; l < 2 * p->n_levels; l++)
        memcpy(p->kept[l] + p->n_kept, p->intervals[l], n * sizeof(double));
    p->n_kept += n;
    return CONFORMAL_OK;
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows,
                                conformal_error *err)
{
    prediction *p = user;
    conformal_status status;
    if ((status = reserve(p, rows->n, err)) != CONFORMAL_OK ||
        (status = block_set(&p->block, &p->columns, p->csv, rows, err)) != CONFORMAL_OK)
        return status;
    size_t n = p->block.data.n;
    p->missing += rows->n - n;
    for (size_t i = 0; p->block.group != NULL && i < n; i++)
        p->codes[i] = conformal_calibrator_group_code(p->calibrator, p->block.group[i].bytes,
                                                      p->block.group[i].length);
    p->block.data.group = p->codes;
    for (size_t l = 0; l < p->n_levels; l++) {
        status =
            conformal_predict(p->calibrator, p->levels[l], &p->block.data, p->intervals[2 * l],
                              p->intervals[2 * l + 1], &p->counts, err);
        if (status != CONFORMAL_OK) {
            block_explain(&p->block, &p->columns, p->csv, err);
            return status;
        }
    }
    if (n < rows->n)
        spread(p, rows->n);
    if (p->n_cut > 0 && (status = cut_columns(p, rows, err)) != CONFORMAL_OK)
        return status;
    if (p->keep && (status = keep_rows(p, rows->n, err)) != CONFORMAL_OK)
        return status;
    return conformal_csv_write_rows(p->n_cut > 0 ? p->lines : rows->lines,
                                    (const double *const *)p->intervals, 2 * p->n_levels,
                                    rows->n, conformal_csv_delimiter(p->csv), in_threads(),
                                    NULL, out_write, p->out, err);
}

int prediction_run(prediction *p, in_file *file)
{
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    unsigned wanted = columns_of_score(conformal_calibrator_score(p->calibrator), false);
    char why[64];
    callbacks.on_header = on_header;
    callbacks.on_rows = on_rows;
    callbacks.user = p;
    if (conformal_calibrator_groups(p->calibrator) > 0)
        wanted |= 1u << ROLE_GROUP;
    snprintf(why, sizeof why, "the score %s",
             conformal_score_name(conformal_calibrator_score(p->calibrator)));
    int status = columns_check(p->c, p->columns.options, wanted, why);
    return status == EXIT_DONE ? in_csv(p->c, file, &callbacks, NULL) : status;
}
