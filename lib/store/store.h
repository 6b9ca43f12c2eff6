/* store.h - what an open store is, and how its SQL is spoken.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_STORE_H
#define CF_STORE_H

#include <sqlite3.h>

#include "conformal/store.h"

struct conformal_store {
    const conformal_allocator *allocator;
    conformal_allocator own_allocator;
    sqlite3 *db;
    char *path;
    int64_t run;       /* the open run, or 0 */
    int64_t positions; /* rows written to the open run so far: their order */
    char *started;     /* of the open run */
    int version;       /* its format: an older one, that is only read, stays as it is */
};

/* Fail with what SQLite last said, translated: "lab.db: the disk is full". */
conformal_status cf_sql_fail(conformal_store *s, conformal_error *err);

conformal_status cf_sql_prepare(conformal_store *s, const char *sql, sqlite3_stmt **statement,
                                conformal_error *err);
/* *row: out, whether there is one. */
conformal_status cf_sql_step(conformal_store *s, sqlite3_stmt *statement, bool *row,
                             conformal_error *err);
/* Prepare, bind, run to the end. format: a letter a parameter: i int64_t, d double, t text
 * (NULL is NULL), b blob (const void *, size_t). */
conformal_status cf_sql_run(conformal_store *s, conformal_error *err, const char *sql,
                            const char *format, ...);
/* The same for a query: the statement is at its first row, or finalized and NULL without. */
conformal_status cf_sql_query(conformal_store *s, conformal_error *err,
                              sqlite3_stmt **statement, const char *sql, const char *format,
                              ...);
/* The one integer that a query gives; 0 without a row. */
conformal_status cf_sql_integer(conformal_store *s, const char *sql, int64_t *value,
                                conformal_error *err);

/* schema.c */
enum { CF_STORE_APPLICATION = 0x636f6e66, CF_STORE_VERSION = 2 }; /* "conf" */
/* What the formats after `version` have brought; -1: all of it. */
conformal_status cf_store_create_schema(conformal_store *s, int version, conformal_error *err);
/* The tables and views are ours to the letter, and nothing acts by itself. */
conformal_status cf_store_check_schema(conformal_store *s, int version, conformal_error *err);

/* digest.c: the canonical digest of a run, and of a calibrator. */
conformal_status cf_store_digest_run(conformal_store *s, int64_t id, char hex[65],
                                     conformal_error *err);
conformal_status cf_store_digest_calibrator(conformal_store *s, int64_t id, char hex[65],
                                            conformal_error *err);
conformal_status cf_store_digest_policy(conformal_store *s, int64_t id, char hex[65],
                                        conformal_error *err);

#endif
