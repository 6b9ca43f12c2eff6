/* table.h - CSV in, CSV out.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A push parser: the caller reads bytes from wherever they come, pushes them, and gets
 * back blocks of rows whose used columns are already typed. Memory is one block of rows,
 * whatever the size of the file. RFC 4180 with the delimiters , ; and tab; line ends LF,
 * CRLF or CR; a UTF-8 byte order mark is skipped; a header is required. */
#ifndef CONFORMAL_TABLE_H
#define CONFORMAL_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

typedef struct conformal_csv conformal_csv;

/* How a used column is handed over. */
typedef enum conformal_csv_kind {
    CONFORMAL_CSV_UNUSED = 0,
    CONFORMAL_CSV_NUMBER = 1, /* doubles; a missing value is NaN and counted */
    CONFORMAL_CSV_TEXT = 2,   /* the field's text, quotes undone */
    CONFORMAL_CSV_RAW = 3     /* the field's bytes as they stand in the file, with quotes */
} conformal_csv_kind;

/* A block of consecutive rows; everything in it is lent until the callback returns. */
typedef struct conformal_csv_rows {
    size_t size;
    size_t n;                        /* rows in the block */
    size_t first;                    /* 0-based number of the first row in the file */
    const double *const *numbers;    /* numbers[u][i]: use u (see conformal_csv_use), row i;
                                        NULL unless that use is a number column */
    const conformal_text *const *texts; /* likewise for text and raw columns */
    const conformal_text *lines; /* n rows as they stand in the file, without line end; NULL
                                    when the options say no_lines */
} conformal_csv_rows;

typedef struct conformal_csv_options {
    size_t size;
    char delimiter;      /* ',' ';' '\t' or any ASCII character but quote, CR, LF; 0: find out
                            from the header which of , ; tab separates it most often */
    const char *missing; /* texts that mean "missing" in a number column, separated by commas;
                            "" is the empty text; NULL: none */
    unsigned threads;    /* 0, 1: the caller's thread only; results do not depend on it */
    const conformal_allocator *allocator;
    /* Called once, when the header is complete: the place to call conformal_csv_use(). A
     * failure status stops the parser, with err as the callback left it. May be NULL. */
    conformal_status (*on_header)(void *user, conformal_csv *csv, conformal_error *err);
    /* Called per block with at least one row, in file order, from the pushing thread. */
    conformal_status (*on_rows)(void *user, const conformal_csv_rows *rows,
                                conformal_error *err);
    void *user;
    int no_lines;        /* not 0: the rows' own text is not wanted */
} conformal_csv_options;
#define CONFORMAL_CSV_INIT \
    {sizeof(conformal_csv_options), 0, NULL, 0, NULL, NULL, NULL, NULL, 0}

/* The parser stops for good at the first error. Errors carry err->line (the line that an
 * editor shows, quoted line ends counted) and, for a field, err->argument = column name:
 *   ESYNTAX  no header / the file is empty; a duplicate column name; a row with more or
 *            fewer fields than the header; an unterminated quote (the line where it opens);
 *            text after a closing quote; a NUL byte; a field that is not a number; gzip,
 *            zstd, Parquet, xlsx, UTF-16 (the message names the one-line conversion)
 *   ENAN     a number column holds NaN;  EDOM  a number out of the range of a double
 *   ENOMEM, and whatever a callback returns. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_create(const conformal_csv_options *options, conformal_csv **csv,
                     conformal_error *err);
CONFORMAL_API void conformal_csv_free(conformal_csv *csv);

/* The parser's own input buffer: read() into it, then conformal_csv_pushed(), and no byte
 * is copied twice. At least 1 MiB is free after every push. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_buffer(conformal_csv *csv, char **bytes, size_t *capacity, conformal_error *err);
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_pushed(conformal_csv *csv, size_t n_bytes, conformal_error *err);

/* Push n bytes that live elsewhere: any chunking gives the same rows. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_push(conformal_csv *csv, const char *bytes, size_t n, conformal_error *err);
/* The end of the input: delivers what is left. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_finish(conformal_csv *csv, conformal_error *err);

/* After the header. */
CONFORMAL_API size_t conformal_csv_columns(const conformal_csv *csv);
CONFORMAL_API const char *conformal_csv_column_name(const conformal_csv *csv, size_t column);
CONFORMAL_API char conformal_csv_delimiter(const conformal_csv *csv);
/* The header as it stands in the file, without line end. */
CONFORMAL_API conformal_text conformal_csv_header(const conformal_csv *csv);
/* The column of that name; ENOTFOUND: "no column 'yht'; did you mean 'yhat'?" */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_find(const conformal_csv *csv, const char *name, size_t *column,
                   conformal_error *err);
/* Use a column (from on_header only); use: out: its index in conformal_csv_rows. A column
 * may be used several times, in several kinds. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_use(conformal_csv *csv, size_t column, conformal_csv_kind kind, size_t *use,
                  conformal_error *err);

/* Counted so far. */
CONFORMAL_API size_t conformal_csv_row_count(const conformal_csv *csv);
CONFORMAL_API size_t conformal_csv_blank_lines(const conformal_csv *csv);
CONFORMAL_API size_t conformal_csv_missing(const conformal_csv *csv, size_t use);
/* The line where row i of the block now lent begins (from on_rows only). */
CONFORMAL_API size_t conformal_csv_line(const conformal_csv *csv, size_t i);

/* ------------------------------------------------------------------ codes for texts */

/* A dictionary: texts to the codes 0, 1, 2, .. in order of first appearance. */
typedef struct conformal_dictionary conformal_dictionary;
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_dictionary_create(const conformal_allocator *allocator,
                            conformal_dictionary **dictionary, conformal_error *err);
CONFORMAL_API void conformal_dictionary_free(conformal_dictionary *dictionary);
/* codes: out, n codes; a text not seen before gets the next one. Expected O(bytes). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_dictionary_encode(conformal_dictionary *dictionary, const conformal_text *texts,
                            size_t n, int32_t *codes, conformal_error *err);
/* The code of one text, or -1. */
CONFORMAL_API int32_t conformal_dictionary_find(const conformal_dictionary *dictionary,
                                                const char *bytes, size_t length);
CONFORMAL_API size_t conformal_dictionary_size(const conformal_dictionary *dictionary);
/* NUL-terminated names of all codes, lent until the next encode or free. */
CONFORMAL_API const char *const *conformal_dictionary_names(const conformal_dictionary *d);

/* ------------------------------------------------------------------ CSV out */

/* Where bytes go: all n of them, or a failure (EIO, EFULL) with err filled in. */
typedef conformal_status (*conformal_write)(void *user, const char *bytes, size_t n,
                                            conformal_error *err);

/* conformal_csv_write_rows - rows as text: prefix (if any), then numbers
 *
 *   lines      n texts that each row begins with, or NULL
 *   columns    n_columns arrays of n doubles, printed shortest; "inf", "-inf"; a NaN is an
 *              empty field
 *   delimiter  between all of them; rows end with LF
 *   threads    formatted side by side, written in order; same bytes for any number
 *   allocator  for a buffer of about 1 MiB a thread
 *
 * Errors: EINVAL, ENOMEM, and what write returns. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_write_rows(const conformal_text *lines, const double *const *columns,
                         size_t n_columns, size_t n, char delimiter, unsigned threads,
                         const conformal_allocator *allocator, conformal_write write,
                         void *user, conformal_error *err);

/* One field, quoted when it must be. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_csv_write_text(conformal_text text, char delimiter, conformal_write write,
                         void *user, conformal_error *err);

CONFORMAL_END_DECLS

#endif
