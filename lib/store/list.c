/* list.c - reading runs and calibrators back, into reports.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/error.h"
#include "store/bytes.h"
#include "store/store.h"

/* One column of a row as an entry of the report, by its SQLite type. */
static void add_column(conformal_report *into, const char *key, sqlite3_stmt *row, int column)
{
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        conformal_report_integer(into, key, sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        conformal_report_number(into, key, sqlite3_column_double(row, column));
        break;
    case SQLITE_TEXT:
        conformal_report_text(into, key, (const char *)sqlite3_column_text(row, column));
        break;
    default:
        conformal_report_null(into, key);
        break;
    }
}

static void add_row(conformal_report *into, sqlite3_stmt *row)
{
    for (int c = 0; c < sqlite3_column_count(row); c++)
        add_column(into, sqlite3_column_name(row, c), row, c);
}

/* An array of objects, one a row of the query; takes the statement. */
static conformal_status add_rows(conformal_store *s, conformal_report *into, const char *key,
                                 sqlite3_stmt *row, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    bool more = row != NULL;
    conformal_report_begin_array(into, key);
    while (more && status == CONFORMAL_OK) {
        conformal_report_begin_object(into, NULL);
        add_row(into, row);
        conformal_report_end_object(into);
        status = cf_sql_step(s, row, &more, err);
    }
    conformal_report_end_array(into);
    if (row != NULL)
        sqlite3_finalize(row);
    return status;
}

static conformal_status check(conformal_store *s, const conformal_report *into,
                              conformal_error *err)
{
    conformal_status status = cf_check_pointer(s, "store", err);
    return status == CONFORMAL_OK ? cf_check_pointer(into, "into", err) : status;
}

conformal_status conformal_store_list_calibrators(conformal_store *s, conformal_report *into,
                                                  conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status;
    if ((status = check(s, into, err)) != CONFORMAL_OK ||
        (status = cf_sql_query(
             s, err, &row,
             "SELECT name, method, score, n, groups, created, run FROM calibrator "
             "ORDER BY name",
             "")) != CONFORMAL_OK)
        return status;
    return add_rows(s, into, "calibrators", row, err);
}

conformal_status conformal_store_list_policies(conformal_store *s, conformal_report *into,
                                               conformal_error *err)
{
    sqlite3_stmt *row = NULL;
    conformal_status status = check(s, into, err);
    if (status == CONFORMAL_OK && s->version >= 2)
        status = cf_sql_query(s, err, &row,
                              "SELECT name, classes, queries, cases, created, run FROM policy "
                              "ORDER BY name", "");
    return status == CONFORMAL_OK ? add_rows(s, into, "policies", row, err) : status;
}

conformal_status conformal_store_list_runs(conformal_store *s, const char *command,
                                           size_t limit, conformal_report *into,
                                           conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status;
    if ((status = check(s, into, err)) != CONFORMAL_OK ||
        (status = cf_sql_query(
             s, err, &row,
             "SELECT * FROM (SELECT id, command, started, seconds, n, seed, (SELECT "
             "group_concat(name) FROM calibrator WHERE calibrator.run = run.id) AS name, "
             "arguments "
             "FROM run WHERE ?1 IS NULL OR command = ?1 ORDER BY id DESC LIMIT ?2) ORDER BY "
             "id",
             "ti", command, limit > 0 ? (int64_t)limit : (int64_t)-1)) != CONFORMAL_OK)
        return status;
    return add_rows(s, into, "runs", row, err);
}

static conformal_status no_run(const conformal_store *s, int64_t id, conformal_error *err)
{
    return cf_fail(err, CONFORMAL_ENOTFOUND, "id", CF_NO_INDEX,
                   "%.160s has no run %ld (conformal runs list shows them)", s->path,
                   (long)id);
}

/* Options and results: an object of key and value. */
static conformal_status add_pairs(conformal_store *s, int64_t id, const char *key,
                                  const char *sql, conformal_report *into,
                                  conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status = cf_sql_query(s, err, &row, sql, "i", id);
    bool more = status == CONFORMAL_OK && row != NULL;
    conformal_report_begin_object(into, key);
    while (more && status == CONFORMAL_OK) {
        const char *name = (const char *)sqlite3_column_text(row, 0);
        int64_t kind = sqlite3_column_int64(row, 1);
        if (name == NULL)
            name = "";
        if (kind == CONFORMAL_REPORT_BOOL)
            conformal_report_bool(into, name, sqlite3_column_double(row, 2) != 0.0);
        else if (kind == CONFORMAL_REPORT_UNSIGNED &&
                 sqlite3_column_type(row, 3) == SQLITE_TEXT)
            conformal_report_unsigned(
                into, name, strtoull((const char *)sqlite3_column_text(row, 3), NULL, 10));
        else if (kind == CONFORMAL_REPORT_INTEGER &&
                 sqlite3_column_type(row, 3) == SQLITE_TEXT)
            conformal_report_integer(
                into, name, strtoll((const char *)sqlite3_column_text(row, 3), NULL, 10));
        else
            add_column(into, name, row, kind == CONFORMAL_REPORT_NUMBER ? 2 : 3);
        status = cf_sql_step(s, row, &more, err);
    }
    conformal_report_end_object(into);
    if (row != NULL)
        sqlite3_finalize(row);
    return status;
}

static conformal_status add_list(conformal_store *s, int64_t id, const char *key,
                                 const char *sql, conformal_report *into, conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status = cf_sql_query(s, err, &row, sql, "i", id);
    return status == CONFORMAL_OK ? add_rows(s, into, key, row, err) : status;
}

conformal_status conformal_store_show_run(conformal_store *s, int64_t id,
                                          conformal_report *into, conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status;
    if ((status = check(s, into, err)) != CONFORMAL_OK ||
        (status =
             cf_sql_query(s, err, &row,
                          "SELECT id, command AS run_command, arguments, started, seconds, n, "
                          "seed, version, system, digest FROM run WHERE id = ?1",
                          "i", id)) != CONFORMAL_OK)
        return status;
    if (row == NULL)
        return no_run(s, id, err);
    conformal_report_begin_object(into, "run");
    add_row(into, row);
    conformal_report_end_object(into);
    sqlite3_finalize(row);
    if ((status = add_pairs(s, id, "options",
                            "SELECT key, 4, NULL, value FROM run_option WHERE run = ?1 "
                            "ORDER BY position",
                            into, err)) != CONFORMAL_OK ||
        (status =
             add_list(s, id, "inputs",
                      "SELECT role, name, rows, bytes, sha256 FROM run_input WHERE run = ?1 "
                      "ORDER BY position",
                      into, err)) != CONFORMAL_OK ||
        (status = add_pairs(s, id, "results",
                            "SELECT path, kind, number, text FROM run_result WHERE run = ?1 "
                            "ORDER BY position",
                            into, err)) != CONFORMAL_OK ||
        (status =
             add_list(s, id, "calibrators",
                      "SELECT name, method, score, n, groups FROM calibrator WHERE run = ?1 "
                      "ORDER BY name",
                      into, err)) != CONFORMAL_OK)
        return status;
    return add_list(s, id, "rows",
                    "SELECT name AS \"column\", sum(n) AS n FROM run_rows WHERE run = ?1 "
                    "GROUP BY name ORDER BY name", into, err);
}

conformal_status conformal_store_read_rows(
    conformal_store *s, int64_t id, const char *column,
    conformal_status (*visit)(void *user, uint64_t first, const double *values, size_t n,
                              conformal_error *err),
    void *user, conformal_error *err)
{
    enum { CHUNK = 4096 };
    double values[CHUNK];
    sqlite3_stmt *row;
    conformal_status status;
    if ((status = cf_check_pointer(s, "store", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(column, "column", err)) != CONFORMAL_OK ||
        (status =
             cf_sql_query(s, err, &row,
                          "SELECT first, n, data FROM run_rows WHERE run = ?1 AND name = ?2 "
                          "ORDER BY first",
                          "it", id, column)) != CONFORMAL_OK)
        return status;
    if (row == NULL)
        return cf_fail(
            err, CONFORMAL_ENOTFOUND, "column", CF_NO_INDEX,
            "run %ld kept no rows of '%.80s' (conformal predict --keep rows keeps them)",
            (long)id, column);
    bool more = true;
    while (more && status == CONFORMAL_OK) {
        const unsigned char *bytes = sqlite3_column_blob(row, 2);
        int64_t n = sqlite3_column_int64(row, 1);
        if (n < 0 || n > CHUNK || sqlite3_column_bytes(row, 2) != 8 * n) {
            status = cf_fail(err, CONFORMAL_ECORRUPT, "column", CF_NO_INDEX,
                             "%.160s: rows of run %ld are damaged", s->path, (long)id);
            break;
        }
        cf_get_doubles(bytes, values, (size_t)n);
        status = visit(user, (uint64_t)sqlite3_column_int64(row, 0), values, (size_t)n, err);
        if (status == CONFORMAL_OK)
            status = cf_sql_step(s, row, &more, err);
    }
    sqlite3_finalize(row);
    return status;
}

conformal_status conformal_store_delete_run(conformal_store *s, int64_t id,
                                            conformal_error *err)
{
    conformal_status status = cf_check_pointer(s, "store", err);
    if (status == CONFORMAL_OK)
        status = cf_sql_run(s, err, "DELETE FROM run WHERE id = ?1", "i", id);
    if (status == CONFORMAL_OK && sqlite3_changes(s->db) == 0)
        status = no_run(s, id, err);
    return status;
}
