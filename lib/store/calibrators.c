/* calibrators.c - calibrators saved, loaded, listed and deleted.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "store/shelf.h"

static const cf_shelf shelf = {
    "calibrator", "SELECT id FROM calibrator WHERE name = ?1",
    "SELECT name FROM calibrator ORDER BY name LIMIT 1000",
    "conformal runs calibrators lists them"};

static conformal_status save_thresholds(conformal_store *s, int64_t id,
                                        const conformal_calibrator *c, conformal_error *err)
{
    sqlite3_stmt *insert;
    size_t n_groups = conformal_calibrator_groups(c),
           n_alphas = conformal_calibrator_alphas(c, NULL);
    size_t n_cells = n_groups > 0 ? n_groups : 1;
    conformal_status status = cf_sql_prepare(
        s, "INSERT INTO calibrator_threshold VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &insert, err);
    for (size_t i = 0; i < n_cells * n_alphas && status == CONFORMAL_OK; i++) {
        size_t g = i / n_alphas, a = i % n_alphas;
        const conformal_threshold *t = conformal_calibrator_threshold(c, g, a);
        bool row;
        sqlite3_bind_int64(insert, 1, id);
        sqlite3_bind_int64(insert, 2, (int64_t)g);
        sqlite3_bind_int64(insert, 3, (int64_t)a);
        sqlite3_bind_text(insert, 4, conformal_calibrator_group_name(c, g), -1, SQLITE_STATIC);
        sqlite3_bind_double(insert, 5, t->alpha);
        sqlite3_bind_int64(insert, 6, (int64_t)t->n);
        sqlite3_bind_int64(insert, 7, (int64_t)t->rank);
        sqlite3_bind_double(insert, 8, t->lower);
        sqlite3_bind_double(insert, 9, t->upper);
        status = cf_sql_step(s, insert, &row, err);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

static conformal_status save_notes(conformal_store *s, int64_t id,
                                   const conformal_calibrator *c, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    for (size_t i = 0; i < conformal_calibrator_notes(c) && status == CONFORMAL_OK; i++) {
        const char *text, *key = conformal_calibrator_note_at(c, i, &text);
        status = cf_sql_run(s, err, "INSERT INTO calibrator_note VALUES (?1, ?2, ?3, ?4)",
                            "iitt", id, (int64_t)i, key, text);
    }
    return status;
}

conformal_status conformal_store_save(conformal_store *s, const char *name,
                                      const conformal_calibrator *c, bool replace,
                                      conformal_error *err)
{
    int64_t id;
    char hex[65];
    conformal_status status;
    if ((status = cf_check_pointer(name, "name", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(c, "calibrator", err)) != CONFORMAL_OK)
        return status;
    if (s == NULL || s->run == 0)
        return cf_fail(err, CONFORMAL_EINVAL, "store", CF_NO_INDEX,
                       "a calibrator is saved by a run: conformal_store_begin() comes first");
    if ((status = cf_shelf_find(s, &shelf, name, &id, err)) != CONFORMAL_OK)
        return status;
    if (id > 0 && !replace)
        return cf_fail(err, CONFORMAL_EEXISTS, "name", CF_NO_INDEX,
                       "%.120s has a calibrator '%.60s' already", s->path, name);
    if (id > 0 && (status = cf_sql_run(s, err, "DELETE FROM calibrator WHERE id = ?1", "i",
                                       id)) != CONFORMAL_OK)
        return status;
    status = cf_sql_run(s, err,
                        "INSERT INTO calibrator (name, run, created, method, score, beta, n, "
                        "groups) VALUES (?1, ?2, ?3, 'split', ?4, ?5, ?6, ?7)",
                        "tittdii", name, s->run, s->started,
                        conformal_score_name(conformal_calibrator_score(c)),
                        conformal_calibrator_beta(c), (int64_t)conformal_calibrator_rows(c),
                        (int64_t)conformal_calibrator_groups(c));
    if (status != CONFORMAL_OK)
        return status;
    id = sqlite3_last_insert_rowid(s->db);
    if ((status = save_thresholds(s, id, c, err)) != CONFORMAL_OK ||
        (status = save_notes(s, id, c, err)) != CONFORMAL_OK ||
        (status = cf_store_digest_calibrator(s, id, hex, err)) != CONFORMAL_OK)
        return status;
    return cf_sql_run(s, err, "UPDATE calibrator SET digest = ?2 WHERE id = ?1", "it", id,
                      hex);
}

/* A calibrator as it is read: what conformal_calibrator_restore() wants. */
typedef struct draft {
    conformal_split_options options;
    size_t n;
    size_t n_cells; /* read so far */
    double *alphas;
    char **group_names;
    conformal_threshold *cells;
} draft;

static void free_draft(const conformal_allocator *a, draft *d)
{
    for (size_t g = 0; d->group_names != NULL && g < d->options.n_groups; g++)
        cf_free(a, d->group_names[g]);
    cf_free(a, d->group_names);
    cf_free(a, d->alphas);
    cf_free(a, d->cells);
}

static conformal_status damaged(const conformal_store *s, const char *name,
                                conformal_error *err)
{
    return cf_fail(
        err, CONFORMAL_ECORRUPT, "name", CF_NO_INDEX,
        "%.120s: the calibrator '%.60s' is damaged (conformal runs verify); calibrate "
        "again",
        s->path, name);
}

static conformal_status read_head(conformal_store *s, int64_t id, const char *name, draft *d,
                                  conformal_error *err)
{
    sqlite3_stmt *row;
    int64_t levels;
    conformal_status status =
        cf_sql_query(s, err, &row,
                     "SELECT score, beta, n, groups, (SELECT count(DISTINCT level) FROM "
                     "calibrator_threshold "
                     "WHERE calibrator = calibrator.id) FROM calibrator WHERE id = ?1",
                     "i", id);
    if (status != CONFORMAL_OK || row == NULL)
        return status != CONFORMAL_OK ? status : damaged(s, name, err);
    const char *score = (const char *)sqlite3_column_text(row, 0);
    if (score == NULL || conformal_score_find(score, &d->options.score, NULL) != CONFORMAL_OK)
        status = damaged(s, name, err);
    d->options.beta = sqlite3_column_double(row, 1);
    d->n = (size_t)sqlite3_column_int64(row, 2);
    d->options.n_groups = (size_t)sqlite3_column_int64(row, 3);
    levels = sqlite3_column_int64(row, 4);
    sqlite3_finalize(row);
    if (status != CONFORMAL_OK)
        return status;
    if (levels < 1 || levels > 1000000 || d->options.n_groups > INT32_MAX)
        return damaged(s, name, err);
    d->options.n_alphas = (size_t)levels;
    size_t cells = (d->options.n_groups > 0 ? d->options.n_groups : 1);
    d->alphas = cf_alloc(s->allocator, d->options.n_alphas, sizeof *d->alphas);
    d->cells = cf_alloc(s->allocator, cells, d->options.n_alphas * sizeof *d->cells);
    if (d->options.n_groups > 0) {
        d->group_names = cf_alloc(s->allocator, d->options.n_groups, sizeof *d->group_names);
        if (d->group_names != NULL)
            memset(d->group_names, 0, d->options.n_groups * sizeof *d->group_names);
    }
    if (d->alphas == NULL || d->cells == NULL ||
        (d->options.n_groups > 0 && d->group_names == NULL))
        return cf_fail_memory(err, cells, "thresholds");
    return CONFORMAL_OK;
}

static conformal_status read_cells(conformal_store *s, int64_t id, const char *name, draft *d,
                                   conformal_error *err)
{
    sqlite3_stmt *row;
    size_t n_alphas = d->options.n_alphas, n_groups = d->options.n_groups;
    size_t n_cells = (n_groups > 0 ? n_groups : 1) * n_alphas;
    conformal_status status = cf_sql_query(s, err, &row,
                                           "SELECT position, level, group_name, alpha, n, "
                                           "rank, lower, upper FROM calibrator_threshold "
                                           "WHERE calibrator = ?1 ORDER BY position, level",
                                           "i", id);
    bool more = status == CONFORMAL_OK && row != NULL;
    while (more && status == CONFORMAL_OK) {
        size_t i = d->n_cells, g = i / n_alphas, a = i % n_alphas;
        const char *group = (const char *)sqlite3_column_text(row, 2);
        if (i >= n_cells || sqlite3_column_int64(row, 0) != (int64_t)g ||
            sqlite3_column_int64(row, 1) != (int64_t)a || (n_groups > 0 && group == NULL)) {
            status = damaged(s, name, err);
            break;
        }
        conformal_threshold t = {
            sqlite3_column_double(row, 3),         (size_t)sqlite3_column_int64(row, 4),
            (size_t)sqlite3_column_int64(row, 5), sqlite3_column_double(row, 6),
            sqlite3_column_double(row, 7)};
        d->cells[d->n_cells++] = t;
        if (g == 0)
            d->alphas[a] = t.alpha;
        if (n_groups > 0 && a == 0) {
            d->group_names[g] = cf_copy_text(s->allocator, group, strlen(group));
            if (d->group_names[g] == NULL) {
                status = cf_fail_memory(err, n_groups, "group names");
                break;
            }
        }
        status = cf_sql_step(s, row, &more, err);
    }
    if (row != NULL)
        sqlite3_finalize(row);
    if (status == CONFORMAL_OK && d->n_cells != n_cells)
        status = damaged(s, name, err);
    return status;
}

static conformal_status read_notes(conformal_store *s, int64_t id, conformal_calibrator *c,
                                   conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status = cf_sql_query(
        s, err, &row,
        "SELECT key, text FROM calibrator_note WHERE calibrator = ?1 ORDER BY position", "i",
        id);
    bool more = status == CONFORMAL_OK && row != NULL;
    while (more && status == CONFORMAL_OK) {
        status = conformal_calibrator_set_note(c, (const char *)sqlite3_column_text(row, 0),
                                               (const char *)sqlite3_column_text(row, 1), err);
        if (status == CONFORMAL_OK)
            status = cf_sql_step(s, row, &more, err);
    }
    if (row != NULL)
        sqlite3_finalize(row);
    return status;
}

static conformal_status check_digest(conformal_store *s, int64_t id, const char *name,
                                     conformal_error *err)
{
    sqlite3_stmt *row;
    char hex[65];
    conformal_status status = cf_store_digest_calibrator(s, id, hex, err);
    if (status == CONFORMAL_OK)
        status = cf_sql_query(s, err, &row,
                              "SELECT 1 FROM calibrator WHERE id = ?1 AND digest = ?2", "it",
                              id, hex);
    if (status != CONFORMAL_OK)
        return status;
    bool same = row != NULL;
    if (row != NULL)
        sqlite3_finalize(row);
    return same ? CONFORMAL_OK : damaged(s, name, err);
}

conformal_status conformal_store_load(conformal_store *s, const char *name,
                                      const conformal_allocator *allocator,
                                      conformal_calibrator **calibrator, conformal_error *err)
{
    conformal_split_options defaults = CONFORMAL_SPLIT_INIT;
    draft d = {defaults, 0, 0, NULL, NULL, NULL};
    conformal_calibrator *c = NULL;
    int64_t id;
    conformal_status status;
    if ((status = cf_check_pointer(s, "store", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(name, "name", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(calibrator, "calibrator", err)) != CONFORMAL_OK ||
        (status = cf_shelf_find(s, &shelf, name, &id, err)) != CONFORMAL_OK)
        return status;
    if (id == 0)
        return cf_shelf_not_found(s, &shelf, name, err);
    if ((status = check_digest(s, id, name, err)) == CONFORMAL_OK &&
        (status = read_head(s, id, name, &d, err)) == CONFORMAL_OK &&
        (status = read_cells(s, id, name, &d, err)) == CONFORMAL_OK) {
        d.options.alphas = d.alphas;
        d.options.group_names = (const char *const *)d.group_names;
        d.options.allocator = allocator;
        status = conformal_calibrator_restore(&d.options, d.n, d.cells, &c, NULL);
        if (status == CONFORMAL_ENOMEM)
            status = cf_fail_memory(err, d.n_cells, "thresholds");
        else if (status != CONFORMAL_OK)
            status = damaged(s, name, err);
    }
    if (status == CONFORMAL_OK)
        status = read_notes(s, id, c, err);
    free_draft(s->allocator, &d);
    if (status == CONFORMAL_OK)
        *calibrator = c;
    else
        conformal_calibrator_free(c);
    return status;
}

conformal_status conformal_store_delete_calibrator(conformal_store *s, const char *name,
                                                   conformal_error *err)
{
    int64_t id;
    conformal_status status;
    if ((status = cf_check_pointer(s, "store", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(name, "name", err)) != CONFORMAL_OK ||
        (status = cf_shelf_find(s, &shelf, name, &id, err)) != CONFORMAL_OK)
        return status;
    if (id == 0)
        return cf_shelf_not_found(s, &shelf, name, err);
    return cf_sql_run(s, err, "DELETE FROM calibrator WHERE id = ?1", "i", id);
}
