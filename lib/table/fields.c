/* fields.c - the used columns of a block of rows, typed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/number.h"
#include "base/parallel.h"
#include "conformal/number.h"
#include "table/csv.h"

/* Rows a task takes: enough to pay for its thread. */
enum { TASK_ROWS = 4096, STRETCH = 1024, GROUP = 256 };

static conformal_text without_quotes(conformal_text field)
{
    if (field.length >= 2 && field.bytes[0] == '"') {
        field.bytes++;
        field.length -= 2;
    }
    return field;
}

static bool is_missing(const conformal_csv *csv, conformal_text field)
{
    for (size_t i = 0; i < csv->n_missing; i++)
        if (strlen(csv->missing[i]) == field.length &&
            memcmp(csv->missing[i], field.bytes, field.length) == 0)
            return true;
    return false;
}

/* What the fast reader left undecided: a missing value, blanks, an infinity, a fault. */
static bool read_slowly(const conformal_csv *csv, conformal_text field, double *x,
                        size_t *missing)
{
    field = without_quotes(field);
    if (is_missing(csv, field)) {
        *x = (double)NAN;
        ++*missing;
        return true;
    }
    return conformal_number_read(field.bytes, field.length, x, NULL) == CONFORMAL_OK;
}

typedef struct job {
    conformal_csv *csv;
    size_t n;        /* rows */
    size_t per_task; /* rows a task */
    size_t *bad;     /* per task: the first row it could not read, or SIZE_MAX */
    size_t *missing; /* per task and use */
} job;

/* Rows from..to - 1 of one column; the first that could not be read, or `to`. */
static size_t read_column(const conformal_csv *csv, const cf_csv_use *use, size_t from,
                          size_t to, size_t *missing)
{
    uint32_t start[GROUP], end[GROUP];
    while (from < to) {
        size_t n = to - from < GROUP ? to - from : GROUP, done = 0;
        for (size_t i = 0; i < n; i++) {
            conformal_text field = cf_csv_field(csv, &csv->rows[from + i], use->column);
            start[i] = (uint32_t)(field.bytes - csv->bytes);
            end[i] = start[i] + (uint32_t)field.length;
        }
        while (done < n) {
            if (!csv->missing_numbers)
                done += csv->parse(csv->bytes, start + done, end + done, n - done,
                                   use->numbers + from + done);
            if (done == n)
                break;
            conformal_text field = {csv->bytes + start[done], end[done] - start[done]};
            if (!read_slowly(csv, field, &use->numbers[from + done], missing))
                return from + done;
            done++;
        }
        from += n;
    }
    return to;
}

static void read_numbers(void *context, unsigned task)
{
    const job *j = context;
    const conformal_csv *csv = j->csv;
    size_t from = task * j->per_task, to = from + j->per_task;
    if (to > j->n)
        to = j->n;
    /* A stretch at a time, so that its bytes are still in the cache for the next column. */
    for (; from < to; from += STRETCH) {
        size_t stop = to - from < STRETCH ? to : from + STRETCH, bad = stop;
        for (size_t u = 0; u < csv->n_uses; u++) {
            const cf_csv_use *use = &csv->uses[u];
            if (use->kind == CONFORMAL_CSV_NUMBER)
                bad = read_column(csv, use, from, bad, &j->missing[task * csv->n_uses + u]);
        }
        if (bad < stop) {
            j->bad[task] = bad;
            return;
        }
    }
}

/* Say what is wrong with a row that a task stopped at. */
static conformal_status explain(conformal_csv *csv, size_t row, conformal_error *err)
{
    for (size_t u = 0; u < csv->n_uses; u++) {
        const cf_csv_use *use = &csv->uses[u];
        conformal_error why;
        double x;
        if (use->kind != CONFORMAL_CSV_NUMBER)
            continue;
        conformal_text field = cf_csv_field(csv, &csv->rows[row], use->column);
        size_t position = (size_t)(field.bytes - csv->bytes);
        field = without_quotes(field);
        if (is_missing(csv, field))
            continue;
        conformal_status status = conformal_number_read(field.bytes, field.length, &x, &why);
        if (status == CONFORMAL_OK)
            continue;
        int shown = field.length < 40 ? (int)field.length : 40;
        const char *name = csv->names[use->column];
        if (status == CONFORMAL_EDOM)
            status = cf_csv_fail(csv, err, status, position, name, "%s", why.message);
        else if (field.length == 0)
            status = cf_csv_fail(csv, err, status, position, name,
                                 "'' is not a number (--na '' treats it as missing)");
        else
            status = cf_csv_fail(csv, err, status, position, name,
                                 "'%.*s' is not a number (--na %.*s treats it as missing)",
                                 shown, field.bytes, shown, field.bytes);
        if (err != NULL)
            err->index = csv->n_rows + row;
        return status;
    }
    return CONFORMAL_OK;
}

/* A text with its quotes undone; only one with a doubled quote needs room of its own. */
static conformal_text unquote(conformal_text field, char **room)
{
    if (field.length < 2 || field.bytes[0] != '"')
        return field;
    conformal_text inner = without_quotes(field);
    if (memchr(inner.bytes, '"', inner.length) == NULL)
        return inner;
    char *out = *room;
    for (size_t i = 0; i < inner.length; i++) {
        *out++ = inner.bytes[i];
        i += inner.bytes[i] == '"';
    }
    conformal_text text = {*room, (size_t)(out - *room)};
    *room = out;
    return text;
}

static conformal_status read_texts(conformal_csv *csv, size_t n, conformal_error *err)
{
    size_t needed = csv->scan.quotes ? csv->length * csv->n_uses : 0;
    if (needed > csv->unquoted_room) {
        cf_free(csv->allocator, csv->unquoted);
        csv->unquoted_room = 0;
        csv->unquoted = cf_alloc(csv->allocator, needed, 1);
        if (csv->unquoted == NULL)
            return cf_fail_memory(err, needed, "bytes of quoted text");
        csv->unquoted_room = needed;
    }
    char *room = csv->unquoted;
    for (size_t u = 0; u < csv->n_uses; u++) {
        const cf_csv_use *use = &csv->uses[u];
        if (use->kind == CONFORMAL_CSV_NUMBER)
            continue;
        for (size_t r = 0; r < n; r++) {
            conformal_text field = cf_csv_field(csv, &csv->rows[r], use->column);
            use->texts[r] = use->kind == CONFORMAL_CSV_TEXT ? unquote(field, &room) : field;
        }
    }
    return CONFORMAL_OK;
}

conformal_status cf_csv_read_fields(conformal_csv *csv, size_t n, size_t *bad,
                                    conformal_error *err)
{
    unsigned threads = csv->options.threads > 1 ? csv->options.threads : 1, n_numbers = 0,
             n_texts = 0;
    for (size_t u = 0; u < csv->n_uses; u++) {
        n_numbers += csv->uses[u].kind == CONFORMAL_CSV_NUMBER;
        n_texts += csv->uses[u].kind != CONFORMAL_CSV_NUMBER;
    }
    *bad = n;
    conformal_status status = CONFORMAL_OK;
    if (n == 0)
        return status;
    if (n_numbers > 0) {
        size_t per_task = (n + threads - 1) / threads;
        if (per_task < TASK_ROWS)
            per_task = TASK_ROWS;
        unsigned n_tasks = (unsigned)((n + per_task - 1) / per_task);
        size_t *first_bad =
            cf_alloc(csv->allocator, n_tasks * (1 + csv->n_uses), sizeof *first_bad);
        if (first_bad == NULL) {
            *bad = 0;
            return cf_fail_memory(err, n, "rows of CSV");
        }
        job j = {csv, n, per_task, first_bad, first_bad + n_tasks};
        memset(j.missing, 0, n_tasks * csv->n_uses * sizeof *j.missing);
        for (unsigned t = 0; t < n_tasks; t++)
            first_bad[t] = SIZE_MAX;
        cf_parallel(threads, n_tasks, read_numbers, &j);
        for (unsigned t = 0; t < n_tasks && *bad == n; t++)
            *bad = first_bad[t] < n ? first_bad[t] : n;
        for (unsigned t = 0; t < n_tasks; t++)
            for (size_t u = 0; u < csv->n_uses; u++)
                csv->uses[u].missing += j.missing[t * csv->n_uses + u];
        cf_free(csv->allocator, first_bad);
        if (*bad < n)
            status = explain(csv, *bad, err);
    }
    if (n_texts > 0) {
        conformal_error no_memory;
        conformal_status texts = read_texts(csv, *bad, &no_memory);
        if (texts != CONFORMAL_OK) {
            *bad = 0;
            if (err != NULL)
                *err = no_memory;
            return texts;
        }
    }
    return status;
}
