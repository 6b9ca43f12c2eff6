/* digest.c - a run, a calibrator or a policy as one number that any flipped byte changes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SHA-256 over every value of every row, each with its type and length before it, so that
 * no two contents have the same bytes. */
#include <string.h>

#include "base/error.h"
#include "store/store.h"

static const char *const run_queries[] = {
    ("SELECT id, command, arguments, started, seconds, version, system, seed, n FROM run "
     "WHERE id = ?1"),
    "SELECT position, key, value FROM run_option WHERE run = ?1 ORDER BY position",
    ("SELECT position, role, name, sha256, bytes, rows FROM run_input WHERE run = ?1 "
     "ORDER BY position"),
    "SELECT position, path, kind, number, text FROM run_result WHERE run = ?1 ORDER BY "
    "position",
    "SELECT name, first, n, data FROM run_rows WHERE run = ?1 ORDER BY name, first",
};

static const char *const calibrator_queries[] = {
    "SELECT name, created, method, score, beta, n, groups FROM calibrator WHERE id = ?1",
    ("SELECT position, level, group_name, alpha, n, rank, lower, upper FROM "
     "calibrator_threshold "
     "WHERE calibrator = ?1 ORDER BY position, level"),
    "SELECT position, key, text FROM calibrator_note WHERE calibrator = ?1 ORDER BY position",
};

static const char *const policy_queries[] = {
    ("SELECT name, created, classes, queries, cases, c_stop, c_any FROM policy WHERE id = ?1"),
    "SELECT position, key, text FROM policy_note WHERE policy = ?1 ORDER BY position",
    "SELECT position, kind, query, text FROM policy_name WHERE policy = ?1 ORDER BY position",
    "SELECT class, query, yes FROM policy_chance WHERE policy = ?1 ORDER BY class, query",
    "SELECT first, n, data FROM policy_cases WHERE policy = ?1 ORDER BY first",
    "SELECT k, gamma, tau, c FROM policy_threshold WHERE policy = ?1 ORDER BY k",
    "SELECT position, history, p FROM policy_history WHERE policy = ?1 ORDER BY position",
};

static void add_number(conformal_sha256 *h, uint64_t x)
{
    unsigned char bytes[8];
    for (int b = 0; b < 8; b++)
        bytes[b] = (unsigned char)(x >> (8 * b));
    conformal_sha256_add(h, bytes, sizeof bytes);
}

static void add_column(conformal_sha256 *h, sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);
    unsigned char tag = (unsigned char)type;
    conformal_sha256_add(h, &tag, 1);
    if (type == SQLITE_INTEGER) {
        add_number(h, (uint64_t)sqlite3_column_int64(row, column));
    } else if (type == SQLITE_FLOAT) {
        double x = sqlite3_column_double(row, column);
        uint64_t bits;
        memcpy(&bits, &x, sizeof bits);
        add_number(h, bits);
    } else if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
        const void *bytes = type == SQLITE_TEXT
                                ? (const void *)sqlite3_column_text(row, column)
                                : sqlite3_column_blob(row, column);
        size_t n = (size_t)sqlite3_column_bytes(row, column);
        add_number(h, n);
        conformal_sha256_add(h, bytes, n);
    }
}

static conformal_status digest(conformal_store *s, const char *const *queries,
                               size_t n_queries, int64_t id, char hex[65],
                               conformal_error *err)
{
    conformal_sha256 h;
    conformal_status status = CONFORMAL_OK;
    conformal_sha256_begin(&h);
    for (size_t q = 0; q < n_queries && status == CONFORMAL_OK; q++) {
        sqlite3_stmt *row;
        bool more;
        status = cf_sql_query(s, err, &row, queries[q], "i", id);
        more = status == CONFORMAL_OK && row != NULL;
        while (more) {
            for (int c = 0; c < sqlite3_column_count(row); c++)
                add_column(&h, row, c);
            add_number(&h, UINT64_C(0xE0D)); /* end of row */
            status = cf_sql_step(s, row, &more, err);
            more = more && status == CONFORMAL_OK;
        }
        if (row != NULL)
            sqlite3_finalize(row);
        add_number(&h, UINT64_C(0xE0F)); /* end of query */
    }
    conformal_sha256_end(&h, hex);
    return status;
}

conformal_status cf_store_digest_run(conformal_store *s, int64_t id, char hex[65],
                                     conformal_error *err)
{
    return digest(s, run_queries, sizeof run_queries / sizeof run_queries[0], id, hex, err);
}

conformal_status cf_store_digest_calibrator(conformal_store *s, int64_t id, char hex[65],
                                            conformal_error *err)
{
    return digest(s, calibrator_queries,
                  sizeof calibrator_queries / sizeof calibrator_queries[0], id, hex, err);
}

conformal_status cf_store_digest_policy(conformal_store *s, int64_t id, char hex[65],
                                        conformal_error *err)
{
    return digest(s, policy_queries, sizeof policy_queries / sizeof policy_queries[0], id, hex,
                  err);
}
