/* parser.c - the push parser: buffer, carry, and the order of things.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/number.h"
#include "base/options.h"
#include "conformal/number.h"
#include "table/csv.h"

/* Free bytes after every push; bytes worth a look for rows; the longest row. */
#define ROOM ((size_t)1 << 20)
#define WORTH_READING ((size_t)3 << 19)
#define LONGEST ((size_t)1 << 30)

conformal_status cf_csv_fail(conformal_csv *csv, conformal_error *err, conformal_status status,
                             size_t position, const char *column, const char *format, ...)
{
    char message[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    for (char *p = message; *p != '\0'; p++) /* a message is one line */
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    cf_fail(err, status, column, CF_NO_INDEX, "%s", message);
    if (err != NULL && position != SIZE_MAX)
        err->line = csv->line + cf_count_lines(csv->bytes, position) + 1;
    return status;
}

/* "a,b" to "a" and "b"; "" to the one empty text. */
static conformal_status copy_missing(conformal_csv *csv, const char *list,
                                     conformal_error *err)
{
    if (list == NULL)
        return CONFORMAL_OK;
    size_t n = 1;
    for (const char *p = list; *p != '\0'; p++)
        n += *p == ',';
    csv->missing = cf_alloc(csv->allocator, n, sizeof *csv->missing);
    if (csv->missing == NULL)
        return cf_fail_memory(err, n, "missing values");
    while (csv->n_missing < n) {
        size_t length = strcspn(list, ",");
        double x;
        char *text = cf_copy_text(csv->allocator, list, length);
        if (text == NULL)
            return cf_fail_memory(err, n, "missing values");
        csv->missing[csv->n_missing++] = text;
        csv->missing_numbers |= conformal_number_read(text, length, &x, NULL) == CONFORMAL_OK;
        list += length + 1;
    }
    return CONFORMAL_OK;
}

conformal_status conformal_csv_create(const conformal_csv_options *options,
                                      conformal_csv **csv, conformal_error *err)
{
    conformal_csv_options o = CONFORMAL_CSV_INIT;
    conformal_status status;
    if ((status = cf_options_read(&o, sizeof o, options, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(csv, "csv", err)) != CONFORMAL_OK)
        return status;
    if (o.delimiter == '"' || o.delimiter == '\n' || o.delimiter == '\r' ||
        (unsigned char)o.delimiter > 127)
        return cf_fail(err, CONFORMAL_EINVAL, "delimiter", CF_NO_INDEX,
                       "the delimiter must be one ASCII character, and no quote or line end");
    conformal_csv *c = cf_alloc(o.allocator, 1, sizeof *c);
    if (c == NULL)
        return cf_fail_memory(err, 1, "CSV parser");
    memset(c, 0, sizeof *c);
    c->options = o;
    if (o.allocator != NULL) {
        c->own_allocator = *o.allocator;
        c->allocator = &c->own_allocator;
    }
    c->masks = cf_masks_best();
    c->parse = cf_numbers_best();
    if ((status = copy_missing(c, o.missing, err)) != CONFORMAL_OK) {
        conformal_csv_free(c);
        return status;
    }
    *csv = c;
    return CONFORMAL_OK;
}

void conformal_csv_free(conformal_csv *csv)
{
    if (csv == NULL)
        return;
    conformal_allocator copy = csv->own_allocator; /* the parser goes before it does */
    const conformal_allocator *a = csv->allocator != NULL ? &copy : NULL;
    for (size_t u = 0; u < csv->n_uses; u++) {
        cf_free(a, csv->uses[u].numbers);
        cf_free(a, csv->uses[u].texts);
    }
    for (size_t c = 0; c < csv->n_columns; c++)
        cf_free(a, csv->names[c]);
    for (size_t i = 0; i < csv->n_missing; i++)
        cf_free(a, csv->missing[i]);
    cf_free(a, csv->missing);
    cf_free(a, csv->names);
    cf_free(a, csv->header);
    cf_free(a, csv->uses);
    cf_free(a, csv->numbers);
    cf_free(a, csv->texts);
    cf_free(a, csv->scan.marks);
    cf_free(a, csv->scan.ends);
    cf_free(a, csv->rows);
    cf_free(a, csv->lines);
    cf_free(a, csv->unquoted);
    cf_free(a, csv->buffer);
    cf_free(a, csv);
}

/* The first failure is kept: the parser stops for good. */
static conformal_status keep(conformal_csv *csv, conformal_status status, conformal_error *err)
{
    csv->failed = status;
    if (status != CONFORMAL_OK && err != NULL)
        csv->failure = *err;
    return status;
}

static conformal_status failed_before(const conformal_csv *csv, conformal_error *err)
{
    if (csv->failed != CONFORMAL_OK && err != NULL)
        *err = csv->failure;
    return csv->failed;
}

/* Room for `more` bytes behind those that are there. */
static conformal_status reserve(conformal_csv *csv, size_t more, conformal_error *err)
{
    if (csv->bytes != NULL && csv->capacity - csv->length >= more)
        return CONFORMAL_OK;
    if (csv->length > LONGEST)
        return cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, 0, "",
                           "a row of more than 1 GiB begins here; is a quote never closed?");
    size_t capacity = csv->length + more;
    if (capacity < 2 * csv->capacity)
        capacity = 2 * csv->capacity;
    if (capacity < 2 * ROOM)
        capacity = 2 * ROOM;
    size_t padded = CF_NUMBER_PADDING + capacity + CF_SCAN_PADDING;
    char *buffer = cf_resize(csv->allocator, csv->buffer, padded, 1);
    if (buffer == NULL)
        return cf_fail_memory(err, capacity, "bytes of CSV");
    if (csv->buffer == NULL)
        memset(buffer, 0, CF_NUMBER_PADDING);
    csv->buffer = buffer;
    csv->bytes = buffer + CF_NUMBER_PADDING;
    memset(csv->bytes + csv->length, 0, capacity - csv->length + CF_SCAN_PADDING);
    csv->capacity = capacity;
    return CONFORMAL_OK;
}

static conformal_status read_header(conformal_csv *csv, bool final, conformal_error *err)
{
    conformal_status status = cf_csv_read_header(csv, final, &csv->has_header, err);
    if (status != CONFORMAL_OK || !csv->has_header || csv->options.on_header == NULL)
        return status;
    csv->in_header_callback = true;
    status = csv->options.on_header(csv->options.user, csv, err);
    csv->in_header_callback = false;
    return status;
}

/* Rows are looked for when the buffer has enough new bytes, not at every small push. */
static conformal_status advance(conformal_csv *csv, bool final, conformal_error *err)
{
    conformal_error local;
    conformal_error *e = err != NULL ? err : &local;
    conformal_status status = CONFORMAL_OK;
    if (!csv->has_header)
        status = read_header(csv, final, e);
    if (status == CONFORMAL_OK && csv->has_header &&
        (final || csv->length - csv->scanned >= WORTH_READING ||
         csv->capacity - csv->length < ROOM)) {
        status = cf_csv_read_rows(csv, final, e);
        csv->scanned = csv->length;
    }
    if (status == CONFORMAL_OK && !final)
        status = reserve(csv, ROOM, e);
    return keep(csv, status, e);
}

conformal_status conformal_csv_buffer(conformal_csv *csv, char **bytes, size_t *capacity,
                                      conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(csv, "csv", err)) != CONFORMAL_OK ||
        (status = failed_before(csv, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(bytes, "bytes", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(capacity, "capacity", err)) != CONFORMAL_OK ||
        (status = reserve(csv, ROOM, err)) != CONFORMAL_OK)
        return status;
    *bytes = csv->bytes + csv->length;
    *capacity = csv->capacity - csv->length;
    return CONFORMAL_OK;
}

conformal_status conformal_csv_pushed(conformal_csv *csv, size_t n_bytes, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(csv, "csv", err)) != CONFORMAL_OK ||
        (status = failed_before(csv, err)) != CONFORMAL_OK)
        return status;
    if (n_bytes > csv->capacity - csv->length)
        return cf_fail(err, CONFORMAL_EINVAL, "n_bytes", CF_NO_INDEX,
                       "%zu bytes are more than the buffer has room for", n_bytes);
    csv->length += n_bytes;
    return advance(csv, false, err);
}

conformal_status conformal_csv_push(conformal_csv *csv, const char *bytes, size_t n,
                                    conformal_error *err)
{
    conformal_status status = cf_check_array(bytes, n, "bytes", err);
    while (status == CONFORMAL_OK && n > 0) {
        char *room;
        size_t capacity;
        status = conformal_csv_buffer(csv, &room, &capacity, err);
        if (status != CONFORMAL_OK)
            break;
        size_t taken = n < capacity ? n : capacity;
        memcpy(room, bytes, taken);
        bytes += taken;
        n -= taken;
        status = conformal_csv_pushed(csv, taken, err);
    }
    return status;
}

conformal_status conformal_csv_finish(conformal_csv *csv, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(csv, "csv", err)) != CONFORMAL_OK ||
        (status = failed_before(csv, err)) != CONFORMAL_OK ||
        (status = reserve(csv, 1, err)) != CONFORMAL_OK)
        return status;
    return advance(csv, true, err);
}

conformal_status conformal_csv_use(conformal_csv *csv, size_t column, conformal_csv_kind kind,
                                   size_t *use, conformal_error *err)
{
    conformal_status status;
    if ((status = cf_check_pointer(csv, "csv", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(use, "use", err)) != CONFORMAL_OK)
        return status;
    if (!csv->in_header_callback)
        return cf_fail(err, CONFORMAL_EINVAL, "csv", CF_NO_INDEX,
                       "columns are chosen in the on_header callback only");
    if (column >= csv->n_columns)
        return cf_fail(err, CONFORMAL_EINVAL, "column", column,
                       "there are %zu columns, no column %zu", csv->n_columns, column);
    if (kind != CONFORMAL_CSV_NUMBER && kind != CONFORMAL_CSV_TEXT &&
        kind != CONFORMAL_CSV_RAW)
        return cf_fail(err, CONFORMAL_EINVAL, "kind", CF_NO_INDEX,
                       "no kind of column has the code %d", (int)kind);
    size_t n = csv->n_uses + 1;
    cf_csv_use *uses = cf_resize(csv->allocator, csv->uses, n, sizeof *uses);
    if (uses != NULL)
        csv->uses = uses;
    const double **numbers = cf_resize(csv->allocator, csv->numbers, n, sizeof *numbers);
    if (numbers != NULL)
        csv->numbers = numbers;
    const conformal_text **texts = cf_resize(csv->allocator, csv->texts, n, sizeof *texts);
    if (texts != NULL)
        csv->texts = texts;
    if (uses == NULL || numbers == NULL || texts == NULL)
        return cf_fail_memory(err, n, "columns");
    cf_csv_use fresh = {column, kind, NULL, NULL, 0};
    csv->uses[csv->n_uses] = fresh;
    *use = csv->n_uses++;
    return CONFORMAL_OK;
}

size_t conformal_csv_columns(const conformal_csv *csv)
{
    return csv->n_columns;
}

const char *conformal_csv_column_name(const conformal_csv *csv, size_t column)
{
    return column < csv->n_columns ? csv->names[column] : NULL;
}

char conformal_csv_delimiter(const conformal_csv *csv)
{
    return csv->delimiter;
}

conformal_text conformal_csv_header(const conformal_csv *csv)
{
    conformal_text header = {csv->header, csv->header_length};
    return header;
}

size_t conformal_csv_row_count(const conformal_csv *csv)
{
    return csv->n_rows;
}

size_t conformal_csv_blank_lines(const conformal_csv *csv)
{
    return csv->n_blank;
}

size_t conformal_csv_missing(const conformal_csv *csv, size_t use)
{
    return use < csv->n_uses ? csv->uses[use].missing : 0;
}

size_t conformal_csv_line(const conformal_csv *csv, size_t i)
{
    return csv->in_rows_callback
               ? csv->line + cf_count_lines(csv->bytes, csv->rows[i].start) + 1
               : 0;
}
