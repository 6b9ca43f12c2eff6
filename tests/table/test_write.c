/* test_write.c - CSV out, and texts to codes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "conformal/random.h"
#include "conformal/table.h"
#include "oom.h"

typedef struct buffer {
    char *bytes;
    size_t n, room;
} buffer;

static conformal_status append(void *user, const char *bytes, size_t n, conformal_error *err)
{
    buffer *b = user;
    (void)err;
    if (b->n + n + 1 > b->room) {
        b->room = 2 * (b->n + n + 1);
        b->bytes = realloc(b->bytes, b->room);
    }
    memcpy(b->bytes + b->n, bytes, n);
    b->n += n;
    b->bytes[b->n] = '\0';
    return CONFORMAL_OK;
}

START_TEST(rows_look_like_this)
{
    static const double lower[] = {1.5, -HUGE_VAL, 0}, upper[] = {2, HUGE_VAL, (double)NAN};
    const double *columns[] = {lower, upper};
    const conformal_text lines[] = {{"a,1", 3}, {"\"b\",2", 5}, {"", 0}};
    buffer b = {NULL, 0, 0};
    assert_ok(conformal_csv_write_rows(lines, columns, 2, 3, ';', 2, NULL, append, &b, err));
    ck_assert_str_eq(b.bytes, "a,1;1.5;2\n\"b\",2;-inf;inf\n;0;\n");
    b.n = 0;
    assert_ok(conformal_csv_write_rows(NULL, columns, 2, 1, ',', 1, NULL, append, &b, err));
    ck_assert_str_eq(b.bytes, "1.5,2\n");
    free(b.bytes);
}
END_TEST

START_TEST(any_number_of_threads_writes_the_same_bytes)
{
    enum { N = 50000 };
    double *x = malloc(N * sizeof *x);
    const double *columns[] = {x};
    buffer one = {NULL, 0, 0}, many = {NULL, 0, 0};
    assert_ok(conformal_uniforms(1, 2, 3, N, x, err));
    assert_ok(conformal_csv_write_rows(NULL, columns, 1, N, ',', 1, NULL, append, &one, err));
    for (unsigned threads = 0; threads < 6; threads++) {
        many.n = 0;
        assert_ok(conformal_csv_write_rows(NULL, columns, 1, N, ',', threads, NULL, append,
                                           &many, err));
        ck_assert_uint_eq(one.n, many.n);
        ck_assert_int_eq(memcmp(one.bytes, many.bytes, one.n), 0);
    }
    free(x);
    free(one.bytes);
    free(many.bytes);
}
END_TEST

static conformal_status refuse(void *user, const char *bytes, size_t n, conformal_error *err)
{
    (void)user;
    (void)bytes;
    (void)n;
    snprintf(err->message, sizeof err->message, "the disk is full");
    return CONFORMAL_EFULL;
}

START_TEST(a_failing_writer_stops_the_rows)
{
    static const double x[] = {1};
    const double *columns[] = {x};
    conformal_error err = {0};
    ck_assert_int_eq(
        conformal_csv_write_rows(NULL, columns, 1, 1, ',', 1, NULL, refuse, NULL, &err),
        CONFORMAL_EFULL);
    ck_assert_str_eq(err.message, "the disk is full");
}
END_TEST

static const struct {
    const char *text, *written;
} fields[] = {
    {"plain", "plain"},
    {"with,comma", "\"with,comma\""},
    {"a \"b\"", "\"a \"\"b\"\"\""},
    {"two\nlines", "\"two\nlines\""},
    {"", "\"\""},
    {"\"", "\"\"\"\""},
    {"semi;colon", "semi;colon"},
};

START_TEST(fields_are_quoted_when_they_must_be)
{
    conformal_text text = {fields[_i].text, strlen(fields[_i].text)};
    buffer b = {NULL, 0, 0};
    assert_ok(conformal_csv_write_text(text, ',', append, &b, err));
    ck_assert_str_eq(b.bytes, fields[_i].written);
    free(b.bytes);
}
END_TEST

START_TEST(codes_count_from_the_first_appearance)
{
    conformal_dictionary *d;
    const conformal_text texts[] = {{"b", 1},  {"a", 1},    {"b", 1}, {"", 0},
                                    {"ab", 2}, {"a\0b", 3}, {"a", 1}};
    static const int32_t want[] = {0, 1, 0, 2, 3, 4, 1};
    int32_t codes[7];
    assert_ok(conformal_dictionary_create(NULL, &d, err));
    ck_assert_int_eq(conformal_dictionary_find(d, "a", 1), -1);
    assert_ok(conformal_dictionary_encode(d, texts, 7, codes, err));
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(codes[i], want[i]);
    ck_assert_uint_eq(conformal_dictionary_size(d), 5);
    ck_assert_int_eq(conformal_dictionary_find(d, "ab", 2), 3);
    ck_assert_int_eq(conformal_dictionary_find(d, "zz", 2), -1);
    ck_assert_str_eq(conformal_dictionary_names(d)[2], "");
    conformal_dictionary_free(d);
}
END_TEST

START_TEST(a_hundred_thousand_texts_keep_their_codes)
{
    enum { N = 100000 };
    conformal_dictionary *d;
    assert_ok(conformal_dictionary_create(NULL, &d, err));
    for (int round = 0; round < 2; round++)
        for (int32_t i = 0; i < N; i++) {
            char name[16];
            int32_t code;
            conformal_text text = {name, (size_t)sprintf(name, "g%d", i)};
            assert_ok(conformal_dictionary_encode(d, &text, 1, &code, err));
            ck_assert_int_eq(code, i);
        }
    conformal_dictionary_free(d);
}
END_TEST

START_TEST(every_allocation_failure_is_survived)
{
    static const double x[] = {1, 2};
    const double *columns[] = {x};
    struct oom oom = OOM_INIT, dictionary = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        buffer b = {NULL, 0, 0};
        status = conformal_csv_write_rows(NULL, columns, 1, 2, ',', 1, &a, append, &b, NULL);
        oom_check(&oom, status);
        free(b.bytes);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 1);
    do {
        conformal_allocator a = oom_next(&dictionary);
        conformal_dictionary *d = NULL;
        const conformal_text texts[] = {{"b", 1}, {"a", 1}};
        int32_t codes[2];
        status = conformal_dictionary_create(&a, &d, NULL);
        if (status == CONFORMAL_OK)
            status = conformal_dictionary_encode(d, texts, 2, codes, NULL);
        conformal_dictionary_free(d);
        oom_check(&dictionary, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&dictionary, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("write");
    TCase *tc = tcase_create("write");
    tcase_set_timeout(tc, 0);
    tcase_add_test(tc, rows_look_like_this);
    tcase_add_test(tc, any_number_of_threads_writes_the_same_bytes);
    tcase_add_test(tc, a_failing_writer_stops_the_rows);
    tcase_add_loop_test(tc, fields_are_quoted_when_they_must_be, 0,
                        sizeof fields / sizeof *fields);
    tcase_add_test(tc, codes_count_from_the_first_appearance);
    tcase_add_test(tc, a_hundred_thousand_texts_keep_their_codes);
    tcase_add_test(tc, every_allocation_failure_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
