/* policies_load.c - policies of information pursuit loaded and deleted.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/policies.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/error.h"

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
    size_t width = k->record.n_queries + 1, rows = cf_policy_blob_rows(width);
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
    size_t rows = cf_policy_blob_rows(width);
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
    status = cf_shelf_find(s, &cf_policy_shelf, name, id, err);
    return status == CONFORMAL_OK && *id == 0 ? cf_shelf_not_found(s, &cf_policy_shelf, name, err) : status;
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
