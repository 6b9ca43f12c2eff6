/* rows.c - complete rows found, checked, handed over and removed.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All rows before the first fault are handed over, then the fault is returned: so neither the
 * size of the pushes nor the number of threads can be told from the outside. */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "table/csv.h"

static conformal_status reserve_marks(conformal_csv *csv, conformal_error *err)
{
    if (csv->scan_room > csv->length)
        return CONFORMAL_OK;
    size_t room = csv->capacity + 1;
    cf_free(csv->allocator, csv->scan.marks);
    cf_free(csv->allocator, csv->scan.ends);
    csv->scan_room = 0;
    csv->scan.marks = cf_alloc(csv->allocator, room, sizeof *csv->scan.marks);
    csv->scan.ends = cf_alloc(csv->allocator, room, sizeof *csv->scan.ends);
    if (csv->scan.marks == NULL || csv->scan.ends == NULL)
        return cf_fail_memory(err, room, "bytes of CSV");
    csv->scan_room = room;
    return CONFORMAL_OK;
}

static conformal_status reserve_rows(conformal_csv *csv, size_t n, conformal_error *err)
{
    if (n <= csv->row_room)
        return CONFORMAL_OK;
    size_t room = n + n / 4;
    cf_csv_row *rows = cf_resize(csv->allocator, csv->rows, room, sizeof *rows);
    if (rows != NULL)
        csv->rows = rows;
    conformal_text *lines = cf_resize(csv->allocator, csv->lines, room, sizeof *lines);
    if (lines != NULL)
        csv->lines = lines;
    int failed = rows == NULL || lines == NULL;
    for (size_t u = 0; u < csv->n_uses && !failed; u++) {
        cf_csv_use *use = &csv->uses[u];
        if (use->kind == CONFORMAL_CSV_NUMBER) {
            double *numbers = cf_resize(csv->allocator, use->numbers, room, sizeof *numbers);
            use->numbers = numbers != NULL ? numbers : use->numbers;
            failed = numbers == NULL;
        } else {
            conformal_text *texts = cf_resize(csv->allocator, use->texts, room, sizeof *texts);
            use->texts = texts != NULL ? texts : use->texts;
            failed = texts == NULL;
        }
    }
    if (failed)
        return cf_fail_memory(err, room, "rows of CSV");
    csv->row_room = room;
    return CONFORMAL_OK;
}

/* A field that begins with a quote ends with one, and those inside come in pairs; another
 * field holds none. SIZE_MAX, or the position of the fault. */
static size_t quote_fault(const conformal_csv *csv, conformal_text field, const char **fact)
{
    const char *p = field.bytes, *end = p + field.length;
    const char *quote = memchr(p, '"', field.length);
    if (quote == NULL)
        return SIZE_MAX;
    if (quote != p) {
        *fact = "a quote inside an unquoted field (quote the field and double the quote)";
        return (size_t)(quote - csv->bytes);
    }
    for (p++; p < end; p++) {
        if (*p != '"')
            continue;
        if (p + 1 == end)
            return SIZE_MAX;
        if (*++p != '"') {
            *fact = "text after a closing quote (a quote inside a quoted field is doubled)";
            return (size_t)(p - csv->bytes);
        }
    }
    return SIZE_MAX; /* unterminated: said when the input ends */
}

/* The row of these marks is well formed. */
static conformal_status check_row(conformal_csv *csv, const cf_csv_row *row, size_t n_fields,
                                  conformal_error *err)
{
    size_t last = csv->scan.marks[row->mark + n_fields - 1];
    if (csv->scan.nul <= last)
        return cf_csv_fail(
            csv, err, CONFORMAL_ESYNTAX, csv->scan.nul, "",
            "a NUL byte; this is not text (or UTF-16: iconv -f utf-16 -t utf-8)");
    for (size_t c = 0; csv->scan.quotes && c < n_fields; c++) {
        const char *fact = "";
        size_t start = c == 0 ? row->start : csv->scan.marks[row->mark + c - 1] + 1;
        size_t end = csv->scan.marks[row->mark + c];
        if (c + 1 == n_fields && end > start && csv->bytes[end - 1] == '\r' &&
            csv->bytes[end] == '\n')
            end--;
        conformal_text field = {csv->bytes + start, end - start};
        size_t at = quote_fault(csv, field, &fact);
        if (at != SIZE_MAX)
            return cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, at,
                               c < csv->n_columns ? csv->names[c] : "", "%s", fact);
    }
    if (n_fields != csv->n_columns)
        return cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, row->start, "",
                           "the row has %zu field%s, the header has %zu", n_fields,
                           n_fields == 1 ? "" : "s", csv->n_columns);
    return CONFORMAL_OK;
}

/* Rows of the scanned bytes; *n: out, how many before the first fault; *used: out, how many
 * bytes they and the blank lines take. */
static conformal_status find_rows(conformal_csv *csv, size_t *n, size_t *used,
                                  conformal_error *err)
{
    const cf_scan *s = &csv->scan;
    size_t start = 0, mark = 0, n_rows = 0;
    bool careful = s->quotes || s->nul != SIZE_MAX;
    conformal_status status = CONFORMAL_OK;
    for (size_t e = 0; e < s->n_ends; e++) {
        size_t last = s->ends[e], end = s->marks[last], n_fields = last - mark + 1;
        cf_csv_row row = {(uint32_t)start, (uint32_t)mark};
        if (n_fields == 1 && (end == start || (end == start + 1 && csv->bytes[start] == '\r' &&
                                               csv->bytes[end] == '\n'))) {
            csv->n_blank++;
        } else {
            if (careful || n_fields != csv->n_columns) {
                status = check_row(csv, &row, n_fields, err);
                if (status != CONFORMAL_OK)
                    break;
            }
            csv->rows[n_rows++] = row;
        }
        start = end + 1;
        mark = last + 1;
    }
    *n = n_rows;
    *used = start;
    return status;
}

/* The input ended inside quotes that opened somewhere in the row that begins at `start`. */
static conformal_status unterminated(conformal_csv *csv, size_t start, conformal_error *err)
{
    size_t opened = start;
    bool inside = false, stray = false;
    for (size_t i = start; i < csv->length; i++) {
        char c = csv->bytes[i];
        if (c != '"')
            continue;
        inside = !inside;
        if (inside && !(i > start && csv->bytes[i - 1] == '"')) {
            opened = i;
            char before = i > start ? csv->bytes[i - 1] : csv->delimiter;
            stray = before != csv->delimiter && before != '\n' && before != '\r';
        }
    }
    if (stray)
        return cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, opened, "",
                           "a quote inside an unquoted field (quote the field and double the "
                           "quote)");
    return cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, opened, "",
                       "the quote that opens here is never closed");
}

/* The lines as they stand, without their ends. */
static void set_lines(conformal_csv *csv, size_t n)
{
    for (size_t r = 0; r < n; r++) {
        conformal_text last = cf_csv_field(csv, &csv->rows[r], csv->n_columns - 1);
        const char *start = csv->bytes + csv->rows[r].start;
        csv->lines[r].bytes = start;
        csv->lines[r].length = (size_t)(last.bytes + last.length - start);
    }
}

static conformal_status hand_over(conformal_csv *csv, size_t n, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    if (n > 0 && csv->options.on_rows != NULL) {
        for (size_t u = 0; u < csv->n_uses; u++) {
            csv->numbers[u] = csv->uses[u].numbers;
            csv->texts[u] = csv->uses[u].texts;
        }
        bool lines = csv->options.no_lines == 0;
        if (lines)
            set_lines(csv, n);
        conformal_csv_rows rows = {sizeof rows,  n,          csv->n_rows,
                                   csv->numbers, csv->texts, lines ? csv->lines : NULL};
        csv->in_rows_callback = true;
        status = csv->options.on_rows(csv->options.user, &rows, err);
        csv->in_rows_callback = false;
    }
    csv->n_rows += n;
    return status;
}

conformal_status cf_csv_read_rows(conformal_csv *csv, bool final, conformal_error *err)
{
    conformal_error fault, field_fault;
    size_t n, used, bad;
    if (final && csv->length > 0 && csv->bytes[csv->length - 1] != '\n' &&
        csv->bytes[csv->length - 1] != '\r')
        csv->bytes[csv->length++] = '\n'; /* there is padding */
    /* A final CR may be half of a CRLF. */
    size_t length = csv->length;
    if (!final && length > 0 && csv->bytes[length - 1] == '\r')
        length--;
    else
        csv->bytes[length] = '\0';

    conformal_status status = reserve_marks(csv, err);
    if (status != CONFORMAL_OK)
        return status;
    cf_scan_bytes(csv->bytes, length, csv->delimiter, csv->masks, &csv->scan);
    if ((status = reserve_rows(csv, csv->scan.n_ends, err)) != CONFORMAL_OK)
        return status;
    conformal_status found = find_rows(csv, &n, &used, &fault);
    if (found == CONFORMAL_OK && final && csv->scan.open)
        found = unterminated(csv, used, &fault);
    bad = n;
    status = cf_csv_read_fields(csv, n, &bad, &field_fault);
    conformal_status handed = hand_over(csv, bad, err);
    if (handed != CONFORMAL_OK)
        return handed;
    if (status != CONFORMAL_OK || found != CONFORMAL_OK) {
        const conformal_error *first = status != CONFORMAL_OK ? &field_fault : &fault;
        if (err != NULL)
            *err = *first;
        return first->status;
    }
    csv->line += csv->scan.quotes ? cf_count_lines(csv->bytes, used) : csv->scan.n_ends;
    csv->length -= used;
    memmove(csv->bytes, csv->bytes + used, csv->length);
    return CONFORMAL_OK;
}
