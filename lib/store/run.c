/* run.c - writing a run: one transaction from begin to finish.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "base/options.h"
#include "store/bytes.h"
#include "store/store.h"

enum { CHUNK = 4096 };

static conformal_status need_run(const conformal_store *s, conformal_error *err)
{
    if (s != NULL && s->run > 0)
        return CONFORMAL_OK;
    return cf_fail(err, CONFORMAL_EINVAL, "store", CF_NO_INDEX,
                   "no run is open: conformal_store_begin() comes first");
}

conformal_status conformal_store_begin(conformal_store *s, const conformal_run_info *info,
                                       int64_t *id, conformal_error *err)
{
    conformal_run_info i = CONFORMAL_RUN_INFO_INIT;
    conformal_status status;
    char seed[24] = "";
    if ((status = cf_check_pointer(s, "store", err)) != CONFORMAL_OK ||
        (status = cf_options_read(&i, sizeof i, info, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(i.command, "command", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(i.started, "started", err)) != CONFORMAL_OK)
        return status;
    if (s->run > 0)
        return cf_fail(err, CONFORMAL_EINVAL, "store", CF_NO_INDEX, "a run is open already");
    char *started = cf_copy_text(s->allocator, i.started, strlen(i.started));
    if (started == NULL)
        return cf_fail_memory(err, 1, "run");
    snprintf(seed, sizeof seed, "%" PRIu64, i.seed);
    status = cf_sql_run(s, err, "BEGIN IMMEDIATE", "");
    if (status == CONFORMAL_OK) {
        s->run = 1; /* from here on there is something to roll back */
        s->positions = 0;
        status =
            cf_sql_run(s, err,
                       "INSERT INTO run (command, arguments, started, version, system, seed) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                       "tttttt", i.command, i.arguments, i.started, i.version, i.system,
                       i.has_seed ? seed : NULL);
    }
    if (status == CONFORMAL_OK) {
        s->run = sqlite3_last_insert_rowid(s->db);
        if (i.has_n)
            status = cf_sql_run(s, err, "UPDATE run SET n = ?2 WHERE id = ?1", "ii", s->run,
                                (int64_t)i.n);
    }
    cf_free(s->allocator, s->started);
    s->started = started;
    if (status != CONFORMAL_OK)
        conformal_store_abort(s);
    else if (id != NULL)
        *id = s->run;
    return status;
}

conformal_status conformal_store_option(conformal_store *s, const char *key, const char *value,
                                        conformal_error *err)
{
    conformal_status status;
    if ((status = need_run(s, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(key, "key", err)) != CONFORMAL_OK)
        return status;
    return cf_sql_run(s, err, "INSERT INTO run_option VALUES (?1, ?2, ?3, ?4)", "iitt", s->run,
                      s->positions++, key, value);
}

conformal_status conformal_store_input(conformal_store *s, const char *role, const char *name,
                                       const char *sha256, uint64_t bytes, uint64_t rows,
                                       conformal_error *err)
{
    conformal_status status;
    if ((status = need_run(s, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(role, "role", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(name, "name", err)) != CONFORMAL_OK)
        return status;
    return cf_sql_run(s, err, "INSERT INTO run_input VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                      "iitttii", s->run, s->positions++, role, name, sha256, (int64_t)bytes,
                      (int64_t)rows);
}

static conformal_status add_result(void *user, const conformal_report_leaf *leaf,
                                   conformal_error *err)
{
    conformal_store *s = user;
    char whole[24] = "";
    const char *text = leaf->text;
    if (leaf->kind == CONFORMAL_REPORT_INTEGER) /* REAL holds 53 bits only */
        snprintf(whole, sizeof whole, "%" PRId64, leaf->integer);
    else if (leaf->kind == CONFORMAL_REPORT_UNSIGNED)
        snprintf(whole, sizeof whole, "%" PRIu64, leaf->unsigned_integer);
    if (whole[0] != '\0')
        text = whole;
    if (leaf->kind == CONFORMAL_REPORT_TEXT || leaf->kind == CONFORMAL_REPORT_NULL)
        return cf_sql_run(s, err, "INSERT INTO run_result VALUES (?1, ?2, ?3, ?4, NULL, ?5)",
                          "iitit", s->run, s->positions++, leaf->path, (int64_t)leaf->kind,
                          text);
    return cf_sql_run(s, err, "INSERT INTO run_result VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                      "iitidt", s->run, s->positions++, leaf->path, (int64_t)leaf->kind,
                      leaf->number, text);
}

conformal_status conformal_store_results(conformal_store *s, const conformal_report *report,
                                         conformal_error *err)
{
    conformal_status status = need_run(s, err);
    return status == CONFORMAL_OK ? conformal_report_walk(report, add_result, s, err) : status;
}

conformal_status conformal_store_rows(conformal_store *s, const char *column, uint64_t first,
                                      const double *values, size_t n, conformal_error *err)
{
    unsigned char bytes[8 * CHUNK];
    sqlite3_stmt *insert;
    conformal_status status;
    if ((status = need_run(s, err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(column, "column", err)) != CONFORMAL_OK ||
        (status = cf_check_array(values, n, "values", err)) != CONFORMAL_OK ||
        (status = cf_sql_prepare(s, "INSERT INTO run_rows VALUES (?1, ?2, ?3, ?4, ?5)",
                                 &insert, err)) != CONFORMAL_OK)
        return status;
    for (size_t from = 0; from < n && status == CONFORMAL_OK; from += CHUNK) {
        size_t m = n - from < CHUNK ? n - from : CHUNK;
        bool row;
        cf_put_doubles(bytes, values + from, m);
        sqlite3_bind_int64(insert, 1, s->run);
        sqlite3_bind_text(insert, 2, column, -1, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 3, (int64_t)(first + from));
        sqlite3_bind_int64(insert, 4, (int64_t)m);
        sqlite3_bind_blob(insert, 5, bytes, (int)(8 * m), SQLITE_STATIC);
        status = cf_sql_step(s, insert, &row, err);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

conformal_status conformal_store_finish(conformal_store *s, double seconds,
                                        conformal_error *err)
{
    char hex[65];
    conformal_status status = need_run(s, err);
    if (status != CONFORMAL_OK)
        return status;
    if ((status = cf_sql_run(s, err, "UPDATE run SET seconds = ?2 WHERE id = ?1", "id", s->run,
                             seconds)) == CONFORMAL_OK &&
        (status = cf_store_digest_run(s, s->run, hex, err)) == CONFORMAL_OK &&
        (status = cf_sql_run(s, err, "UPDATE run SET digest = ?2 WHERE id = ?1", "it", s->run,
                             hex)) == CONFORMAL_OK)
        status = cf_sql_run(s, err, "COMMIT", "");
    if (status == CONFORMAL_OK)
        s->run = 0;
    else
        conformal_store_abort(s);
    return status;
}

void conformal_store_abort(conformal_store *s)
{
    if (s == NULL || s->run == 0)
        return;
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->run = 0;
}
