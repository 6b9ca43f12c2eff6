/* columns.c - options and CSV to named arrays.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "columns.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

const char *const role_names[N_ROLES] = {"y",     "yhat",   "scale", "lower",
                                         "upper", "median", "group"};

unsigned columns_of_score(conformal_score score, bool with_y)
{
    unsigned uses = conformal_score_uses(score), wanted = with_y ? 1u << ROLE_Y : 0;
    if (uses & CONFORMAL_USES_YHAT)
        wanted |= 1u << ROLE_YHAT;
    if (uses & CONFORMAL_USES_SCALE)
        wanted |= 1u << ROLE_SCALE;
    if (uses & CONFORMAL_USES_BAND)
        wanted |= 1u << ROLE_LOWER | 1u << ROLE_UPPER;
    if (uses & CONFORMAL_USES_MEDIAN)
        wanted |= 1u << ROLE_MEDIAN;
    return wanted;
}

int columns_check(const call *c, const column_options *o, unsigned wanted, const char *why)
{
    for (int r = 0; r < N_ROLES; r++)
        if ((wanted & 1u << r) && o->name[r] == NULL)
            return say_usage(c, "%s needs --%s COL, the name of the column", why,
                             role_names[r]);
    return EXIT_DONE;
}

conformal_status columns_use(columns *k, conformal_csv *csv, unsigned wanted,
                             conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    for (int r = 0; r < N_ROLES && status == CONFORMAL_OK; r++) {
        size_t column;
        k->used[r] = false;
        if (!(wanted & 1u << r))
            continue;
        status = conformal_csv_find(csv, k->options->name[r], &column, err);
        if (status == CONFORMAL_OK)
            status = conformal_csv_use(
                csv, column, r == ROLE_GROUP ? CONFORMAL_CSV_TEXT : CONFORMAL_CSV_NUMBER,
                &k->use[r], err);
        k->used[r] = status == CONFORMAL_OK;
    }
    return status;
}

static conformal_status no_memory(conformal_error *err)
{
    err->status = CONFORMAL_ENOMEM;
    err->line = 0;
    snprintf(err->message, sizeof err->message, "no memory for a block of rows");
    return CONFORMAL_ENOMEM;
}

static conformal_status reserve(block *b, size_t n, conformal_error *err)
{
    if (n <= b->room)
        return CONFORMAL_OK;
    for (int r = 0; r < N_ROLES; r++) {
        free(b->numbers[r]);
        b->numbers[r] = r != ROLE_GROUP ? malloc(n * sizeof(double)) : NULL;
    }
    free(b->row);
    free(b->texts);
    b->row = malloc(n * sizeof *b->row);
    b->texts = malloc(n * sizeof *b->texts);
    b->room = n;
    bool all = b->row != NULL && b->texts != NULL;
    for (int r = 0; r < N_ROLES; r++)
        all = all && (r == ROLE_GROUP || b->numbers[r] != NULL);
    return all ? CONFORMAL_OK : no_memory(err);
}

/* Which rows are complete; most files have no missing value, and no row is looked at. */
static size_t find_complete(block *b, const columns *k, const conformal_csv *csv,
                            const conformal_csv_rows *rows)
{
    size_t kept = 0, missing = 0;
    for (int r = 0; r < N_ROLES; r++)
        if (k->used[r] && r != ROLE_GROUP)
            missing += conformal_csv_missing(csv, k->use[r]);
    b->gaps = missing > 0;
    if (!b->gaps)
        return rows->n;
    for (size_t i = 0; i < rows->n; i++) {
        bool complete = true;
        for (int r = 0; r < N_ROLES; r++)
            complete = complete && !(k->used[r] && r != ROLE_GROUP &&
                                     isnan(rows->numbers[k->use[r]][i]));
        b->row[kept] = i;
        kept += complete;
    }
    return kept;
}

static void set_data(block *b, const double *const *numbers, size_t n)
{
    conformal_data data = CONFORMAL_DATA_INIT;
    data.n = n;
    data.y = numbers[ROLE_Y];
    data.yhat = numbers[ROLE_YHAT];
    data.scale = numbers[ROLE_SCALE];
    data.lower = numbers[ROLE_LOWER];
    data.upper = numbers[ROLE_UPPER];
    data.median = numbers[ROLE_MEDIAN];
    b->data = data;
}

conformal_status block_set(block *b, const columns *k, const conformal_csv *csv,
                           const conformal_csv_rows *rows, conformal_error *err)
{
    const double *numbers[N_ROLES] = {NULL};
    conformal_status status = reserve(b, rows->n, err);
    if (status != CONFORMAL_OK)
        return status;
    for (int r = 0; r < N_ROLES; r++)
        if (k->used[r] && r != ROLE_GROUP)
            numbers[r] = rows->numbers[k->use[r]];
    b->group = k->used[ROLE_GROUP] ? rows->texts[k->use[ROLE_GROUP]] : NULL;
    size_t kept = find_complete(b, k, csv, rows);
    b->dropped += rows->n - kept;
    if (kept < rows->n) { /* close the gaps */
        for (int r = 0; r < N_ROLES; r++) {
            if (numbers[r] == NULL)
                continue;
            for (size_t i = 0; i < kept; i++)
                b->numbers[r][i] = numbers[r][b->row[i]];
            numbers[r] = b->numbers[r];
        }
        for (size_t i = 0; b->group != NULL && i < kept; i++)
            b->texts[i] = b->group[b->row[i]];
        b->group = b->group != NULL ? b->texts : NULL;
    }
    set_data(b, numbers, kept);
    return CONFORMAL_OK;
}

void block_free(block *b)
{
    for (int r = 0; r < N_ROLES; r++)
        free(b->numbers[r]);
    free(b->row);
    free(b->texts);
}

void block_explain(const block *b, const columns *k, const conformal_csv *csv,
                   conformal_error *err)
{
    if (err->index >= b->data.n)
        return;
    err->line = conformal_csv_line(csv, b->gaps ? b->row[err->index] : err->index);
    for (int r = 0; r < N_ROLES; r++)
        if (strcmp(err->argument, role_names[r]) == 0 && k->options->name[r] != NULL)
            snprintf(err->argument, sizeof err->argument, "%s", k->options->name[r]);
    char *row = strstr(err->message, " (row "); /* the line says it better */
    if (row != NULL)
        *row = '\0';
}
