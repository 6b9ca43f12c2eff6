/* frame.c - a few columns of a CSV file, whole, as arrays.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "frame.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

typedef struct reading {
    frame *f;
    conformal_csv *csv;
    size_t use[FRAME_MOST];
} reading;

static conformal_status fail(conformal_error *err, conformal_status status)
{
    err->status = status;
    err->line = 0;
    err->argument[0] = '\0';
    return status;
}

static conformal_status on_header(void *user, conformal_csv *csv, conformal_error *err)
{
    reading *r = user;
    conformal_status status = CONFORMAL_OK;
    r->csv = csv;
    for (size_t i = 0; i < r->f->n_columns && status == CONFORMAL_OK; i++) {
        const frame_column *k = &r->f->columns[i];
        size_t column;
        if (k->name == NULL)
            continue;
        if ((status = conformal_csv_find(csv, k->name, &column, err)) == CONFORMAL_OK)
            status = conformal_csv_use(
                csv, column, k->groups != NULL ? CONFORMAL_CSV_TEXT : CONFORMAL_CSV_NUMBER,
                &r->use[i], err);
    }
    return status;
}

static conformal_status reserve(frame *f, size_t n, conformal_error *err)
{
    size_t room = n + n / 2;
    if (n <= f->room)
        return CONFORMAL_OK;
    for (size_t i = 0; i < f->n_columns; i++) {
        frame_column *k = &f->columns[i];
        void *grown = NULL;
        if (k->name == NULL)
            continue;
        if (k->groups != NULL && (grown = realloc(k->codes, room * sizeof *k->codes)) != NULL)
            k->codes = grown;
        else if (k->groups == NULL &&
                 (grown = realloc(k->numbers, room * sizeof *k->numbers)) != NULL)
            k->numbers = grown;
        if (grown == NULL) {
            snprintf(err->message, sizeof err->message, "no memory for %zu rows", room);
            return fail(err, CONFORMAL_ENOMEM);
        }
    }
    f->room = room;
    return CONFORMAL_OK;
}

/* Where a row cannot stand: a value that is missing though all are needed, or out of its limits.
 * Row i of the block. */
static conformal_status refuse(const reading *r, const frame_column *k, size_t i, double x,
                               conformal_error *err)
{
    char number[CONFORMAL_NUMBER_SIZE], least[CONFORMAL_NUMBER_SIZE],
        most[CONFORMAL_NUMBER_SIZE];
    fail(err, CONFORMAL_EDOM);
    err->line = conformal_csv_line(r->csv, i);
    snprintf(err->argument, sizeof err->argument, "%s", k->name);
    if (isnan(x)) {
        snprintf(err->message, sizeof err->message, "the value is missing, and %s",
                 r->f->why_whole);
        return CONFORMAL_EDOM;
    }
    conformal_number_write(x, number);
    conformal_number_write(k->least, least);
    conformal_number_write(k->most, most);
    snprintf(err->message, sizeof err->message, "%s is outside %s, %s to %s", number, k->limits,
             least, most);
    return CONFORMAL_EDOM;
}

/* Row i of the block to row `at` of the frame; *gap: it has a missing value. */
static conformal_status take_numbers(const reading *r, const conformal_csv_rows *rows, size_t i,
                                     size_t at, bool *gap, conformal_error *err)
{
    frame *f = r->f;
    *gap = false;
    for (size_t c = 0; c < f->n_columns; c++) {
        frame_column *k = &f->columns[c];
        if (k->name == NULL || k->groups != NULL)
            continue;
        double x = rows->numbers[r->use[c]][i];
        if (isnan(x) && f->why_whole != NULL)
            return refuse(r, k, i, x, err);
        if (x < k->least || x > k->most)
            return refuse(r, k, i, x, err);
        *gap = *gap || isnan(x);
        k->numbers[at] = x;
    }
    return CONFORMAL_OK;
}

static conformal_status take_groups(const reading *r, const conformal_csv_rows *rows, size_t i,
                                    size_t at, conformal_error *err)
{
    frame *f = r->f;
    conformal_status status = CONFORMAL_OK;
    for (size_t c = 0; c < f->n_columns && status == CONFORMAL_OK; c++) {
        frame_column *k = &f->columns[c];
        if (k->name != NULL && k->groups != NULL)
            status = conformal_dictionary_encode(k->groups, &rows->texts[r->use[c]][i], 1,
                                                 &k->codes[at], err);
    }
    return status;
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows,
                                conformal_error *err)
{
    reading *r = user;
    frame *f = r->f;
    conformal_status status = reserve(f, f->n + rows->n, err);
    for (size_t i = 0; i < rows->n && status == CONFORMAL_OK; i++) {
        bool gap;
        status = take_numbers(r, rows, i, f->n, &gap, err);
        f->gaps += gap;
        if (status != CONFORMAL_OK || (gap && !f->keep_gaps))
            continue;
        status = take_groups(r, rows, i, f->n, err);
        f->n++;
    }
    return status;
}

int frame_read(const call *c, frame *f, in_file *file)
{
    reading r = {.f = f};
    conformal_csv_options callbacks = CONFORMAL_CSV_INIT;
    callbacks.on_header = on_header;
    callbacks.on_rows = on_rows;
    callbacks.no_lines = 1;
    callbacks.user = &r;
    f->n = f->gaps = f->room = 0;
    return in_csv(c, file, &callbacks, NULL);
}

void frame_free(frame *f)
{
    for (size_t i = 0; i < f->n_columns; i++) {
        free(f->columns[i].numbers);
        free(f->columns[i].codes);
        f->columns[i].numbers = NULL;
        f->columns[i].codes = NULL;
    }
}

void frame_note_gaps(const call *c, const frame *f, const in_file *file)
{
    if (f->gaps > 0)
        say_note(c, "%s: %zu of %zu rows have a missing value and were left out", file->name,
                 f->gaps, file->rows);
}
