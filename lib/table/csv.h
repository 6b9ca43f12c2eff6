/* csv.h - what the parser is made of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_CSV_H
#define CF_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/number.h"
#include "conformal/table.h"
#include "table/scan.h"

/* A column in use. */
typedef struct cf_csv_use {
    size_t column;
    conformal_csv_kind kind;
    double *numbers;        /* of the block, for number columns */
    conformal_text *texts;  /* of the block, for the others */
    size_t missing;         /* counted so far */
} cf_csv_use;

/* A row of the block: where it begins, and its first mark. */
typedef struct cf_csv_row {
    uint32_t start;
    uint32_t mark;
} cf_csv_row;

struct conformal_csv {
    conformal_csv_options options;
    const conformal_allocator *allocator; /* own_allocator, or NULL for malloc() */
    conformal_allocator own_allocator;
    cf_mask_function *masks;
    cf_numbers_function *parse;
    conformal_status failed; /* the first failure; every later call returns it */
    conformal_error failure;

    char *buffer;            /* CF_NUMBER_PADDING bytes, the input, CF_SCAN_PADDING bytes */
    char *bytes;             /* the input not yet handed over, from its start */
    size_t length, capacity;
    size_t scanned;          /* length when the rows were last looked for */

    char delimiter;
    bool started;            /* the first bytes have been looked at */
    bool has_header, in_header_callback, in_rows_callback;
    char *header;            /* as in the file, NUL-terminated */
    size_t header_length;
    size_t n_columns;
    char **names;
    char **missing;          /* texts that mean missing */
    size_t n_missing;
    bool missing_numbers;    /* one of them reads as a number */

    cf_csv_use *uses;
    size_t n_uses;
    const double **numbers;  /* n_uses, for conformal_csv_rows */
    const conformal_text **texts;

    cf_scan scan;
    size_t scan_room;        /* bytes that marks and ends have room for */
    cf_csv_row *rows;        /* of the block */
    conformal_text *lines;
    size_t row_room;
    char *unquoted;          /* texts whose quotes were undone */
    size_t unquoted_room;

    size_t line;             /* lines before bytes[0] */
    size_t n_rows, n_blank;  /* handed over, skipped, so far */
};

/* Fail for good: at the line of bytes[position], in a named column ("" for none). */
__attribute__((format(printf, 6, 7))) conformal_status
cf_csv_fail(conformal_csv *csv, conformal_error *err, conformal_status status, size_t position,
            const char *column, const char *format, ...);

/* header.c: look at the first bytes and the header line. `final`: no more bytes will come.
 * *complete: out, the header has been read and removed from the buffer. */
conformal_status cf_csv_read_header(conformal_csv *csv, bool final, bool *complete,
                                    conformal_error *err);

/* rows.c: hand over the complete rows in the buffer, and remove them. */
conformal_status cf_csv_read_rows(conformal_csv *csv, bool final, conformal_error *err);

/* fields.c: fill the used columns of rows 0..n-1. *bad: out, the first row that could not be
 * read, whose error is in err, or n. */
conformal_status cf_csv_read_fields(conformal_csv *csv, size_t n, size_t *bad,
                                    conformal_error *err);

/* The bytes of field `column` of a row. */
static inline conformal_text cf_csv_field(const conformal_csv *csv, const cf_csv_row *row,
                                          size_t column)
{
    const uint32_t *marks = csv->scan.marks + row->mark;
    uint32_t start = column == 0 ? row->start : marks[column - 1] + 1, end = marks[column];
    if (column + 1 == csv->n_columns && end > start && csv->bytes[end - 1] == '\r' &&
        csv->bytes[end] == '\n')
        end--;
    conformal_text field = {csv->bytes + start, end - start};
    return field;
}

#endif
