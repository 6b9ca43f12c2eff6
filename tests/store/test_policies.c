/* test_policies.c - policies of pursuit kept, found again, damaged; a store of the first format.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "conformal/store.h"
#include "oom.h"

enum { CLASSES = 3, QUERIES = 2, CASES = 9000 }; /* more cases than one blob holds */

static char path[256];
static int32_t cases[CASES * (QUERIES + 1)];

static void remove_store(void)
{
    char side[300];
    unlink(path);
    snprintf(side, sizeof side, "%s-wal", path);
    unlink(side);
    snprintf(side, sizeof side, "%s-shm", path);
    unlink(side);
}

static void run_sql(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(db);
}

/* A record with every odd thing in it: an empty name, a quote, no question, infinities. */
static conformal_policy_record make_record(void)
{
    static const char *const classes[] = {"", "it's", "x\ny"}, *const queries[] = {"q", "r"},
                      *const questions[] = {NULL, "Is it?"},
                      *const answers[] = {"no", "yes", "perhaps"},
                      *const keys[] = {"method", "alpha"}, *const notes[] = {"ip+ts", ""};
    static const size_t n_answers[] = {3, 0};
    static const char *const histories[] = {"", "q=no|r=yes"};
    static const double posteriors[] = {0.2, 0.3, 0.5, 1.0, -0.0, 5e-324};
    static const double yes[] = {0.0, 1.0, 0.1, 0.25, 0.5, 1e-300},
                        gamma[] = {1.0, 0.3, 8.16}, tau[] = {0.1, 0.0, 1.0},
                        step[] = {0.5, (double)INFINITY, 0.0};
    conformal_policy_record r = CONFORMAL_POLICY_RECORD_INIT;
    for (size_t i = 0; i < CASES * (QUERIES + 1); i++)
        cases[i] = (int32_t)(i * 2654435761u % 5) - 1;
    r.n_classes = CLASSES;
    r.n_queries = QUERIES;
    r.n_cases = CASES;
    r.classes = classes;
    r.queries = queries;
    r.questions = questions;
    r.n_answers = n_answers;
    r.answers = answers;
    r.cases = cases;
    r.yes = yes;
    r.n_notes = 2;
    r.keys = keys;
    r.notes = notes;
    r.n_histories = 2;
    r.histories = histories;
    r.posteriors = posteriors;
    r.calibration.max_length = 2;
    r.calibration.gamma = gamma;
    r.calibration.tau = tau;
    r.calibration.step = step;
    r.calibration.stop = 0.75;
    r.calibration.any = (double)INFINITY;
    return r;
}

static conformal_status save(conformal_store *s, const char *name, bool replace)
{
    conformal_policy_record r = make_record();
    conformal_run_info info = CONFORMAL_RUN_INFO_INIT;
    int64_t id;
    info.command = "pursue fit";
    info.started = "now";
    assert_ok(conformal_store_begin(s, &info, &id, err));
    conformal_status status = conformal_store_save_policy(s, name, &r, replace, NULL);
    if (status == CONFORMAL_OK)
        assert_ok(conformal_store_finish(s, 0.0, err));
    else
        conformal_store_abort(s);
    return status;
}

static conformal_store *open_store(conformal_store_mode mode)
{
    conformal_store *s = NULL;
    assert_ok(conformal_store_open(path, mode, NULL, &s, err));
    return s;
}

static void expect_same(const conformal_policy_record *got)
{
    conformal_policy_record want = make_record();
    ck_assert_uint_eq(got->n_classes, CLASSES);
    ck_assert_uint_eq(got->n_queries, QUERIES);
    ck_assert_uint_eq(got->n_cases, CASES);
    ck_assert_uint_eq(got->n_notes, 2);
    ck_assert_uint_eq(got->calibration.max_length, 2);
    for (size_t y = 0; y < CLASSES; y++)
        ck_assert_str_eq(got->classes[y], want.classes[y]);
    for (size_t q = 0; q < QUERIES; q++) {
        ck_assert_str_eq(got->queries[q], want.queries[q]);
        ck_assert_uint_eq(got->n_answers[q], want.n_answers[q]);
    }
    ck_assert_ptr_null(got->questions[0]);
    ck_assert_str_eq(got->questions[1], "Is it?");
    for (size_t a = 0; a < 3; a++)
        ck_assert_str_eq(got->answers[a], want.answers[a]);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_str_eq(got->keys[i], want.keys[i]);
        ck_assert_str_eq(got->notes[i], want.notes[i]);
    }
    ck_assert_mem_eq(got->cases, cases, sizeof cases);
    ck_assert_uint_eq(got->n_histories, 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_str_eq(got->histories[i], want.histories[i]);
    ck_assert_mem_eq(got->posteriors, want.posteriors, 2 * CLASSES * sizeof(double));
    ck_assert_mem_eq(got->yes, want.yes, CLASSES * QUERIES * sizeof(double));
    ck_assert_mem_eq(got->calibration.gamma, want.calibration.gamma, 3 * sizeof(double));
    ck_assert_mem_eq(got->calibration.tau, want.calibration.tau, 3 * sizeof(double));
    ck_assert_mem_eq(got->calibration.step, want.calibration.step, 3 * sizeof(double));
    assert_close(got->calibration.stop, 0.75, 0);
    ck_assert(isinf(got->calibration.any));
}

START_TEST(a_policy_comes_back_to_the_last_bit)
{
    conformal_kept_policy *k;
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    ck_assert_int_eq(save(s, "zoo", false), CONFORMAL_OK);
    conformal_store_close(s);
    s = open_store(CONFORMAL_STORE_READ);
    assert_ok(conformal_store_load_policy(s, "zoo", NULL, &k, err));
    expect_same(conformal_kept_policy_record(k));
    conformal_kept_policy_free(k);
    conformal_store_close(s);
}
END_TEST

START_TEST(names_are_replaced_refused_suggested_and_deleted)
{
    conformal_kept_policy *k = NULL;
    conformal_error why;
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    ck_assert_int_eq(save(s, "zoo", false), CONFORMAL_OK);
    ck_assert_int_eq(save(s, "zoo", false), CONFORMAL_EEXISTS);
    ck_assert_int_eq(save(s, "zoo", true), CONFORMAL_OK);
    ck_assert_int_eq(conformal_store_load_policy(s, "zo", NULL, &k, &why), CONFORMAL_ENOTFOUND);
    ck_assert_msg(strstr(why.message, "no policy 'zo'; did you mean 'zoo'?") != NULL, "%s",
                  why.message);
    ck_assert_int_eq(conformal_store_delete_policy(s, "soybean", &why), CONFORMAL_ENOTFOUND);
    ck_assert_msg(strstr(why.message, "pursue show lists them") != NULL, "%s", why.message);
    assert_ok(conformal_store_delete_policy(s, "zoo", err));
    ck_assert_int_eq(conformal_store_load_policy(s, "zoo", NULL, &k, NULL), CONFORMAL_ENOTFOUND);
    ck_assert_ptr_null(k);
    conformal_store_close(s);
}
END_TEST

static const char *const damages[] = {
    "UPDATE policy SET c_stop = 0.5", "UPDATE policy SET cases = 8999",
    "UPDATE policy_note SET text = 'cip' WHERE position = 0",
    "DELETE FROM policy_name WHERE position = 1", "DELETE FROM policy_cases WHERE first = 0",
    "UPDATE policy_cases SET data = zeroblob(length(data)) WHERE first = 0",
    "UPDATE policy_chance SET yes = 0.9 WHERE class = 0",
    "DELETE FROM policy_threshold WHERE k = 1",
    "UPDATE policy_history SET p = zeroblob(24) WHERE position = 0"};

START_TEST(damage_is_found)
{
    conformal_kept_policy *k = NULL;
    conformal_error why;
    conformal_report *r;
    size_t damaged = 0;
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    ck_assert_int_eq(save(s, "zoo", false), CONFORMAL_OK);
    conformal_store_close(s);
    run_sql(damages[_i]);
    s = open_store(CONFORMAL_STORE_READ);
    ck_assert_int_eq(conformal_store_load_policy(s, "zoo", NULL, &k, &why), CONFORMAL_ECORRUPT);
    ck_assert_msg(strstr(why.message, "'zoo' is damaged") != NULL, "%s", why.message);
    assert_ok(conformal_report_create(NULL, &r, err));
    assert_ok(conformal_store_verify(s, 0, r, &damaged, err));
    ck_assert_uint_eq(damaged, 1);
    conformal_report_free(r);
    conformal_store_close(s);
}
END_TEST

/* What a store was before there were policies. */
static void make_old(void)
{
    remove_store();
    conformal_store_close(open_store(CONFORMAL_STORE_CREATE));
    run_sql("DROP VIEW policies; DROP INDEX policy_run; DROP TABLE policy_note;"
            "DROP TABLE policy_name; DROP TABLE policy_chance; DROP TABLE policy_cases;"
            "DROP TABLE policy_threshold; DROP TABLE policy_history; DROP TABLE policy;"
            "PRAGMA user_version = 1");
}

START_TEST(a_store_of_the_first_format_is_read_and_then_grows)
{
    conformal_kept_policy *k = NULL;
    conformal_report *r;
    size_t damaged = 9;
    make_old();
    conformal_store *s = open_store(CONFORMAL_STORE_READ);
    ck_assert_int_eq(conformal_store_load_policy(s, "zoo", NULL, &k, NULL), CONFORMAL_ENOTFOUND);
    assert_ok(conformal_report_create(NULL, &r, err));
    assert_ok(conformal_store_list_policies(s, r, err));
    assert_ok(conformal_store_verify(s, 0, r, &damaged, err));
    ck_assert_uint_eq(damaged, 0);
    conformal_report_free(r);
    conformal_store_close(s);
    s = open_store(CONFORMAL_STORE_WRITE);
    ck_assert_int_eq(save(s, "zoo", false), CONFORMAL_OK);
    assert_ok(conformal_store_load_policy(s, "zoo", NULL, &k, err));
    expect_same(conformal_kept_policy_record(k));
    conformal_kept_policy_free(k);
    conformal_store_close(s);
}
END_TEST

START_TEST(a_strange_store_of_the_first_format_is_left_alone)
{
    conformal_store *s = NULL;
    make_old();
    run_sql("DROP VIEW runs; CREATE VIEW runs AS SELECT 1");
    ck_assert_int_eq(conformal_store_open(path, CONFORMAL_STORE_WRITE, NULL, &s, NULL),
                     CONFORMAL_ECORRUPT);
    run_sql("CREATE TABLE policy (x)"); /* it has not been made */
}
END_TEST

START_TEST(every_allocation_failure_of_ours_is_survived)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    remove_store();
    conformal_store *plain = open_store(CONFORMAL_STORE_CREATE);
    ck_assert_int_eq(save(plain, "zoo", false), CONFORMAL_OK);
    conformal_store_close(plain);
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_store *s = NULL;
        conformal_kept_policy *k = NULL;
        status = conformal_store_open(path, CONFORMAL_STORE_READ, &a, &s, NULL);
        if (status == CONFORMAL_OK)
            status = conformal_store_load_policy(s, "zoo", &a, &k, NULL);
        conformal_kept_policy_free(k);
        conformal_store_close(s);
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 15);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policies");
    TCase *tc = tcase_create("policies");
    char folder[] = "/tmp/conformal-policies.XXXXXX";
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/store.db", folder);
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, a_policy_comes_back_to_the_last_bit);
    tcase_add_test(tc, names_are_replaced_refused_suggested_and_deleted);
    tcase_add_loop_test(tc, damage_is_found, 0, sizeof damages / sizeof *damages);
    tcase_add_test(tc, a_store_of_the_first_format_is_read_and_then_grows);
    tcase_add_test(tc, a_strange_store_of_the_first_format_is_left_alone);
    tcase_add_test(tc, every_allocation_failure_of_ours_is_survived);
    suite_add_tcase(suite, tc);
    int status = run_suite(suite);
    remove_store();
    rmdir(folder);
    return status;
}
