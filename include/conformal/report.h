/* report.h - one result as text, CSV or JSON.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A report is a small tree: objects hold named values, arrays hold values. It is built
 * once and written in any format, kept in the store, or walked. */
#ifndef CONFORMAL_REPORT_H
#define CONFORMAL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"
#include "conformal/table.h"

CONFORMAL_BEGIN_DECLS

typedef struct conformal_report conformal_report;

typedef enum conformal_format {
    CONFORMAL_FORMAT_TABLE = 0, /* for people: aligned "name  value" lines, arrays of objects
                                   as tables with a header */
    CONFORMAL_FORMAT_JSON = 1,  /* one object on one line and a LF; keys in order of adding;
                                   infinities are the strings "inf" and "-inf", NaN is null */
    CONFORMAL_FORMAT_CSV = 2    /* the array of objects if there is one, a row each; else a
                                   header of dotted names and one row */
} conformal_format;

/* An empty object. allocator NULL: malloc(). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_report_create(const conformal_allocator *allocator, conformal_report **report,
                        conformal_error *err);
CONFORMAL_API void conformal_report_free(conformal_report *report);

/* Adding is infallible to the eye: the first failure (no memory, or a begin without its
 * end) is kept and returned by conformal_report_check() and conformal_report_write().
 * key is NULL inside an array. Keys and texts are copied; texts are UTF-8 (bytes that are
 * not become U+FFFD in JSON). */
CONFORMAL_API void conformal_report_number(conformal_report *r, const char *key, double x);
CONFORMAL_API void conformal_report_integer(conformal_report *r, const char *key, int64_t x);
CONFORMAL_API void conformal_report_unsigned(conformal_report *r, const char *key, uint64_t x);
CONFORMAL_API void conformal_report_text(conformal_report *r, const char *key,
                                         const char *text); /* NULL text: null */
CONFORMAL_API void conformal_report_bool(conformal_report *r, const char *key, bool x);
CONFORMAL_API void conformal_report_null(conformal_report *r, const char *key);
CONFORMAL_API void conformal_report_begin_object(conformal_report *r, const char *key);
CONFORMAL_API void conformal_report_end_object(conformal_report *r);
CONFORMAL_API void conformal_report_begin_array(conformal_report *r, const char *key);
CONFORMAL_API void conformal_report_end_array(conformal_report *r);
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_report_check(const conformal_report *r, conformal_error *err);

CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_report_write(const conformal_report *r, conformal_format format,
                       conformal_write write, void *user, conformal_error *err);

/* A leaf of the tree. path: "coverage_law.mean", "groups.0.threshold". */
typedef enum conformal_report_kind {
    CONFORMAL_REPORT_NUMBER = 1,
    CONFORMAL_REPORT_INTEGER = 2,
    CONFORMAL_REPORT_UNSIGNED = 3,
    CONFORMAL_REPORT_TEXT = 4,
    CONFORMAL_REPORT_BOOL = 5,
    CONFORMAL_REPORT_NULL = 6
} conformal_report_kind;
typedef struct conformal_report_leaf {
    const char *path;
    conformal_report_kind kind;
    double number; /* also for integers and bools */
    int64_t integer;
    uint64_t unsigned_integer;
    const char *text;
} conformal_report_leaf;
/* Every leaf in order; a failure status of visit stops and is returned. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_report_walk(const conformal_report *r,
                      conformal_status (*visit)(void *user, const conformal_report_leaf *leaf,
                                                conformal_error *err),
                      void *user, conformal_error *err);

CONFORMAL_END_DECLS

#endif
