/* verify.c - is everything still as it was written?
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/check.h"
#include "base/error.h"
#include "store/store.h"

typedef conformal_status digest_function(conformal_store *s, int64_t id, char hex[65],
                                         conformal_error *err);

/* Damage in SQLite's own structure reads as a failure here, and counts as damage. */
static bool unreadable(conformal_status status)
{
    return status == CONFORMAL_ECORRUPT || status == CONFORMAL_EIO;
}

static void note(conformal_report *into, const char *what, const char *name, int64_t id,
                 const char *fact, size_t *damaged)
{
    conformal_report_begin_object(into, NULL);
    conformal_report_text(into, "what", what);
    if (name != NULL)
        conformal_report_text(into, "name", name);
    else
        conformal_report_integer(into, "name", id);
    conformal_report_text(into, "fact", fact);
    conformal_report_end_object(into);
    ++*damaged;
}

/* Every row (id, name, stored digest) of the query. */
static conformal_status check_all(conformal_store *s, const char *what, const char *sql,
                                  int64_t id, digest_function *digest, conformal_report *into,
                                  size_t *checked, size_t *damaged, conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status = cf_sql_query(s, err, &row, sql, "i", id);
    bool more = status == CONFORMAL_OK && row != NULL;
    while (more && status == CONFORMAL_OK) {
        char hex[65] = "";
        int64_t at = sqlite3_column_int64(row, 0);
        const char *name = (const char *)sqlite3_column_text(row, 1);
        const char *stored = (const char *)sqlite3_column_text(row, 2);
        conformal_status found = digest(s, at, hex, err);
        ++*checked;
        if (unreadable(found))
            note(into, what, name, at, "it cannot be read", damaged);
        else if (found != CONFORMAL_OK)
            status = found;
        else if (stored == NULL || strcmp(stored, hex) != 0)
            note(into, what, name, at, "its content is not what was stored", damaged);
        if (status == CONFORMAL_OK)
            status = cf_sql_step(s, row, &more, err);
    }
    if (row != NULL)
        sqlite3_finalize(row);
    if (unreadable(status)) {
        note(into, what, "", 0, "the list of them cannot be read to its end", damaged);
        status = CONFORMAL_OK;
    }
    return status;
}

/* A pragma that gives "ok" or nothing when all is well, else a row a fault. */
static conformal_status check_pragma(conformal_store *s, const char *sql,
                                     conformal_report *into, size_t *damaged,
                                     conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status = cf_sql_query(s, err, &row, sql, "");
    bool more = status == CONFORMAL_OK && row != NULL;
    while (more && status == CONFORMAL_OK) {
        const char *fact = (const char *)sqlite3_column_text(row, 0);
        if (fact == NULL || strcmp(fact, "ok") != 0)
            note(into, "file", s->path, 0, fact != NULL ? fact : "a reference leads nowhere",
                 damaged);
        status = cf_sql_step(s, row, &more, err);
    }
    if (row != NULL)
        sqlite3_finalize(row);
    if (unreadable(status)) {
        note(into, "file", s->path, 0, "its structure cannot be read", damaged);
        status = CONFORMAL_OK;
    }
    return status;
}

conformal_status conformal_store_verify(conformal_store *s, int64_t id, conformal_report *into,
                                        size_t *damaged, conformal_error *err)
{
    size_t checked = 0, found = 0;
    conformal_status status;
    if ((status = cf_check_pointer(s, "store", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(into, "into", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(damaged, "damaged", err)) != CONFORMAL_OK)
        return status;
    conformal_report_begin_array(into, "damaged");
    status = check_all(s, "run", "SELECT id, NULL, digest FROM run WHERE ?1 = 0 OR id = ?1",
                       id, cf_store_digest_run, into, &checked, &found, err);
    if (status == CONFORMAL_OK && id != 0 && checked == 0)
        status = cf_fail(err, CONFORMAL_ENOTFOUND, "id", CF_NO_INDEX,
                         "%.160s has no run %ld (conformal runs list shows them)", s->path,
                         (long)id);
    if (status == CONFORMAL_OK)
        status = check_all(s, "calibrator",
                           "SELECT id, name, digest FROM calibrator WHERE ?1 = 0 OR run = ?1",
                           id, cf_store_digest_calibrator, into, &checked, &found, err);
    if (status == CONFORMAL_OK && s->version >= 2)
        status = check_all(s, "policy",
                           "SELECT id, name, digest FROM policy WHERE ?1 = 0 OR run = ?1", id,
                           cf_store_digest_policy, into, &checked, &found, err);
    if (status == CONFORMAL_OK && id == 0)
        status = check_pragma(s, "PRAGMA integrity_check", into, &found, err);
    if (status == CONFORMAL_OK && id == 0)
        status = check_pragma(s, "PRAGMA foreign_key_check", into, &found, err);
    conformal_report_end_array(into);
    conformal_report_unsigned(into, "checked", checked);
    conformal_report_unsigned(into, "damaged_count", found);
    if (status == CONFORMAL_OK)
        *damaged = found;
    return status;
}
