/* csv_write.c - rows as text: formatted side by side, written in order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/number.h"
#include "base/parallel.h"
#include "conformal/number.h"
#include "conformal/table.h"

enum { TASK_ROWS = 8192, MOST_THREADS = 16 };

typedef struct piece {
    char *text;
    size_t room, length;
} piece;

typedef struct job {
    const conformal_text *lines;
    const double *const *columns;
    size_t n_columns, from, n;
    char delimiter;
    piece *pieces;
} job;

static void format_rows(void *context, unsigned task)
{
    const job *j = context;
    piece *p = &j->pieces[task];
    size_t from = j->from + task * (size_t)TASK_ROWS, to = from + TASK_ROWS;
    if (to > j->n)
        to = j->n;
    char *out = p->text;
    for (size_t i = from; i < to; i++) {
        bool first = true;
        if (j->lines != NULL) {
            memcpy(out, j->lines[i].bytes, j->lines[i].length);
            out += j->lines[i].length;
            first = false;
        }
        for (size_t c = 0; c < j->n_columns; c++) {
            double x = j->columns[c][i];
            if (!first)
                *out++ = j->delimiter;
            first = false;
            if (!isnan(x))
                out = cf_number_print(out, x);
        }
        *out++ = '\n';
    }
    p->length = (size_t)(out - p->text);
}

/* Bytes that the rows of a task may take. */
static size_t room_for(const job *j, size_t from)
{
    size_t to = from + TASK_ROWS < j->n ? from + TASK_ROWS : j->n;
    size_t room =
        (to - from) * (j->n_columns * (CONFORMAL_NUMBER_SIZE + 1) + 1) + CF_NUMBER_ROOM;
    for (size_t i = from; j->lines != NULL && i < to; i++)
        room += j->lines[i].length;
    return room;
}

static conformal_status reserve(const job *j, unsigned n_tasks,
                                const conformal_allocator *allocator, conformal_error *err)
{
    for (unsigned t = 0; t < n_tasks; t++) {
        piece *p = &j->pieces[t];
        size_t room = room_for(j, j->from + t * (size_t)TASK_ROWS);
        if (room <= p->room)
            continue;
        cf_free(allocator, p->text);
        p->room = 0;
        p->text = cf_alloc(allocator, room, 1);
        if (p->text == NULL)
            return cf_fail_memory(err, room, "bytes of rows");
        p->room = room;
    }
    return CONFORMAL_OK;
}

conformal_status conformal_csv_write_rows(const conformal_text *lines,
                                          const double *const *columns, size_t n_columns,
                                          size_t n, char delimiter, unsigned threads,
                                          const conformal_allocator *allocator,
                                          conformal_write write, void *user,
                                          conformal_error *err)
{
    conformal_status status = cf_check_array(columns, n_columns, "columns", err);
    for (size_t c = 0; status == CONFORMAL_OK && c < n_columns; c++)
        status = cf_check_array(columns[c], n, "columns", err);
    if (status != CONFORMAL_OK)
        return status;
    piece pieces[MOST_THREADS] = {{NULL, 0, 0}};
    job j = {lines, columns, n_columns, 0, n, delimiter, pieces};
    if (threads < 1)
        threads = 1;
    if (threads > MOST_THREADS)
        threads = MOST_THREADS;
    while (status == CONFORMAL_OK && j.from < n) {
        size_t left = (n - j.from + TASK_ROWS - 1) / TASK_ROWS;
        unsigned n_tasks = left < threads ? (unsigned)left : threads;
        status = reserve(&j, n_tasks, allocator, err);
        if (status == CONFORMAL_OK)
            cf_parallel(threads, n_tasks, format_rows, &j);
        for (unsigned t = 0; status == CONFORMAL_OK && t < n_tasks; t++)
            status = write(user, pieces[t].text, pieces[t].length, err);
        j.from += n_tasks * (size_t)TASK_ROWS;
    }
    for (unsigned t = 0; t < MOST_THREADS; t++)
        cf_free(allocator, pieces[t].text);
    return status;
}

conformal_status conformal_csv_write_text(conformal_text text, char delimiter,
                                          conformal_write write, void *user,
                                          conformal_error *err)
{
    bool quote = text.length == 0;
    for (size_t i = 0; i < text.length && !quote; i++) {
        char c = text.bytes[i];
        quote = c == '"' || c == '\n' || c == '\r' || c == delimiter;
    }
    if (!quote)
        return write(user, text.bytes, text.length, err);
    conformal_status status = write(user, "\"", 1, err);
    for (size_t from = 0, i = 0; status == CONFORMAL_OK && i <= text.length; i++) {
        if (i < text.length && text.bytes[i] != '"')
            continue;
        size_t with_quote = i < text.length;
        status = write(user, text.bytes + from, i - from + with_quote, err);
        if (with_quote && status == CONFORMAL_OK)
            status = write(user, "\"", 1, err);
        from = i + with_quote;
    }
    return status == CONFORMAL_OK ? write(user, "\"", 1, err) : status;
}
