/* header.c - the first bytes of a file, and its header line.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "table/csv.h"

/* What a file that is no CSV begins with, and how to make CSV of it. */
static const struct {
    const char *bytes;
    size_t length;
    const char *fact;
} others[] = {
    {"\x1f\x8b", 2, "this is gzip, not CSV (gzip -dc FILE | conformal ...)"},
    {"\x28\xb5\x2f\xfd", 4, "this is zstd, not CSV (zstd -dc FILE | conformal ...)"},
    {"PAR1", 4, "this is Parquet, not CSV (duckdb -csv -c \"from 'FILE'\" | conformal ...)"},
    {"PK\x03\x04", 4,
     "this is xlsx or zip, not CSV (libreoffice --headless --convert-to csv FILE)"},
    {"\xff\xfe", 2,
     "this is UTF-16, not UTF-8 (iconv -f utf-16 -t utf-8 FILE | conformal ...)"},
    {"\xfe\xff", 2,
     "this is UTF-16, not UTF-8 (iconv -f utf-16 -t utf-8 FILE | conformal ...)"},
};

static void drop(conformal_csv *csv, size_t n)
{
    csv->length -= n;
    memmove(csv->bytes, csv->bytes + n, csv->length);
}

/* File types and the byte order mark. *ready: out, enough bytes were there to tell. */
static conformal_status look_at_start(conformal_csv *csv, bool final, bool *ready,
                                      conformal_error *err)
{
    *ready = csv->length >= 4 || final;
    if (!*ready)
        return CONFORMAL_OK;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (csv->length >= others[i].length &&
            memcmp(csv->bytes, others[i].bytes, others[i].length) == 0)
            return cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, SIZE_MAX, "", "%s",
                               others[i].fact);
    if (csv->length >= 3 && memcmp(csv->bytes, "\xef\xbb\xbf", 3) == 0)
        drop(csv, 3);
    csv->started = true;
    return CONFORMAL_OK;
}

/* Length of the first line without its end, which takes *end bytes; false: not all there. */
static bool first_line(const conformal_csv *csv, bool final, size_t *length, size_t *end)
{
    bool inside = false;
    for (size_t i = 0; i < csv->length; i++) {
        char c = csv->bytes[i];
        if (c == '"')
            inside = !inside;
        if (inside || (c != '\n' && c != '\r'))
            continue;
        bool last = i + 1 == csv->length;
        if (c == '\r' && last && !final)
            return false;
        *length = i;
        *end = c == '\r' && !last && csv->bytes[i + 1] == '\n' ? 2 : 1;
        return true;
    }
    *length = csv->length;
    *end = 0;
    return final;
}

/* Of , ; and tab the one that stands in the header most often outside quotes. */
static char find_delimiter(const char *header, size_t length)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t count[3] = {0, 0, 0};
    bool inside = false;
    for (size_t i = 0; i < length; i++) {
        if (header[i] == '"')
            inside = !inside;
        for (int c = 0; c < 3 && !inside; c++)
            count[c] += header[i] == candidates[c];
    }
    int best = 0;
    for (int c = 1; c < 3; c++)
        if (count[c] > count[best])
            best = c;
    return candidates[best];
}

static size_t count_fields(const char *header, size_t length, char delimiter)
{
    size_t n = 1;
    bool inside = false;
    for (size_t i = 0; i < length; i++) {
        if (header[i] == '"')
            inside = !inside;
        n += !inside && header[i] == delimiter;
    }
    return n;
}

/* The name in header[0..length-1], quotes undone; NULL: no memory. *fact: out, a fault. */
static char *name_of(const conformal_csv *csv, const char *text, size_t length,
                     const char **fact)
{
    char *name = cf_alloc(csv->allocator, length + 1, 1);
    size_t n = 0, i = 0;
    if (name == NULL)
        return NULL;
    bool quoted = length > 0 && text[0] == '"', closed = false;
    for (i = quoted; i < length; i++) {
        if (text[i] != '"') {
            if (closed)
                *fact = "text after a closing quote in the header";
            name[n++] = text[i];
        } else if (!quoted) {
            *fact = "a quote inside an unquoted column name";
        } else if (i + 1 < length && text[i + 1] == '"') {
            name[n++] = text[i++];
        } else {
            closed = true;
        }
    }
    name[n] = '\0';
    return name;
}

static conformal_status split_names(conformal_csv *csv, conformal_error *err)
{
    const char *p = csv->header, *end = p + csv->header_length;
    size_t n = count_fields(p, csv->header_length, csv->delimiter);
    csv->names = cf_alloc(csv->allocator, n, sizeof *csv->names);
    if (csv->names == NULL)
        return cf_fail_memory(err, n, "column names");
    while (csv->n_columns < n) {
        const char *stop = p, *fact = NULL;
        for (bool inside = false; stop < end && (inside || *stop != csv->delimiter); stop++)
            if (*stop == '"')
                inside = !inside;
        char *name = name_of(csv, p, (size_t)(stop - p), &fact);
        if (name == NULL)
            return cf_fail_memory(err, n, "column names");
        csv->names[csv->n_columns++] = name;
        if (fact != NULL)
            return cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, 0, "", "%s (column %zu)", fact,
                               csv->n_columns);
        p = stop + 1;
    }
    return CONFORMAL_OK;
}

/* No name stands twice: checked through a dictionary, in linear time. */
static conformal_status check_names(conformal_csv *csv, conformal_error *err)
{
    conformal_dictionary *seen;
    conformal_status status = conformal_dictionary_create(csv->allocator, &seen, err);
    for (size_t c = 0; status == CONFORMAL_OK && c < csv->n_columns; c++) {
        conformal_text name = {csv->names[c], strlen(csv->names[c])};
        int32_t code = 0;
        status = conformal_dictionary_encode(seen, &name, 1, &code, err);
        if (status == CONFORMAL_OK && (size_t)code != c)
            status = cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, 0, "",
                                 "columns %ld and %zu are both named '%.80s' (rename one)",
                                 (long)code + 1, c + 1, csv->names[c]);
    }
    if (seen != NULL)
        conformal_dictionary_free(seen);
    return status;
}

conformal_status cf_csv_read_header(conformal_csv *csv, bool final, bool *complete,
                                    conformal_error *err)
{
    conformal_status status;
    bool ready = csv->started;
    size_t length, end;
    *complete = false;
    if (!ready &&
        ((status = look_at_start(csv, final, &ready, err)) != CONFORMAL_OK || !ready))
        return status;
    for (;;) { /* blank lines before the header */
        if (csv->length == 0 && final)
            return cf_csv_fail(
                csv, err, CONFORMAL_ESYNTAX, SIZE_MAX, "",
                "the file is empty (a header line with column names is required)");
        if (!first_line(csv, final, &length, &end))
            return CONFORMAL_OK;
        if (length > 0)
            break;
        drop(csv, end);
        csv->line++;
        csv->n_blank++;
    }
    if (memchr(csv->bytes, '\0', length) != NULL)
        return cf_csv_fail(
            csv, err, CONFORMAL_ESYNTAX, 0, "",
            "a NUL byte; this is not text (or UTF-16: iconv -f utf-16 -t utf-8)");
    size_t quotes = 0;
    for (size_t i = 0; i < length; i++)
        quotes += csv->bytes[i] == '"';
    if (quotes % 2 == 1)
        return cf_csv_fail(csv, err, CONFORMAL_ESYNTAX, 0, "",
                           "a quote in the header is never closed");
    csv->header = cf_copy_text(csv->allocator, csv->bytes, length);
    if (csv->header == NULL)
        return cf_fail_memory(err, length, "bytes of header");
    csv->header_length = length;
    csv->delimiter = csv->options.delimiter != 0 ? csv->options.delimiter
                                                 : find_delimiter(csv->header, length);
    if ((status = split_names(csv, err)) != CONFORMAL_OK ||
        (status = check_names(csv, err)) != CONFORMAL_OK)
        return status;
    csv->line += cf_count_lines(csv->bytes, length) + 1;
    drop(csv, length + end);
    *complete = true;
    return CONFORMAL_OK;
}

static const char *name_at(const void *context, size_t i)
{
    const conformal_csv *csv = context;
    return csv->names[i];
}

conformal_status conformal_csv_find(const conformal_csv *csv, const char *name, size_t *column,
                                    conformal_error *err)
{
    for (size_t c = 0; c < csv->n_columns; c++)
        if (strcmp(csv->names[c], name) == 0) {
            *column = c;
            return CONFORMAL_OK;
        }
    const char *near = conformal_nearest(name, csv->n_columns, name_at, csv);
    if (near != NULL)
        return cf_fail(err, CONFORMAL_ENOTFOUND, name, CF_NO_INDEX,
                       "no column '%.80s'; did you mean '%.80s'?", name, near);
    char all[160] = "";
    size_t at = 0;
    for (size_t c = 0; c < csv->n_columns && at + 1 < sizeof all; c++) {
        int n = snprintf(all + at, sizeof all - at, "%s%s", c > 0 ? ", " : "", csv->names[c]);
        at += n > 0 ? (size_t)n : 0;
    }
    return cf_fail(err, CONFORMAL_ENOTFOUND, name, CF_NO_INDEX,
                   "no column '%.80s'; there are %s%s", name, all,
                   at + 1 < sizeof all ? "" : "...");
}
