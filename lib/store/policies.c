/* policies.c - policies of information pursuit saved, loaded and deleted.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"
#include "store/bytes.h"
#include "store/shelf.h"

/* Numbers in a blob, about: few large rows, or many small ones. */
enum { BLOB_NUMBERS = 16384 };

static const cf_shelf shelf = {"policy", "SELECT id FROM policy WHERE name = ?1",
                               "SELECT name FROM policy ORDER BY name LIMIT 1000",
                               "conformal pursue show lists them"};

/* ------------------------------------------------------------------ saving */

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

static size_t rows_of_blob(size_t width)
{
    return width < BLOB_NUMBERS ? BLOB_NUMBERS / width : 1;
}

static conformal_status save_cases(conformal_store *s, int64_t id,
                                   const conformal_policy_record *r, conformal_error *err)
{
    size_t width = r->n_queries + 1, rows = rows_of_blob(width);
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
    if ((status = cf_shelf_find(s, &shelf, name, &id, err)) != CONFORMAL_OK)
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

/* ------------------------------------------------------------------ loading */

struct conformal_kept_policy {
    const conformal_allocator *allocator;
    conformal_allocator own_allocator;
    conformal_policy_record record;
    char **texts; /* every name and note, to be freed */
    size_t n_texts, room_texts;
    char **classes, **queries, **questions, **answers, **keys, **notes, **histories;
    double *posteriors;
    size_t room_histories;
    size_t *n_answers, all_answers;
    int32_t *cases;
    double *yes, *numbers; /* numbers: gamma, tau, step */
};

void conformal_kept_policy_free(conformal_kept_policy *k)
{
    if (k == NULL)
        return;
    conformal_allocator copy = k->own_allocator;
    const conformal_allocator *a = k->allocator != NULL ? &copy : NULL;
    for (size_t i = 0; i < k->n_texts; i++)
        cf_free(a, k->texts[i]);
    void *all[] = {k->texts, k->classes,   k->queries, k->questions, k->answers, k->keys,
                   k->notes, k->n_answers, k->cases,   k->yes,       k->numbers, k->histories,
                   k->posteriors};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        cf_free(a, all[i]);
    cf_free(a, k);
}

const conformal_policy_record *conformal_kept_policy_record(const conformal_kept_policy *k)
{
    return &k->record;
}

static conformal_status damaged(const conformal_store *s, const char *name, conformal_error *err)
{
    return cf_fail(err, CONFORMAL_ECORRUPT, "name", CF_NO_INDEX,
                   "%.120s: the policy '%.60s' is damaged (conformal runs verify); fit it again",
                   s->path, name);
}

/* A copy that the policy owns; NULL: no memory. */
static char *keep(conformal_kept_policy *k, const unsigned char *text)
{
    if (k->n_texts == k->room_texts) {
        size_t room = 2 * k->room_texts + 64;
        char **grown = cf_resize(k->allocator, k->texts, room, sizeof *grown);
        if (grown == NULL)
            return NULL;
        k->texts = grown;
        k->room_texts = room;
    }
    const char *from = text != NULL ? (const char *)text : "";
    char *copy = cf_copy_text(k->allocator, from, strlen(from));
    if (copy != NULL)
        k->texts[k->n_texts++] = copy;
    return copy;
}

/* What a row of a query does to the policy. */
typedef conformal_status take_row(conformal_kept_policy *k, sqlite3_stmt *row, size_t i,
                                  conformal_error *err);

static conformal_status each_row(conformal_store *s, conformal_kept_policy *k, int64_t id,
                                 const char *sql, take_row *take, size_t *n,
                                 conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_status status = cf_sql_query(s, err, &row, sql, "i", id);
    bool more = status == CONFORMAL_OK && row != NULL;
    *n = 0;
    while (more && status == CONFORMAL_OK) {
        if ((status = take(k, row, (*n)++, err)) == CONFORMAL_OK)
            status = cf_sql_step(s, row, &more, err);
    }
    if (row != NULL)
        sqlite3_finalize(row);
    return status;
}

static conformal_status wrong(conformal_error *err)
{
    return cf_fail(err, CONFORMAL_ECORRUPT, "policy", CF_NO_INDEX, "a row does not fit");
}

static conformal_status take_name(conformal_kept_policy *k, sqlite3_stmt *row, size_t i,
                                  conformal_error *err)
{
    const char *kind = (const char *)sqlite3_column_text(row, 0);
    int64_t query = sqlite3_column_int64(row, 1);
    char *text = keep(k, sqlite3_column_text(row, 2));
    if (text == NULL)
        return cf_fail_memory(err, i + 1, "names");
    if (i < k->record.n_classes) {
        k->classes[i] = text;
        return CONFORMAL_OK;
    }
    if (kind == NULL || query < 0 || (uint64_t)query >= k->record.n_queries)
        return wrong(err);
    if (strcmp(kind, "query") == 0) {
        k->queries[query] = text;
    } else if (strcmp(kind, "question") == 0) {
        k->questions[query] = text;
    } else {
        char **grown = cf_resize(k->allocator, k->answers, k->all_answers + 1, sizeof *grown);
        if (grown == NULL)
            return cf_fail_memory(err, k->all_answers + 1, "answers");
        k->answers = grown;
        k->answers[k->all_answers++] = text;
        k->n_answers[query]++;
    }
    return CONFORMAL_OK;
}

static conformal_status take_note(conformal_kept_policy *k, sqlite3_stmt *row, size_t i,
                                  conformal_error *err)
{
    char **keys = cf_resize(k->allocator, k->keys, i + 1, sizeof *keys);
    if (keys != NULL)
        k->keys = keys;
    char **notes = cf_resize(k->allocator, k->notes, i + 1, sizeof *notes);
    if (notes != NULL)
        k->notes = notes;
    if (keys == NULL || notes == NULL ||
        (keys[i] = keep(k, sqlite3_column_text(row, 0))) == NULL ||
        (notes[i] = keep(k, sqlite3_column_text(row, 1))) == NULL)
        return cf_fail_memory(err, i + 1, "notes");
    return CONFORMAL_OK;
}

/* Two's complement. */
static int32_t code_of(uint64_t u)
{
    return u <= INT32_MAX ? (int32_t)u : (int32_t)((int64_t)u - ((int64_t)1 << 32));
}

static conformal_status take_cases(conformal_kept_policy *k, sqlite3_stmt *row, size_t i,
                                   conformal_error *err)
{
    size_t width = k->record.n_queries + 1, rows = rows_of_blob(width);
    int64_t first = sqlite3_column_int64(row, 0), n = sqlite3_column_int64(row, 1);
    if (first < 0 || (uint64_t)first != i * rows || n < 1 ||
        (uint64_t)n > k->record.n_cases - (uint64_t)first ||
        (size_t)sqlite3_column_bytes(row, 2) != 4 * width * (size_t)n)
        return wrong(err);
    const unsigned char *bytes = sqlite3_column_blob(row, 2);
    for (size_t j = 0; j < (size_t)n * width; j++)
        k->cases[(size_t)first * width + j] = code_of(cf_get_bits(bytes + 4 * j, 4));
    return CONFORMAL_OK;
}

static conformal_status take_chance(conformal_kept_policy *k, sqlite3_stmt *row, size_t i,
                                    conformal_error *err)
{
    size_t cells = k->record.n_classes * k->record.n_queries;
    if (i == 0)
        k->yes = cf_alloc(k->allocator, cells, sizeof *k->yes);
    if (k->yes == NULL)
        return cf_fail_memory(err, cells, "probabilities");
    if (i >= cells)
        return wrong(err);
    k->yes[i] = sqlite3_column_double(row, 0);
    return CONFORMAL_OK;
}

static conformal_status take_threshold(conformal_kept_policy *k, sqlite3_stmt *row, size_t i,
                                       conformal_error *err)
{
    size_t length = k->record.calibration.max_length + 1;
    if (i >= length)
        return wrong(err);
    for (size_t j = 0; j < 3; j++)
        k->numbers[j * length + i] = sqlite3_column_double(row, (int)j);
    return CONFORMAL_OK;
}

static conformal_status take_history(conformal_kept_policy *k, sqlite3_stmt *row, size_t i,
                                     conformal_error *err)
{
    size_t classes = k->record.n_classes;
    if ((size_t)sqlite3_column_bytes(row, 1) != 8 * classes)
        return wrong(err);
    if (i == k->room_histories) {
        size_t room = 2 * i + 64;
        char **histories = cf_resize(k->allocator, k->histories, room, sizeof *histories);
        if (histories != NULL)
            k->histories = histories;
        double *p = cf_resize(k->allocator, k->posteriors, room, classes * sizeof *p);
        if (p != NULL)
            k->posteriors = p;
        if (histories == NULL || p == NULL)
            return cf_fail_memory(err, room, "histories");
        k->room_histories = room;
    }
    cf_get_doubles(sqlite3_column_blob(row, 1), k->posteriors + i * classes, classes);
    k->histories[i] = keep(k, sqlite3_column_text(row, 0));
    return k->histories[i] != NULL ? CONFORMAL_OK : cf_fail_memory(err, i + 1, "histories");
}

static conformal_status read_head(conformal_store *s, int64_t id, conformal_kept_policy *k,
                                  conformal_error *err)
{
    sqlite3_stmt *row;
    conformal_policy_record *r = &k->record;
    conformal_status status = cf_sql_query(
        s, err, &row,
        "SELECT classes, queries, cases, c_stop, c_any, (SELECT count(*) FROM policy_threshold "
        "WHERE policy = policy.id) FROM policy WHERE id = ?1", "i", id);
    if (status != CONFORMAL_OK || row == NULL)
        return status != CONFORMAL_OK ? status : wrong(err);
    int64_t sizes[4];
    for (int i = 0; i < 3; i++)
        sizes[i] = sqlite3_column_int64(row, i);
    sizes[3] = sqlite3_column_int64(row, 5);
    r->calibration.stop = sqlite3_column_double(row, 3);
    r->calibration.any = sqlite3_column_double(row, 4);
    sqlite3_finalize(row);
    for (int i = 0; i < 4; i++)
        if (sizes[i] < (i == 0 || i == 3) || sizes[i] > INT32_MAX)
            return wrong(err);
    r->n_classes = (size_t)sizes[0];
    r->n_queries = r->calibration.queries = (size_t)sizes[1];
    r->n_cases = (size_t)sizes[2];
    r->calibration.max_length = (size_t)sizes[3] - 1;
    return CONFORMAL_OK;
}

static conformal_status reserve(conformal_kept_policy *k, conformal_error *err)
{
    const conformal_policy_record *r = &k->record;
    const conformal_allocator *a = k->allocator;
    k->classes = cf_alloc(a, r->n_classes, sizeof *k->classes);
    k->queries = cf_alloc(a, r->n_queries + 1, sizeof *k->queries);
    k->questions = cf_alloc(a, r->n_queries + 1, sizeof *k->questions);
    k->n_answers = cf_alloc(a, r->n_queries + 1, sizeof *k->n_answers);
    k->cases = cf_alloc(a, r->n_cases + 1, (r->n_queries + 1) * sizeof *k->cases);
    k->numbers = cf_alloc(a, r->calibration.max_length + 1, 3 * sizeof *k->numbers);
    if (k->classes == NULL || k->queries == NULL || k->questions == NULL ||
        k->n_answers == NULL || k->cases == NULL || k->numbers == NULL)
        return cf_fail_memory(err, r->n_cases, "cases");
    memset(k->queries, 0, (r->n_queries + 1) * sizeof *k->queries);
    memset(k->questions, 0, (r->n_queries + 1) * sizeof *k->questions);
    memset(k->n_answers, 0, (r->n_queries + 1) * sizeof *k->n_answers);
    return CONFORMAL_OK;
}

static conformal_status read_rest(conformal_store *s, int64_t id, conformal_kept_policy *k,
                                  conformal_error *err)
{
    conformal_policy_record *r = &k->record;
    size_t names, blobs, cells, lengths, width = r->n_queries + 1;
    conformal_status status;
    if ((status = each_row(s, k, id,
                           "SELECT kind, query, text FROM policy_name WHERE policy = ?1 ORDER BY "
                           "position", take_name, &names, err)) != CONFORMAL_OK ||
        (status = each_row(s, k, id,
                           "SELECT key, text FROM policy_note WHERE policy = ?1 ORDER BY position",
                           take_note, &r->n_notes, err)) != CONFORMAL_OK ||
        (status = each_row(s, k, id,
                           "SELECT first, n, data FROM policy_cases WHERE policy = ?1 ORDER BY "
                           "first", take_cases, &blobs, err)) != CONFORMAL_OK ||
        (status = each_row(s, k, id,
                           "SELECT yes FROM policy_chance WHERE policy = ?1 ORDER BY class, query",
                           take_chance, &cells, err)) != CONFORMAL_OK ||
        (status = each_row(s, k, id,
                           "SELECT gamma, tau, c FROM policy_threshold WHERE policy = ?1 "
                           "ORDER BY k", take_threshold, &lengths, err)) != CONFORMAL_OK ||
        (status = each_row(s, k, id,
                           "SELECT history, p FROM policy_history WHERE policy = ?1 ORDER BY "
                           "position", take_history, &r->n_histories, err)) != CONFORMAL_OK)
        return status;
    size_t rows = rows_of_blob(width);
    if (names < r->n_classes + r->n_queries || blobs != (r->n_cases + rows - 1) / rows ||
        (cells != 0 && cells != r->n_classes * r->n_queries))
        return wrong(err);
    for (size_t q = 0; q < r->n_queries; q++)
        if (k->queries[q] == NULL)
            return wrong(err);
    r->classes = (const char *const *)k->classes;
    r->queries = (const char *const *)k->queries;
    r->questions = (const char *const *)k->questions;
    r->answers = (const char *const *)k->answers;
    r->keys = (const char *const *)k->keys;
    r->notes = (const char *const *)k->notes;
    r->n_answers = k->n_answers;
    r->cases = k->cases;
    r->yes = k->yes;
    r->histories = (const char *const *)k->histories;
    r->posteriors = k->posteriors;
    r->calibration.gamma = k->numbers;
    r->calibration.tau = k->numbers + lengths;
    r->calibration.step = k->numbers + 2 * lengths;
    return CONFORMAL_OK;
}

static conformal_status check_digest(conformal_store *s, int64_t id, conformal_error *err)
{
    sqlite3_stmt *row;
    char hex[65];
    conformal_status status = cf_store_digest_policy(s, id, hex, err);
    if (status == CONFORMAL_OK)
        status = cf_sql_query(s, err, &row, "SELECT 1 FROM policy WHERE id = ?1 AND digest = ?2",
                              "it", id, hex);
    if (status != CONFORMAL_OK)
        return status;
    bool same = row != NULL;
    if (row != NULL)
        sqlite3_finalize(row);
    return same ? CONFORMAL_OK : wrong(err);
}

/* A store of the first format, opened to be read, has no policies. */
static conformal_status find(conformal_store *s, const char *name, int64_t *id,
                             conformal_error *err)
{
    conformal_status status;
    *id = 0;
    if ((status = cf_check_pointer(s, "store", err)) != CONFORMAL_OK ||
        (status = cf_check_pointer(name, "name", err)) != CONFORMAL_OK)
        return status;
    if (s->version < 2)
        return cf_fail(err, CONFORMAL_ENOTFOUND, "name", CF_NO_INDEX,
                       "%.120s has no policies at all (conformal pursue fit makes one)", s->path);
    status = cf_shelf_find(s, &shelf, name, id, err);
    return status == CONFORMAL_OK && *id == 0 ? cf_shelf_not_found(s, &shelf, name, err) : status;
}

conformal_status conformal_store_load_policy(conformal_store *s, const char *name,
                                             const conformal_allocator *allocator,
                                             conformal_kept_policy **policy,
                                             conformal_error *err)
{
    conformal_policy_record empty = CONFORMAL_POLICY_RECORD_INIT;
    int64_t id;
    conformal_status status;
    if ((status = cf_check_pointer(policy, "policy", err)) != CONFORMAL_OK ||
        (status = find(s, name, &id, err)) != CONFORMAL_OK)
        return status;
    conformal_kept_policy *k = cf_alloc(allocator, 1, sizeof *k);
    if (k == NULL)
        return cf_fail_memory(err, 1, "policy");
    memset(k, 0, sizeof *k);
    if (allocator != NULL) {
        k->own_allocator = *allocator;
        k->allocator = &k->own_allocator;
    }
    k->record = empty;
    if ((status = check_digest(s, id, err)) == CONFORMAL_OK &&
        (status = read_head(s, id, k, err)) == CONFORMAL_OK &&
        (status = reserve(k, err)) == CONFORMAL_OK)
        status = read_rest(s, id, k, err);
    if (status == CONFORMAL_OK) {
        *policy = k;
        return status;
    }
    conformal_kept_policy_free(k);
    return status == CONFORMAL_ECORRUPT ? damaged(s, name, err) : status;
}

conformal_status conformal_store_delete_policy(conformal_store *s, const char *name,
                                               conformal_error *err)
{
    int64_t id;
    conformal_status status = find(s, name, &id, err);
    return status == CONFORMAL_OK
               ? cf_sql_run(s, err, "DELETE FROM policy WHERE id = ?1", "i", id)
               : status;
}
