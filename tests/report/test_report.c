/* test_report.c - one result as JSON, CSV and table.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "conformal/report.h"
#include "oom.h"

static char text[4096];

static conformal_status append(void *user, const char *bytes, size_t n, conformal_error *err)
{
    size_t *at = user;
    (void)err;
    memcpy(text + *at, bytes, n);
    *at += n;
    text[*at] = '\0';
    return CONFORMAL_OK;
}

static const char *write_as(const conformal_report *r, conformal_format format)
{
    size_t at = 0;
    text[0] = '\0';
    assert_ok(conformal_report_write(r, format, append, &at, err));
    return text;
}

static conformal_report *fresh(void)
{
    conformal_report *r;
    assert_ok(conformal_report_create(NULL, &r, err));
    return r;
}

static void group(conformal_report *r, const char *name, size_t n, double threshold)
{
    conformal_report_begin_object(r, NULL);
    conformal_report_text(r, "group", name);
    conformal_report_unsigned(r, "n", n);
    conformal_report_number(r, "threshold", threshold);
    conformal_report_end_object(r);
}

static conformal_report *sample(void)
{
    conformal_report *r = fresh();
    conformal_report_unsigned(r, "n", 1000);
    conformal_report_number(r, "alpha", 0.1);
    conformal_report_text(r, "score", "cqr");
    conformal_report_begin_object(r, "coverage_law");
    conformal_report_number(r, "mean", 0.9000999000999002);
    conformal_report_number(r, "q95", (double)NAN);
    conformal_report_end_object(r);
    conformal_report_begin_array(r, "groups");
    group(r, "a,b", 9, HUGE_VAL);
    group(r, "\xc3\xa9t\xc3\xa9", 1234, 1.5);
    conformal_report_end_array(r);
    return r;
}

START_TEST(json_is_one_line_in_order)
{
    conformal_report *r = sample();
    ck_assert_str_eq(
        write_as(r, CONFORMAL_FORMAT_JSON),
        "{\"n\": 1000, \"alpha\": 0.1, \"score\": \"cqr\", \"coverage_law\": {\"mean\": "
        "0.9000999000999002, \"q95\": null}, \"groups\": [{\"group\": \"a,b\", \"n\": 9, "
        "\"threshold\": \"inf\"}, {\"group\": \"\xc3\xa9t\xc3\xa9\", \"n\": 1234, "
        "\"threshold\": 1.5}]}\n");
    conformal_report_free(r);
}
END_TEST

START_TEST(csv_is_the_array_of_objects)
{
    conformal_report *r = sample();
    ck_assert_str_eq(write_as(r, CONFORMAL_FORMAT_CSV),
                     "group,n,threshold\n\"a,b\",9,inf\n\xc3\xa9t\xc3\xa9,1234,1.5\n");
    conformal_report_free(r);
}
END_TEST

START_TEST(csv_without_an_array_is_one_row_of_dotted_names)
{
    conformal_report *r = fresh();
    conformal_report_integer(r, "n", -3);
    conformal_report_begin_object(r, "law");
    conformal_report_number(r, "mean", 0.5);
    conformal_report_null(r, "q");
    conformal_report_end_object(r);
    conformal_report_bool(r, "done", true);
    ck_assert_str_eq(write_as(r, CONFORMAL_FORMAT_CSV),
                     "n,law.mean,law.q,done\n-3,0.5,,true\n");
    conformal_report_free(r);
}
END_TEST

START_TEST(a_table_is_aligned_for_people)
{
    conformal_report *r = sample();
    ck_assert_str_eq(write_as(r, CONFORMAL_FORMAT_TABLE),
                     "n      1000\n"
                     "alpha  0.1\n"
                     "score  cqr\n"
                     "coverage_law\n"
                     "  mean  0.9001\n"
                     "  q95   -\n"
                     "groups\n"
                     "  group     n  threshold\n"
                     "  a,b       9        inf\n"
                     "  \xc3\xa9t\xc3\xa9    1234        1.5\n");
    conformal_report_free(r);
}
END_TEST

START_TEST(texts_are_escaped_and_made_valid)
{
    conformal_report *r = fresh();
    conformal_report_text(
        r, "k\"ey",
        "q\" b\\ \n \x01 \x7f \xff \xc0\x80 \xed\xa0\x80 \xf0\x9f\x92\x8e \xe2\x82");
    ck_assert_str_eq(
        write_as(r, CONFORMAL_FORMAT_JSON),
        "{\"k\\\"ey\": \"q\\\" b\\\\ \\u000a \\u0001 \\u007f \xef\xbf\xbd "
        "\xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd \xf0\x9f\x92\x8e "
        "\xef\xbf\xbd\xef\xbf\xbd\"}\n");
    conformal_report_free(r);
}
END_TEST

START_TEST(empty_things_are_empty)
{
    conformal_report *r = fresh();
    conformal_report_begin_array(r, "runs");
    conformal_report_end_array(r);
    ck_assert_str_eq(write_as(r, CONFORMAL_FORMAT_JSON), "{\"runs\": []}\n");
    ck_assert_str_eq(write_as(r, CONFORMAL_FORMAT_TABLE), "runs  none\n");
    conformal_report_free(r);
}
END_TEST

static conformal_status join(void *user, const conformal_report_leaf *leaf,
                             conformal_error *err)
{
    char *into = user;
    (void)err;
    sprintf(into + strlen(into), "%s=%d ", leaf->path, (int)leaf->kind);
    return CONFORMAL_OK;
}

START_TEST(a_walk_meets_every_leaf_by_its_path)
{
    char paths[512] = "";
    conformal_report *r = sample();
    assert_ok(conformal_report_walk(r, join, paths, err));
    ck_assert_str_eq(
        paths, "n=3 alpha=1 score=4 coverage_law.mean=1 coverage_law.q95=1 groups.0.group=4 "
               "groups.0.n=3 groups.0.threshold=1 groups.1.group=4 groups.1.n=3 "
               "groups.1.threshold=1 ");
    conformal_report_free(r);
}
END_TEST

START_TEST(mistakes_of_the_builder_are_kept_and_said)
{
    for (int mistake = 0; mistake < 4; mistake++) {
        conformal_report *r = fresh();
        if (mistake == 0)
            conformal_report_begin_object(r, "open");
        else if (mistake == 1)
            conformal_report_end_object(r);
        else if (mistake == 2)
            conformal_report_number(r, NULL, 1);
        else
            conformal_report_begin_array(r, "a"), conformal_report_number(r, "key", 1);
        size_t at = 0;
        ck_assert_int_eq(conformal_report_write(r, CONFORMAL_FORMAT_JSON, append, &at, NULL),
                         CONFORMAL_EINVAL);
        ck_assert_uint_eq(at, 0);
        conformal_report_free(r);
    }
}
END_TEST

START_TEST(every_allocation_failure_is_survived)
{
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_report *r = NULL;
        status = conformal_report_create(&a, &r, NULL);
        if (status == CONFORMAL_OK) {
            conformal_report_text(r, "score", "cqr");
            conformal_report_begin_array(r, "groups");
            group(r, "a", 1, 2);
            conformal_report_end_array(r);
            status = conformal_report_check(r, NULL);
        }
        conformal_report_free(r);
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tc = tcase_create("report");
    tcase_add_test(tc, json_is_one_line_in_order);
    tcase_add_test(tc, csv_is_the_array_of_objects);
    tcase_add_test(tc, csv_without_an_array_is_one_row_of_dotted_names);
    tcase_add_test(tc, a_table_is_aligned_for_people);
    tcase_add_test(tc, texts_are_escaped_and_made_valid);
    tcase_add_test(tc, empty_things_are_empty);
    tcase_add_test(tc, a_walk_meets_every_leaf_by_its_path);
    tcase_add_test(tc, mistakes_of_the_builder_are_kept_and_said);
    tcase_add_test(tc, every_allocation_failure_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
