/* sql.c - prepared statements, and SQLite's failures in our words.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "store/store.h"

conformal_status cf_sql_fail(conformal_store *s, conformal_error *err)
{
    int code = s->db != NULL ? sqlite3_errcode(s->db) & 0xff : SQLITE_NOMEM;
    conformal_status status = CONFORMAL_EIO;
    const char *fact = s->db != NULL ? sqlite3_errmsg(s->db) : "out of memory";
    switch (code) {
    case SQLITE_FULL:
        status = CONFORMAL_EFULL;
        fact = "the disk is full; nothing of this run was stored";
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        status = CONFORMAL_EBUSY;
        fact = "another process has been writing to the store for more than 10 seconds";
        break;
    case SQLITE_NOTADB:
        status = CONFORMAL_ECORRUPT;
        fact = "this is not a libconformal store (choose another file with --store)";
        break;
    case SQLITE_CORRUPT:
        status = CONFORMAL_ECORRUPT;
        fact = "the store is damaged (sqlite3 FILE .recover may save what is left)";
        break;
    case SQLITE_NOMEM:
        status = CONFORMAL_ENOMEM;
        fact = "no memory for the store";
        break;
    case SQLITE_READONLY:
        fact = "the store cannot be written (it, or its folder, is read-only)";
        break;
    case SQLITE_CANTOPEN:
        fact = "the store cannot be opened (is the folder there, and writable?)";
        break;
    default:
        break;
    }
    return cf_fail(err, status, "store", CF_NO_INDEX, "%.160s: %s", s->path, fact);
}

conformal_status cf_sql_prepare(conformal_store *s, const char *sql, sqlite3_stmt **statement,
                                conformal_error *err)
{
    if (sqlite3_prepare_v2(s->db, sql, -1, statement, NULL) != SQLITE_OK) {
        *statement = NULL;
        return cf_sql_fail(s, err);
    }
    return CONFORMAL_OK;
}

conformal_status cf_sql_step(conformal_store *s, sqlite3_stmt *statement, bool *row,
                             conformal_error *err)
{
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? CONFORMAL_OK : cf_sql_fail(s, err);
}

static int bind(sqlite3_stmt *statement, const char *format, va_list args)
{
    int code = SQLITE_OK;
    for (int i = 1; *format != '\0' && code == SQLITE_OK; format++, i++) {
        if (*format == 'i') {
            code = sqlite3_bind_int64(statement, i, va_arg(args, int64_t));
        } else if (*format == 'd') {
            code = sqlite3_bind_double(statement, i, va_arg(args, double));
        } else if (*format == 't') {
            code = sqlite3_bind_text(statement, i, va_arg(args, const char *), -1,
                                     SQLITE_TRANSIENT);
        } else {
            const void *bytes = va_arg(args, const void *);
            code = sqlite3_bind_blob64(statement, i, bytes, va_arg(args, size_t),
                                       SQLITE_TRANSIENT);
        }
    }
    return code;
}

static conformal_status begin(conformal_store *s, sqlite3_stmt **statement, bool *row,
                              const char *sql, const char *format, va_list args,
                              conformal_error *err)
{
    conformal_status status = cf_sql_prepare(s, sql, statement, err);
    if (status != CONFORMAL_OK)
        return status;
    if (bind(*statement, format, args) != SQLITE_OK)
        status = cf_sql_fail(s, err);
    else
        status = cf_sql_step(s, *statement, row, err);
    if (status != CONFORMAL_OK || !*row) {
        sqlite3_finalize(*statement);
        *statement = NULL;
    }
    return status;
}

conformal_status cf_sql_run(conformal_store *s, conformal_error *err, const char *sql,
                            const char *format, ...)
{
    sqlite3_stmt *statement;
    bool row = false;
    va_list args;
    va_start(args, format);
    conformal_status status = begin(s, &statement, &row, sql, format, args, err);
    va_end(args);
    while (status == CONFORMAL_OK && row)
        status = cf_sql_step(s, statement, &row, err);
    sqlite3_finalize(statement);
    return status;
}

conformal_status cf_sql_query(conformal_store *s, conformal_error *err,
                              sqlite3_stmt **statement, const char *sql, const char *format,
                              ...)
{
    bool row = false;
    va_list args;
    va_start(args, format);
    conformal_status status = begin(s, statement, &row, sql, format, args, err);
    va_end(args);
    return status;
}

conformal_status cf_sql_integer(conformal_store *s, const char *sql, int64_t *value,
                                conformal_error *err)
{
    sqlite3_stmt *statement;
    conformal_status status = cf_sql_query(s, err, &statement, sql, "");
    if (status != CONFORMAL_OK)
        return status;
    *value = statement != NULL ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return CONFORMAL_OK;
}
