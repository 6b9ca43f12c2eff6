/* test_base.c - options, digests, threads, near names, statuses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <string.h>

#include "base/options.h"
#include "base/parallel.h"
#include "base/sha256_blocks.h"
#include "conformal/random.h"
#include "conformal/store.h"
#include "conformal/version.h"

struct v1 { size_t size; double alpha; };
struct v2 { size_t size; double alpha; double gamma; };

START_TEST(an_older_caller_keeps_our_defaults) /* O1 */
{
    struct v2 ours = {sizeof ours, 0.1, 0.005};
    const struct v1 theirs = {sizeof theirs, 0.25};
    ck_assert_int_eq(cf_options_read(&ours, sizeof ours, &theirs, NULL), CONFORMAL_OK);
    assert_close(ours.alpha, 0.25, 0);
    assert_close(ours.gamma, 0.005, 0);
    ck_assert_uint_eq(ours.size, sizeof ours);
}
END_TEST

START_TEST(a_newer_caller_is_refused_only_when_it_asks_for_more) /* O2 */
{
    struct v1 ours = {sizeof ours, 0.1};
    struct v2 theirs = {sizeof theirs, 0.25, 0.0};
    ck_assert_int_eq(cf_options_read(&ours, sizeof ours, &theirs, NULL), CONFORMAL_OK);
    theirs.gamma = 0.005;
    ck_assert_int_eq(cf_options_read(&ours, sizeof ours, &theirs, NULL), CONFORMAL_EINVAL);
    theirs.size = 0;
    ck_assert_int_eq(cf_options_read(&ours, sizeof ours, &theirs, NULL), CONFORMAL_EINVAL);
}
END_TEST

static const struct {
    const char *text;
    const char *digest;
} digests[] = { /* FIPS 180-4 examples */
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(digests_are_those_of_the_standard)
{
    conformal_sha256 h;
    char hex[65];
    conformal_sha256_begin(&h);
    conformal_sha256_add(&h, digests[_i].text, strlen(digests[_i].text));
    conformal_sha256_end(&h, hex);
    ck_assert_str_eq(hex, digests[_i].digest);
}
END_TEST

START_TEST(a_million_letters_in_any_chunks)
{
    static const size_t chunks[] = {1, 3, 63, 64, 65, 1000, 1000000};
    char *a = malloc(1000000);
    memset(a, 'a', 1000000);
    for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
        conformal_sha256 h;
        char hex[65];
        conformal_sha256_begin(&h);
        for (size_t at = 0; at < 1000000; at += chunks[c])
            conformal_sha256_add(&h, a + at,
                                 1000000 - at < chunks[c] ? 1000000 - at : chunks[c]);
        conformal_sha256_end(&h, hex);
        ck_assert_str_eq(hex,
                         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    free(a);
}
END_TEST

START_TEST(both_ways_of_digesting_agree)
{
    unsigned char blocks[64 * 9];
    uint32_t a[8], b[8];
    for (uint64_t i = 0; i < sizeof blocks; i++)
        blocks[i] = (unsigned char)(256 * conformal_uniform(1, 2, i));
    for (uint32_t i = 0; i < 8; i++)
        a[i] = b[i] = 0x9e3779b9u * (i + 1);
    cf_sha256_blocks_plain(a, blocks, 9);
    if (cf_sha256_blocks_native(b, blocks, 9))
        ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
}
END_TEST

static void mark(void *context, unsigned i)
{
    ((int *)context)[i]++;
}

START_TEST(every_task_runs_once)
{
    for (unsigned threads = 0; threads < 70; threads += 23)
        for (unsigned tasks = 0; tasks < 100; tasks += 33) {
            int done[100] = {0};
            cf_parallel(threads, tasks, mark, done);
            for (unsigned i = 0; i < 100; i++)
                ck_assert_int_eq(done[i], i < tasks);
        }
}
END_TEST

static const char *const words[] = {"calibrate", "predict", "evaluate", "plan"};

static const char *word_at(const void *context, size_t i)
{
    (void)context;
    return words[i];
}

START_TEST(typing_errors_find_the_word_that_was_meant)
{
    ck_assert_str_eq(conformal_nearest("calibrat", 4, word_at, NULL), "calibrate");
    ck_assert_str_eq(conformal_nearest("Predcit", 4, word_at, NULL), "predict");
    ck_assert_str_eq(conformal_nearest("pln", 4, word_at, NULL), "plan");
    ck_assert_ptr_null(conformal_nearest("x", 4, word_at, NULL));
    ck_assert_ptr_null(conformal_nearest("conform", 4, word_at, NULL));
    ck_assert_ptr_null(conformal_nearest("", 4, word_at, NULL));
}
END_TEST

START_TEST(statuses_have_names)
{
    for (int s = 0; s <= CONFORMAL_ECANCELLED; s++) {
        ck_assert_str_ne(conformal_status_name((conformal_status)s), "EUNKNOWN");
        ck_assert_str_ne(conformal_status_text((conformal_status)s), "unknown status");
    }
    ck_assert_str_eq(conformal_status_name((conformal_status)99), "EUNKNOWN");
    ck_assert_str_eq(conformal_version(), CONFORMAL_VERSION);
    ck_assert_ptr_nonnull(conformal_version_of("gsl"));
    ck_assert_ptr_nonnull(conformal_version_of("lapack"));
    ck_assert_ptr_null(conformal_version_of("fortran"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *tc = tcase_create("base");
    tcase_add_test(tc, an_older_caller_keeps_our_defaults);
    tcase_add_test(tc, a_newer_caller_is_refused_only_when_it_asks_for_more);
    tcase_add_loop_test(tc, digests_are_those_of_the_standard, 0, 3);
    tcase_add_test(tc, a_million_letters_in_any_chunks);
    tcase_add_test(tc, both_ways_of_digesting_agree);
    tcase_add_test(tc, every_task_runs_once);
    tcase_add_test(tc, typing_errors_find_the_word_that_was_meant);
    tcase_add_test(tc, statuses_have_names);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
