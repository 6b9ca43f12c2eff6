/* test_store.c - runs and calibrators kept, found again, verified.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* usleep, mkdtemp */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "conformal/random.h"
#include "conformal/store.h"
#include "oom.h"

static char path[256];

static void remove_store(void)
{
    char side[300];
    unlink(path);
    snprintf(side, sizeof side, "%s-wal", path);
    unlink(side);
    snprintf(side, sizeof side, "%s-shm", path);
    unlink(side);
}

static conformal_store *open_store(conformal_store_mode mode)
{
    conformal_store *s = NULL;
    assert_ok(conformal_store_open(path, mode, NULL, &s, err));
    return s;
}

static conformal_calibrator *make_calibrator(size_t n_groups)
{
    static const char *const odd[] = {"", "a|b", "c\xc3\xa9", "it's \"quoted\"", "x\ny"};
    char **names = calloc(n_groups + 1, sizeof *names);
    double y[200], yhat[200], alphas[] = {0.1, 0.5};
    int32_t group[200];
    conformal_split_options o = CONFORMAL_SPLIT_INIT;
    conformal_data d = CONFORMAL_DATA_INIT;
    conformal_calibrator *c;
    for (size_t i = 0; i < 200; i++) {
        y[i] = 100 * conformal_uniform(1, 0, i);
        yhat[i] = 50;
        group[i] = n_groups ? (int32_t)(i % (n_groups > 5 ? 5 : n_groups)) : 0;
    }
    for (size_t g = 0; g < n_groups; g++) {
        names[g] = malloc(32);
        snprintf(names[g], 32, "%s", g < 5 ? odd[g] : "");
        if (g >= 5)
            snprintf(names[g], 32, "group %zu", g);
    }
    o.score = CONFORMAL_SCORE_SIGNED;
    o.alphas = alphas;
    o.n_alphas = 2;
    o.group_names = n_groups ? (const char *const *)names : NULL;
    o.n_groups = n_groups;
    d.n = 200;
    d.y = y;
    d.yhat = yhat;
    d.group = group;
    assert_ok(conformal_split_fit(&o, &d, &c, err));
    assert_ok(conformal_calibrator_set_note(c, "column.y", "the price", err));
    for (size_t g = 0; g < n_groups; g++)
        free(names[g]);
    free(names);
    return c;
}

static void begin(conformal_store *s, const char *command, int64_t *id)
{
    conformal_run_info info = CONFORMAL_RUN_INFO_INIT;
    info.command = command;
    info.started = "2026-11-24T10:31:29.123Z";
    info.arguments = "calibrate cal.csv";
    info.has_seed = true;
    info.seed = UINT64_MAX;
    info.has_n = true;
    info.n = 200;
    assert_ok(conformal_store_begin(s, &info, id, err));
}

/* A whole run: options, input, results, rows, a calibrator. */
static int64_t write_run(conformal_store *s, const char *name, size_t n_groups)
{
    int64_t id;
    double rows[5000];
    conformal_report *r;
    conformal_calibrator *c = make_calibrator(n_groups);
    assert_ok(conformal_report_create(NULL, &r, err));
    conformal_report_number(r, "coverage", 0.9);
    conformal_report_number(r, "threshold", HUGE_VAL);
    conformal_report_number(r, "nothing", (double)NAN);
    conformal_report_unsigned(r, "big", UINT64_MAX);
    conformal_report_text(r, "text", "it's");
    for (size_t i = 0; i < 5000; i++)
        rows[i] = i % 7 == 0 ? -HUGE_VAL : (double)i / 3;
    begin(s, "calibrate", &id);
    assert_ok(conformal_store_option(s, "alpha", "0.1", err));
    assert_ok(conformal_store_input(s, "calibration", "cal.csv", NULL, 1234, 200, err));
    assert_ok(conformal_store_results(s, r, err));
    assert_ok(conformal_store_rows(s, "lower", 0, rows, 5000, err));
    assert_ok(conformal_store_save(s, name, c, true, err));
    assert_ok(conformal_store_finish(s, 0.25, err));
    conformal_report_free(r);
    conformal_calibrator_free(c);
    return id;
}

typedef struct seen_rows {
    size_t n;
} seen_rows;

static conformal_status check_rows(void *user, uint64_t first, const double *values, size_t n,
                                   conformal_error *err)
{
    seen_rows *s = user;
    (void)err;
    ck_assert_uint_eq(first, s->n);
    for (size_t i = 0; i < n; i++)
        ck_assert(values[i] == ((first + i) % 7 == 0 ? -HUGE_VAL : (double)(first + i) / 3));
    s->n += n;
    return CONFORMAL_OK;
}

/* A report as JSON. */
static char json[65536];

static conformal_status to_json(void *user, const char *bytes, size_t n, conformal_error *err)
{
    size_t *at = user;
    (void)err;
    ck_assert_uint_lt(*at + n, sizeof json);
    memcpy(json + *at, bytes, n);
    *at += n;
    json[*at] = '\0';
    return CONFORMAL_OK;
}

static const char *json_of(conformal_report *r)
{
    size_t at = 0;
    assert_ok(conformal_report_write(r, CONFORMAL_FORMAT_JSON, to_json, &at, err));
    conformal_report_free(r);
    return json;
}

static size_t verify(conformal_store *s, int64_t id)
{
    conformal_report *r;
    size_t damaged = 77;
    assert_ok(conformal_report_create(NULL, &r, err));
    assert_ok(conformal_store_verify(s, id, r, &damaged, err));
    json_of(r);
    return damaged;
}

START_TEST(a_run_is_kept_with_all_it_holds)
{
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    int64_t id = write_run(s, "prices", 0);
    conformal_store_close(s);
    s = open_store(CONFORMAL_STORE_READ);
    conformal_report *r;
    assert_ok(conformal_report_create(NULL, &r, err));
    assert_ok(conformal_store_show_run(s, id, r, err));
    json_of(r);
    ck_assert_ptr_nonnull(strstr(json, "\"seed\": \"18446744073709551615\""));
    ck_assert_ptr_nonnull(strstr(json, "\"options\": {\"alpha\": \"0.1\"}"));
    ck_assert_ptr_nonnull(
        strstr(json, "\"coverage\": 0.9, \"threshold\": \"inf\", \"nothing\": null, "
                     "\"big\": 18446744073709551615, \"text\": \"it's\""));
    ck_assert_ptr_nonnull(
        strstr(json, "\"name\": \"cal.csv\", \"rows\": 200, \"bytes\": 1234"));
    ck_assert_ptr_nonnull(strstr(json, "\"rows\": [{\"column\": \"lower\", \"n\": 5000}]"));
    seen_rows seen = {0};
    assert_ok(conformal_store_read_rows(s, id, "lower", check_rows, &seen, err));
    ck_assert_uint_eq(seen.n, 5000);
    conformal_error why;
    ck_assert_int_eq(conformal_store_read_rows(s, id, "upper", check_rows, &seen, &why),
                     CONFORMAL_ENOTFOUND);
    assert_ok(conformal_report_create(NULL, &r, err));
    assert_ok(conformal_store_list_runs(s, NULL, 0, r, err));
    json_of(r);
    ck_assert_ptr_nonnull(
        strstr(json, "{\"runs\": [{\"id\": 1, \"command\": \"calibrate\", \"started\": "
                     "\"2026-11-24T10:31:29.123Z\", \"seconds\": 0.25, \"n\": 200"));
    ck_assert_uint_eq(verify(s, 0), 0);
    conformal_store_close(s);
}
END_TEST

START_TEST(a_calibrator_comes_back_to_the_last_bit)
{
    static const size_t groups[] = {0, 5, 3000};
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    write_run(s, "c", groups[_i]);
    conformal_calibrator *want = make_calibrator(groups[_i]), *got;
    assert_ok(conformal_store_load(s, "c", NULL, &got, err));
    ck_assert_int_eq(conformal_calibrator_score(got), conformal_calibrator_score(want));
    ck_assert_uint_eq(conformal_calibrator_rows(got), 200);
    ck_assert_uint_eq(conformal_calibrator_groups(got), groups[_i]);
    ck_assert_str_eq(conformal_calibrator_note(got, "column.y"), "the price");
    for (size_t g = 0; g < (groups[_i] ? groups[_i] : 1); g++)
        for (size_t a = 0; a < 2; a++) {
            const conformal_threshold *x = conformal_calibrator_threshold(got, g, a);
            const conformal_threshold *y = conformal_calibrator_threshold(want, g, a);
            ck_assert(x->alpha == y->alpha && x->n == y->n && x->rank == y->rank &&
                      x->lower == y->lower && x->upper == y->upper);
            if (groups[_i])
                ck_assert_str_eq(conformal_calibrator_group_name(got, g),
                                 conformal_calibrator_group_name(want, g));
        }
    conformal_calibrator_free(got);
    conformal_calibrator_free(want);
    conformal_store_close(s);
}
END_TEST

START_TEST(names_are_replaced_refused_suggested_and_deleted)
{
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    conformal_calibrator *c = make_calibrator(0), *got = NULL;
    conformal_error why;
    int64_t first = write_run(s, "diamonds", 0), id;
    write_run(s, "diamonds", 5); /* replaces */
    assert_ok(conformal_store_load(s, "diamonds", NULL, &got, err));
    ck_assert_uint_eq(conformal_calibrator_groups(got), 5);
    conformal_calibrator_free(got);
    got = NULL;
    begin(s, "calibrate", &id);
    ck_assert_int_eq(conformal_store_save(s, "diamonds", c, false, &why), CONFORMAL_EEXISTS);
    conformal_store_abort(s);
    ck_assert_int_eq(conformal_store_load(s, "diamond", NULL, &got, &why),
                     CONFORMAL_ENOTFOUND);
    ck_assert_ptr_nonnull(
        strstr(why.message, "has no calibrator 'diamond'; did you mean 'diamonds'?"));
    ck_assert_ptr_null(got);
    assert_ok(conformal_store_delete_run(s, first, err));
    ck_assert_int_eq(conformal_store_delete_run(s, first, &why), CONFORMAL_ENOTFOUND);
    assert_ok(
        conformal_store_load(s, "diamonds", NULL, &got, err)); /* a deleted run leaves it */
    conformal_calibrator_free(got);
    assert_ok(conformal_store_delete_calibrator(s, "diamonds", err));
    ck_assert_int_eq(conformal_store_delete_calibrator(s, "diamonds", &why),
                     CONFORMAL_ENOTFOUND);
    ck_assert_uint_eq(verify(s, 0), 0);
    conformal_calibrator_free(c);
    conformal_store_close(s);
}
END_TEST

START_TEST(an_aborted_run_leaves_nothing)
{
    int64_t id;
    conformal_report *r;
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    begin(s, "predict", &id);
    assert_ok(conformal_store_option(s, "a", "b", err));
    conformal_store_close(s); /* with the run open */
    s = open_store(CONFORMAL_STORE_READ);
    assert_ok(conformal_report_create(NULL, &r, err));
    assert_ok(conformal_store_list_runs(s, NULL, 0, r, err));
    ck_assert_str_eq(json_of(r), "{\"runs\": []}\n");
    ck_assert_int_eq(conformal_store_option(s, "a", "b", NULL), CONFORMAL_EINVAL);
    conformal_store_close(s);
}
END_TEST

static void run_sql(const char *sql)
{
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    char *message = NULL;
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(db);
}

static const struct {
    const char *sql;
    conformal_status status;
    const char *message;
} foreign[] = {
    {"PRAGMA user_version = 99", CONFORMAL_EVERSION, "newer libconformal"},
    {"PRAGMA application_id = 7", CONFORMAL_ECORRUPT, "not a libconformal store"},
    {"CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END", CONFORMAL_ECORRUPT,
     "trigger"},
    {"DROP VIEW runs; CREATE VIEW runs AS SELECT 1", CONFORMAL_ECORRUPT, "'runs' is not as"},
    {"DROP TABLE run_option", CONFORMAL_ECORRUPT, "'run_option' is not as"},
};

START_TEST(strange_stores_are_refused)
{
    conformal_error why;
    conformal_store *s = NULL;
    remove_store();
    conformal_store_close(open_store(CONFORMAL_STORE_CREATE));
    run_sql(foreign[_i].sql);
    for (int mode = 0; mode < 3; mode++) {
        ck_assert_int_eq(
            conformal_store_open(path, (conformal_store_mode)mode, NULL, &s, &why),
            foreign[_i].status);
        ck_assert_msg(strstr(why.message, foreign[_i].message) != NULL, "%s", why.message);
    }
    ck_assert_ptr_null(s);
}
END_TEST

START_TEST(other_files_are_left_alone)
{
    conformal_error why;
    conformal_store *s = NULL;
    remove_store();
    ck_assert_int_eq(conformal_store_open(path, CONFORMAL_STORE_READ, NULL, &s, &why),
                     CONFORMAL_EIO);
    ck_assert_ptr_nonnull(strstr(why.message, "there is no store here"));
    FILE *f = fopen(path, "w");
    fputs("y,yhat\n1,2\nthis is no database at all, but long enough to have a header of one "
          "hundred bytes and more\n", f);
    fclose(f);
    ck_assert_int_eq(conformal_store_open(path, CONFORMAL_STORE_CREATE, NULL, &s, &why),
                     CONFORMAL_ECORRUPT);
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_gt(st.st_size, 90);
    ck_assert_int_eq(
        conformal_store_open("/nowhere/at/all.db", CONFORMAL_STORE_CREATE, NULL, &s, &why),
        CONFORMAL_EIO);
}
END_TEST

/* Everything that can be asked of a store, as one text; false when anything fails. */
static bool dump(char *into, size_t size)
{
    conformal_store *s = NULL;
    conformal_report *r = NULL;
    conformal_calibrator *c = NULL;
    size_t damaged = 1, at = 0;
    bool good =
        conformal_store_open(path, CONFORMAL_STORE_READ, NULL, &s, NULL) == CONFORMAL_OK &&
        conformal_report_create(NULL, &r, NULL) == CONFORMAL_OK &&
        conformal_store_show_run(s, 1, r, NULL) == CONFORMAL_OK &&
        conformal_store_list_calibrators(s, r, NULL) == CONFORMAL_OK &&
        conformal_store_load(s, "c", NULL, &c, NULL) == CONFORMAL_OK &&
        conformal_store_verify(s, 0, r, &damaged, NULL) == CONFORMAL_OK && damaged == 0 &&
        conformal_report_write(r, CONFORMAL_FORMAT_JSON, to_json, &at, NULL) == CONFORMAL_OK;
    if (good)
        snprintf(into, size, "%s", json);
    conformal_calibrator_free(c);
    conformal_report_free(r);
    conformal_store_close(s);
    return good;
}

START_TEST(a_flipped_byte_is_found_or_changes_nothing)
{
    static char before[65536], after[65536];
    static unsigned char bytes[1 << 18];
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    write_run(s, "c", 3);
    conformal_store_close(s);
    ck_assert(dump(before, sizeof before));
    FILE *f = fopen(path, "rb");
    size_t n = fread(bytes, 1, sizeof bytes, f), found = 0, flips = 0;
    fclose(f);
    ck_assert_uint_lt(n, sizeof bytes);
    for (size_t at = 17; at < n; at += 131) {
        f = fopen(path, "r+b");
        fseek(f, (long)at, SEEK_SET);
        fputc(bytes[at] ^ 0x55, f);
        fclose(f);
        flips++;
        bool good = dump(after, sizeof after);
        found += !good;
        ck_assert_msg(!good || strcmp(before, after) == 0,
                      "byte %zu changed the content unseen", at);
        f = fopen(path, "r+b");
        fseek(f, (long)at, SEEK_SET);
        fputc(bytes[at], f);
        fclose(f);
    }
    ck_assert_uint_gt(flips, 500);
    ck_assert_uint_gt(found, flips / 4); /* the rest is free space */
    ck_assert(dump(after, sizeof after));
}
END_TEST

static void child_writes(int runs)
{
    conformal_store *s = NULL;
    conformal_error why;
    int64_t id;
    conformal_run_info info = CONFORMAL_RUN_INFO_INIT;
    info.command = "predict";
    info.started = "2026-11-24T10:31:29.123Z";
    if (conformal_store_open(path, CONFORMAL_STORE_CREATE, NULL, &s, &why) != CONFORMAL_OK)
        _exit(1);
    for (int r = 0; r < runs; r++)
        if (conformal_store_begin(s, &info, &id, &why) != CONFORMAL_OK ||
            conformal_store_option(s, "round", "x", &why) != CONFORMAL_OK ||
            conformal_store_finish(s, 0.5, &why) != CONFORMAL_OK)
            _exit(2);
    conformal_store_close(s);
    _exit(0);
}

static int64_t count_runs(void)
{
    sqlite3 *db;
    sqlite3_stmt *row;
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_prepare_v2(db, "SELECT count(*) FROM run WHERE digest IS NOT NULL", -1, &row,
                       NULL);
    sqlite3_step(row);
    int64_t n = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return n;
}

START_TEST(several_processes_write_and_none_is_lost)
{
    enum { WRITERS = 4, RUNS = 15 };
    pid_t children[WRITERS];
    remove_store(); /* they race to make it, too */
    for (int w = 0; w < WRITERS; w++)
        if ((children[w] = fork()) == 0)
            child_writes(RUNS);
    for (int w = 0; w < WRITERS; w++) {
        int status;
        waitpid(children[w], &status, 0);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(count_runs(), WRITERS * RUNS);
    conformal_store *s = open_store(CONFORMAL_STORE_READ);
    ck_assert_uint_eq(verify(s, 0), 0);
    conformal_store_close(s);
}
END_TEST

START_TEST(a_killed_writer_leaves_a_whole_store)
{
    int64_t last = 0;
    bool interrupted = false;
    remove_store();
    conformal_store_close(open_store(CONFORMAL_STORE_CREATE));
    for (unsigned round = 0; round < 25; round++) {
        pid_t child = fork();
        if (child == 0)
            child_writes(100000);
        usleep(1500 + 1700 * round % 11000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        conformal_store *s = open_store(CONFORMAL_STORE_WRITE);
        ck_assert_uint_eq(verify(s, 0), 0);
        conformal_store_close(s);
        int64_t n = count_runs();
        ck_assert_int_ge(n, last);
        interrupted = interrupted || n > last;
        last = n;
    }
    ck_assert(interrupted); /* some were killed while writing */
}
END_TEST

START_TEST(a_full_disk_keeps_what_was_committed)
{
    remove_store();
    conformal_store *s = open_store(CONFORMAL_STORE_CREATE);
    write_run(s, "c", 0);
    conformal_store_close(s);
    pid_t child = fork();
    if (child == 0) {
        double rows[4096] = {0};
        conformal_error why;
        conformal_run_info info = CONFORMAL_RUN_INFO_INIT;
        struct rlimit limit = {400000, 400000};
        int64_t id;
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        info.command = "predict";
        info.started = "now";
        conformal_status status =
            conformal_store_open(path, CONFORMAL_STORE_WRITE, NULL, &s, &why);
        if (status == CONFORMAL_OK)
            status = conformal_store_begin(s, &info, &id, &why);
        for (uint64_t k = 0; k < 100 && status == CONFORMAL_OK; k++)
            status = conformal_store_rows(s, "x", 4096 * k, rows, 4096, &why);
        if (status == CONFORMAL_OK)
            status = conformal_store_finish(s, 1, &why);
        conformal_store_abort(s);
        _exit(status == CONFORMAL_EFULL || status == CONFORMAL_EIO ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    ck_assert_int_eq(status, 0);
    s = open_store(CONFORMAL_STORE_READ);
    ck_assert_uint_eq(verify(s, 0), 0);
    conformal_store_close(s);
    ck_assert_int_eq(count_runs(), 1);
}
END_TEST

START_TEST(every_allocation_failure_of_ours_is_survived)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    remove_store();
    conformal_store *plain = open_store(CONFORMAL_STORE_CREATE);
    write_run(plain, "c", 3);
    conformal_store_close(plain);
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_store *s = NULL;
        conformal_calibrator *c = NULL;
        conformal_run_info info = CONFORMAL_RUN_INFO_INIT;
        int64_t id;
        info.command = "x";
        info.started = "now";
        status = conformal_store_open(path, CONFORMAL_STORE_WRITE, &a, &s, NULL);
        if (status == CONFORMAL_OK)
            status = conformal_store_load(s, "c", &a, &c, NULL);
        if (status == CONFORMAL_OK)
            status = conformal_store_begin(s, &info, &id, NULL);
        conformal_calibrator_free(c);
        conformal_store_close(s);
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tc = tcase_create("store");
    char folder[] = "/tmp/conformal-store.XXXXXX";
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    snprintf(path, sizeof path, "%s/lab book.db", folder);
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, a_run_is_kept_with_all_it_holds);
    tcase_add_loop_test(tc, a_calibrator_comes_back_to_the_last_bit, 0, 3);
    tcase_add_test(tc, names_are_replaced_refused_suggested_and_deleted);
    tcase_add_test(tc, an_aborted_run_leaves_nothing);
    tcase_add_loop_test(tc, strange_stores_are_refused, 0, sizeof foreign / sizeof *foreign);
    tcase_add_test(tc, other_files_are_left_alone);
    tcase_add_test(tc, a_flipped_byte_is_found_or_changes_nothing);
    tcase_add_test(tc, several_processes_write_and_none_is_lost);
    tcase_add_test(tc, a_killed_writer_leaves_a_whole_store);
    tcase_add_test(tc, a_full_disk_keeps_what_was_committed);
    tcase_add_test(tc, every_allocation_failure_of_ours_is_survived);
    suite_add_tcase(suite, tc);
    int status = run_suite(suite);
    remove_store();
    rmdir(folder);
    return status;
}
