/* policies.c - policies of information pursuit saved.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/policies.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"

const cf_shelf cf_policy_shelf = {"policy", "SELECT id FROM policy WHERE name = ?1",
                               "SELECT name FROM policy ORDER BY name LIMIT 1000",
                               "conformal pursue show lists them"};

/* A name at the next position; query < 0: of none. */
static conformal_status save_name(conformal_store *s, int64_t id, int64_t *position,
                                  const char *kind, int64_t query, const char *text,
                                  conformal_error *err)
{
    return cf_sql_run(s, err, "INSERT INTO policy_name VALUES (?1, ?2, ?3, ?4, ?5)", "iitit", id,
                      (*position)++, kind, query, text);
}

static conformal_status save_names(conformal_store *s, int64_t id,
                                   const conformal_policy_record *r, conformal_error *err)
{
    conformal_status status = CONFORMAL_OK;
    int64_t position = 0;
    const char *const *answer = r->answers;
    for (size_t y = 0; y < r->n_classes && status == CONFORMAL_OK; y++)
        status = save_name(s, id, &position, "class", -1, r->classes[y], err);
    for (size_t q = 0; q < r->n_queries && status == CONFORMAL_OK; q++) {
        status = save_name(s, id, &position, "query", (int64_t)q, r->queries[q], err);
        if (status == CONFORMAL_OK && r->questions != NULL && r->questions[q] != NULL)
            status = save_name(s, id, &position, "question", (int64_t)q, r->questions[q], err);
        for (size_t a = 0; a < r->n_answers[q] && status == CONFORMAL_OK; a++)
            status = save_name(s, id, &position, "answer", (int64_t)q, *answer++, err);
    }
    return status;
}

static conformal_status save_cases(conformal_store *s, int64_t id,
                                   const conformal_policy_record *r, conformal_error *err)
{
    size_t width = r->n_queries + 1, rows = cf_policy_blob_rows(width);
    unsigned char *bytes = cf_alloc(s->allocator, rows, 4 * width);
    conformal_status status =
        bytes != NULL ? CONFORMAL_OK : cf_fail_memory(err, rows * width, "cases");
    for (size_t first = 0; first < r->n_cases && status == CONFORMAL_OK; first += rows) {
        size_t n = r->n_cases - first < rows ? r->n_cases - first : rows;
        for (size_t i = 0; i < n * width; i++)
            cf_put_bits(bytes + 4 * i, (uint32_t)r->cases[first * width + i], 4);
        status = cf_sql_run(s, err, "INSERT INTO policy_cases VALUES (?1, ?2, ?3, ?4)", "iiib",
                            id, (int64_t)first, (int64_t)n, bytes, 4 * n * width);
    }
    cf_free(s->allocator, bytes);
    return status;
}

static conformal_status save_rest(conformal_store *s, int64_t id,
                                  const conformal_policy_record *r, conformal_error *err)
{
    const conformal_pursuit_calibration *c = &r->calibration;
    conformal_status status = CONFORMAL_OK;
    for (size_t i = 0; i < r->n_notes && status == CONFORMAL_OK; i++)
        status = cf_sql_run(s, err, "INSERT INTO policy_note VALUES (?1, ?2, ?3, ?4)", "iitt", id,
                            (int64_t)i, r->keys[i], r->notes[i]);
    for (size_t i = 0; r->yes != NULL && i < r->n_classes * r->n_queries &&
                       status == CONFORMAL_OK; i++)
        status = cf_sql_run(s, err, "INSERT INTO policy_chance VALUES (?1, ?2, ?3, ?4)", "iiid",
                            id, (int64_t)(i / r->n_queries), (int64_t)(i % r->n_queries),
                            r->yes[i]);
    for (size_t k = 0; k <= c->max_length && status == CONFORMAL_OK; k++)
        status = cf_sql_run(s, err, "INSERT INTO policy_threshold VALUES (?1, ?2, ?3, ?4, ?5)",
                            "iiddd", id, (int64_t)k, c->gamma[k], c->tau[k], c->step[k]);
    return status;
}

static conformal_status save_histories(conformal_store *s, int64_t id,
                                       const conformal_policy_record *r, conformal_error *err)
{
    unsigned char *bytes = cf_alloc(s->allocator, r->n_classes, 8);
    conformal_status status =
        bytes != NULL ? CONFORMAL_OK : cf_fail_memory(err, r->n_classes, "probabilities");
    for (size_t i = 0; i < r->n_histories && status == CONFORMAL_OK; i++) {
        cf_put_doubles(bytes, r->posteriors + i * r->n_classes, r->n_classes);
        status = cf_sql_run(s, err, "INSERT INTO policy_history VALUES (?1, ?2, ?3, ?4)", "iitb",
                            id, (int64_t)i, r->histories[i], bytes, 8 * r->n_classes);
    }
    cf_free(s->allocator, bytes);
    return status;
}

static conformal_status check_record(const conformal_policy_record *r, conformal_error *err)
{
    if (r == NULL || r->size < sizeof *r || r->n_classes == 0 || r->classes == NULL ||
        (r->n_queries > 0 && (r->queries == NULL || r->n_answers == NULL || r->answers == NULL)) ||
        (r->n_cases > 0 && r->cases == NULL) ||
        (r->n_histories > 0 && (r->histories == NULL || r->posteriors == NULL)) ||
        (r->n_notes > 0 && (r->keys == NULL || r->notes == NULL)) ||
        r->calibration.gamma == NULL || r->calibration.tau == NULL ||
        r->calibration.step == NULL)
        return cf_fail(err, CONFORMAL_EINVAL, "policy", CF_NO_INDEX,
                       "the policy's record is not complete: names, cases, recipe, thresholds");
    return CONFORMAL_OK;
}

conformal_status conformal_store_save_policy(conformal_store *s, const char *name,
                                             const conformal_policy_record *r, bool replace,
                                             conformal_error *err)
{
    int64_t id;
    char hex[65];
    conformal_status status;
    if ((status = cf_check_pointer(name, "name", err)) != CONFORMAL_OK ||
        (status = check_record(r, err)) != CONFORMAL_OK)
        return status;
    if (s == NULL || s->run == 0)
        return cf_fail(err, CONFORMAL_EINVAL, "store", CF_NO_INDEX,
                       "a policy is saved by a run: conformal_store_begin() comes first");
    if ((status = cf_shelf_find(s, &cf_policy_shelf, name, &id, err)) != CONFORMAL_OK)
        return status;
    if (id > 0 && !replace)
        return cf_fail(err, CONFORMAL_EEXISTS, "name", CF_NO_INDEX,
                       "%.120s has a policy '%.60s' already", s->path, name);
    if (id > 0 && (status = cf_sql_run(s, err, "DELETE FROM policy WHERE id = ?1", "i", id)) !=
                      CONFORMAL_OK)
        return status;
    status = cf_sql_run(s, err,
                        "INSERT INTO policy (name, run, created, classes, queries, cases, "
                        "c_stop, c_any) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                        "titiiidd", name, s->run, s->started, (int64_t)r->n_classes,
                        (int64_t)r->n_queries, (int64_t)r->n_cases, r->calibration.stop,
                        r->calibration.any);
    if (status != CONFORMAL_OK)
        return status;
    id = sqlite3_last_insert_rowid(s->db);
    if ((status = save_names(s, id, r, err)) != CONFORMAL_OK ||
        (status = save_cases(s, id, r, err)) != CONFORMAL_OK ||
        (status = save_rest(s, id, r, err)) != CONFORMAL_OK ||
        (status = save_histories(s, id, r, err)) != CONFORMAL_OK ||
        (status = cf_store_digest_policy(s, id, hex, err)) != CONFORMAL_OK)
        return status;
    return cf_sql_run(s, err, "UPDATE policy SET digest = ?2 WHERE id = ?1", "it", id, hex);
}
