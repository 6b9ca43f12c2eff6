/* test_csv.c - the CSV parser: what it reads, what it refuses, and that chunks do not matter.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "conformal/random.h"
#include "conformal/table.h"
#include "oom.h"
#include "table/scan.h"

/* Everything that a parse did, as one text: "[line|number|text]" a row. */
typedef struct trace {
    char text[8192];
    size_t n;
    size_t numbers, texts; /* columns to use so: numbers first, from the left */
    size_t use[8];
    conformal_csv *csv;
} trace;

static void add(trace *t, const char *bytes, size_t n)
{
    if (t->n + n < sizeof t->text) {
        memcpy(t->text + t->n, bytes, n);
        t->n += n;
        t->text[t->n] = '\0';
    }
}

static conformal_status on_header(void *user, conformal_csv *csv, conformal_error *err)
{
    trace *t = user;
    conformal_status status = CONFORMAL_OK;
    t->csv = csv;
    for (size_t c = 0; c < t->numbers + t->texts && status == CONFORMAL_OK; c++)
        status = conformal_csv_use(csv, c,
                                   c < t->numbers ? CONFORMAL_CSV_NUMBER : CONFORMAL_CSV_TEXT,
                                   &t->use[c], err);
    return status;
}

static conformal_status on_rows(void *user, const conformal_csv_rows *rows,
                                conformal_error *err)
{
    trace *t = user;
    (void)err;
    for (size_t i = 0; i < rows->n; i++) {
        char number[64];
        add(t, "[", 1);
        add(t, rows->lines[i].bytes, rows->lines[i].length);
        for (size_t c = 0; c < t->numbers; c++) {
            int n = snprintf(number, sizeof number, "|%g", rows->numbers[t->use[c]][i]);
            add(t, number, (size_t)n);
        }
        for (size_t c = t->numbers; c < t->numbers + t->texts; c++) {
            add(t, "|", 1);
            add(t, rows->texts[t->use[c]][i].bytes, rows->texts[t->use[c]][i].length);
        }
        int n = snprintf(number, sizeof number, "@%zu]", conformal_csv_line(t->csv, i));
        add(t, number, (size_t)n);
    }
    return CONFORMAL_OK;
}

/* Parse in pushes of `chunk` bytes; the trace ends with the error, if any. */
static conformal_status parse(const char *input, size_t length, size_t chunk, size_t numbers,
                              size_t texts, const char *missing, unsigned threads, trace *t)
{
    conformal_csv_options o = CONFORMAL_CSV_INIT;
    conformal_error err = {0};
    conformal_csv *csv;
    memset(t, 0, sizeof *t);
    t->numbers = numbers;
    t->texts = texts;
    o.on_header = on_header;
    o.on_rows = on_rows;
    o.user = t;
    o.missing = missing;
    o.threads = threads;
    conformal_status status = conformal_csv_create(&o, &csv, &err);
    for (size_t at = 0; at < length && status == CONFORMAL_OK; at += chunk)
        status = conformal_csv_push(csv, input + at, length - at < chunk ? length - at : chunk,
                                    &err);
    if (status == CONFORMAL_OK)
        status = conformal_csv_finish(csv, &err);
    if (status != CONFORMAL_OK) {
        char text[512];
        int n = snprintf(text, sizeof text, "!%zu:%s:%s", err.line, err.argument, err.message);
        add(t, text, (size_t)n);
        ck_assert_int_eq(conformal_csv_finish(csv, &err), status); /* it stops for good */
    }
    conformal_csv_free(csv);
    return status;
}

#define S(text) text, sizeof(text) - 1
static const struct {
    const char *input;
    size_t length;
    size_t numbers, texts;
    const char *missing;
    const char *want;
} cases[] = {
    {S("a,b\n1,2\n3,4\n"), 2, 0, NULL, "[1,2|1|2@2][3,4|3|4@3]"},
    {S("a,b\n1,2\n3,4"), 2, 0, NULL, "[1,2|1|2@2][3,4|3|4@3]"},
    {S("\xef\xbb\xbf"
       "a,b\r\n1,2\r\n3,4\r\n"),
     2, 0, NULL, "[1,2|1|2@2][3,4|3|4@3]"},
    {S("a;b\r1;2\r3;4\r"), 2, 0, NULL, "[1;2|1|2@2][3;4|3|4@3]"},
    {S("a\tb\n1\t2\r\n3\t4\r5\t6"), 2, 0, NULL, "[1\t2|1|2@2][3\t4|3|4@3][5\t6|5|6@4]"},
    {S("\n\na,b\n\n1,2\n\r\n\n3,4\n\n"), 2, 0, NULL, "[1,2|1|2@5][3,4|3|4@8]"},
    {S("a\n1\n\n2\n"), 1, 0, NULL, "[1|1@2][2|2@4]"},
    {S("a,b\n"), 2, 0, NULL, ""},
    {S("a,b"), 2, 0, NULL, ""},
    {S("a,\"b, c\"\n1,\"2\"\n\" 3 \", 4\n"), 2, 0, NULL, "[1,\"2\"|1|2@2][\" 3 \", 4|3|4@3]"},
    {S("a,t\n1,\"x \"\"y\"\"\"\n2,\"p\nq\"\n3,\n"), 1, 1, NULL,
     "[1,\"x \"\"y\"\"\"|1|x \"y\"@2][2,\"p\nq\"|2|p\nq@3][3,|3|@5]"},
    {S("a,b\n1,NA\n,2\n3,4\n"), 2, 0, "NA,", "[1,NA|1|nan@2][,2|nan|2@3][3,4|3|4@4]"},
    {S("a\n-999\n1\n-999.0\n"), 1, 0, "-999", "[-999|nan@2][1|1@3][-999.0|-999@4]"},
    {S("a,b\ninf,-Infinity\n"), 2, 0, NULL, "[inf,-Infinity|inf|-inf@2]"},
    {S("a,b\n1,x\n"), 1, 0, NULL, "[1,x|1@2]"}, /* an unused column may hold anything */
    /* faults */
    {S(""), 0, 0, NULL, "!0::the file is empty (a header line with column names is required)"},
    {S("\n\n"), 0, 0, NULL,
     "!0::the file is empty (a header line with column names is required)"},
    {S("\xef\xbb\xbf"), 0, 0, NULL,
     "!0::the file is empty (a header line with column names is required)"},
    {S("a,b\n1,2\n3\n"), 2, 0, NULL, "[1,2|1|2@2]!3::the row has 1 field, the header has 2"},
    {S("a,b\n1,2,3\n"), 2, 0, NULL, "!2::the row has 3 fields, the header has 2"},
    {S("a,b\n1,2\n3,n/a\n5,6\n"), 2, 0, NULL,
     "[1,2|1|2@2]!3:b:'n/a' is not a number (--na n/a treats it as missing)"},
    {S("a,b\n1,\n"), 2, 0, NULL, "!2:b:'' is not a number (--na '' treats it as missing)"},
    {S("a\nnan\n"), 1, 0, NULL, "!2:a:'nan' is not a number (--na nan treats it as missing)"},
    {S("a\n1e999\n"), 1, 0, NULL,
     "!2:a:'1e999' is out of range: numbers reach 1.7976931348623157e308"},
    {S("a\n0x1p3\n"), 1, 0, NULL,
     "!2:a:'0x1p3' is not a number (--na 0x1p3 treats it as missing)"},
    {S("a,b\n\"p\nq\",1\nx\ny\"\n"), 0, 0, NULL,
     "[\"p\nq\",1@2]!4::the row has 1 field, the header has 2"},
    {S("t,b\n\"p\nq\",x\n"), 0, 2, NULL, "[\"p\nq\",x|p\nq|x@2]"},
    {S("b,t\n1,\"p\nq\"\nx,2\n"), 1, 1, NULL,
     "[1,\"p\nq\"|1|p\nq@2]!4:b:'x' is not a number (--na x treats it as missing)"},
    {S("a,b\n1,\"2\n3,4\n"), 2, 0, NULL, "!2::the quote that opens here is never closed"},
    {S("a,b\n1,2\n3,5\" pipe\n6,7\n"), 1, 0, NULL,
     "[1,2|1@2]!3::a quote inside an unquoted field (quote the field and double the quote)"},
    {S("a,b\n1,\"2\"x\n"), 1, 0, NULL,
     "!2:b:text after a closing quote (a quote inside a quoted field is doubled)"},
    {S("a,b\n1,x\0y\n"), 1, 0, NULL,
     "!2::a NUL byte; this is not text (or UTF-16: iconv -f utf-16 -t utf-8)"},
    {S("a,b,a\n1,2,3\n"), 1, 0, NULL, "!1::columns 1 and 3 are both named 'a' (rename one)"},
    {S("a,\"b\n1,2\n"), 1, 0, NULL, "!1::a quote in the header is never closed"},
    {S("\x1f\x8b\x08\x00"), 0, 0, NULL,
     "!0::this is gzip, not CSV (gzip -dc FILE | conformal ...)"},
    {S("\x28\xb5\x2f\xfd.."), 0, 0, NULL,
     "!0::this is zstd, not CSV (zstd -dc FILE | conformal ...)"},
    {S("\xff\xfe"
       "a\0"),
     0, 0, NULL,
     "!0::this is UTF-16, not UTF-8 (iconv -f utf-16 -t utf-8 FILE | conformal ...)"},
    {S("PAR1...."), 0, 0, NULL,
     "!0::this is Parquet, not CSV (duckdb -csv -c \"from 'FILE'\" | conformal ...)"},
    {S("PK\x03\x04...."), 0, 0, NULL,
     "!0::this is xlsx or zip, not CSV (libreoffice --headless --convert-to csv FILE)"},
};
enum { N_CASES = sizeof cases / sizeof *cases };

START_TEST(files_read_as_they_should_in_any_chunks)
{
    trace t;
    for (size_t chunk = 1; chunk <= cases[_i].length + 1; chunk++)
        for (unsigned threads = 1; threads <= 3; threads += 2) {
            parse(cases[_i].input, cases[_i].length, chunk, cases[_i].numbers, cases[_i].texts,
                  cases[_i].missing, threads, &t);
            ck_assert_str_eq(t.text, cases[_i].want);
        }
}
END_TEST

/* A large file, so that blocks, carries and threads are really used. */
static char *make_large(size_t rows, bool quotes, size_t fault, size_t *length)
{
    char *text = malloc(64 * rows + 64), *at = text;
    at += sprintf(at, "x,name,y\n");
    for (size_t i = 0; i < rows; i++) {
        if (quotes && i % 7 == 0)
            at += sprintf(at, "%zu.5,\"n, %zu\n\",%zu\r\n", i, i % 11, 2 * i);
        else
            at += sprintf(at, "%zu.25,n%zu,%zu\n", i, i % 13, 2 * i);
        if (i == fault)
            at += sprintf(at, "1,2,bad\n");
    }
    *length = (size_t)(at - text);
    return text;
}

typedef struct sums {
    double x, y;
    size_t rows, bytes, use_x, use_y, use_name;
} sums;

static conformal_status sum_header(void *user, conformal_csv *csv, conformal_error *err)
{
    sums *s = user;
    conformal_status status = conformal_csv_use(csv, 0, CONFORMAL_CSV_NUMBER, &s->use_x, err);
    if (status == CONFORMAL_OK)
        status = conformal_csv_use(csv, 2, CONFORMAL_CSV_NUMBER, &s->use_y, err);
    return status == CONFORMAL_OK
               ? conformal_csv_use(csv, 1, CONFORMAL_CSV_TEXT, &s->use_name, err)
               : status;
}

static conformal_status sum_rows(void *user, const conformal_csv_rows *rows,
                                 conformal_error *err)
{
    sums *s = user;
    (void)err;
    ck_assert_uint_eq(rows->first, s->rows);
    for (size_t i = 0; i < rows->n; i++) {
        s->x += rows->numbers[s->use_x][i];
        s->y += rows->numbers[s->use_y][i];
        s->bytes += rows->texts[s->use_name][i].length;
    }
    s->rows += rows->n;
    return CONFORMAL_OK;
}

static conformal_status sum_file(const char *text, size_t length, unsigned threads, sums *s,
                                 conformal_error *err)
{
    static const sums zero;
    conformal_csv_options o = CONFORMAL_CSV_INIT;
    conformal_csv *csv;
    *s = zero;
    o.on_header = sum_header;
    o.on_rows = sum_rows;
    o.user = s;
    o.threads = threads;
    conformal_status status = conformal_csv_create(&o, &csv, err);
    for (size_t at = 0; at < length && status == CONFORMAL_OK; at += 777777)
        status = conformal_csv_push(csv, text + at,
                                    length - at < 777777 ? length - at : 777777, err);
    if (status == CONFORMAL_OK)
        status = conformal_csv_finish(csv, err);
    conformal_csv_free(csv);
    return status;
}

START_TEST(large_files_read_the_same_with_any_number_of_threads)
{
    enum { ROWS = 200000 };
    size_t length;
    char *text = make_large(ROWS, _i == 1, SIZE_MAX, &length);
    for (unsigned threads = 0; threads < 4; threads++) {
        sums s;
        conformal_error err;
        ck_assert_int_eq(sum_file(text, length, threads, &s, &err), CONFORMAL_OK);
        ck_assert_uint_eq(s.rows, ROWS);
        assert_close(s.y, (double)ROWS * (ROWS - 1.0), 0);
    }
    free(text);
}
END_TEST

START_TEST(the_first_fault_of_a_large_file_is_the_one_that_is_said)
{
    enum { ROWS = 200000, BAD = 150001 };
    size_t length;
    char *text = make_large(ROWS, false, BAD, &length);
    for (unsigned threads = 1; threads < 4; threads++) {
        sums s;
        conformal_error err;
        ck_assert_int_eq(sum_file(text, length, threads, &s, &err), CONFORMAL_ESYNTAX);
        ck_assert_uint_eq(err.line, BAD + 3); /* header, rows 0..BAD, then the fault */
        ck_assert_uint_eq(err.index, BAD + 1);
        ck_assert_str_eq(err.argument, "y");
        ck_assert_uint_eq(s.rows, BAD + 1); /* all before it were handed over */
    }
    free(text);
}
END_TEST

START_TEST(wide_files_and_long_fields_are_no_trouble)
{
    enum { WIDE = 10000, LONG = 5000000 };
    char *text = malloc(LONG + 20 * WIDE), *at = text;
    trace t;
    for (int c = 0; c < WIDE; c++)
        at += sprintf(at, "%sc%d", c ? "," : "", c);
    *at++ = '\n';
    for (int c = 0; c < WIDE; c++)
        at += sprintf(at, "%s%d", c ? "," : "", c);
    ck_assert_int_eq(parse(text, (size_t)(at - text), 4096, 3, 0, NULL, 1, &t), CONFORMAL_OK);
    at = text + sprintf(text, "a,b\n1,\"");
    memset(at, 'x', LONG);
    at += LONG;
    at += sprintf(at, "\"\n2,y\n");
    ck_assert_int_eq(parse(text, (size_t)(at - text), 100000, 1, 1, NULL, 2, &t),
                     CONFORMAL_OK);
    ck_assert_ptr_nonnull(strstr(t.text, "[2,y|2|y@3]"));
    free(text);
}
END_TEST

START_TEST(all_ways_of_scanning_agree)
{
    static const char alphabet[] = "a,\"\n\r\0,b\n";
    enum { N = 4000, PAD = CF_SCAN_PADDING };
    char bytes[N + PAD] = {0};
    cf_mask_function *ways[] = {cf_masks_plain(), cf_masks_sse2(), cf_masks_avx2()};
    for (uint64_t seed = 0; seed < 300; seed++) {
        static uint32_t marks[3][N + 1], ends[3][N + 1];
        cf_scan scan[3];
        size_t n = 1 + (size_t)((N - 1) * conformal_uniform(seed, 1, 0));
        for (size_t i = 0; i < n; i++)
            bytes[i] =
                alphabet[(size_t)((sizeof alphabet - 1) * conformal_uniform(seed, 0, i))];
        bytes[n] = '\0';
        for (int w = 0; w < 3; w++) {
            if (ways[w] == NULL)
                continue;
            scan[w].marks = marks[w];
            scan[w].ends = ends[w];
            cf_scan_bytes(bytes, n, ',', ways[w], &scan[w]);
            ck_assert_uint_eq(scan[w].n_marks, scan[0].n_marks);
            ck_assert_uint_eq(scan[w].n_ends, scan[0].n_ends);
            ck_assert(scan[w].nul == scan[0].nul && scan[w].open == scan[0].open);
            ck_assert_int_eq(memcmp(marks[w], marks[0], scan[0].n_marks * sizeof **marks), 0);
            ck_assert_int_eq(memcmp(ends[w], ends[0], scan[0].n_ends * sizeof **ends), 0);
        }
        /* The plain meaning: a machine with one bit of state. */
        size_t found = 0;
        bool inside = false;
        for (size_t i = 0; i < n; i++) {
            char c = bytes[i];
            inside ^= c == '"';
            if (!inside && (c == ',' || c == '\n' || (c == '\r' && bytes[i + 1] != '\n')))
                ck_assert(found < scan[0].n_marks && marks[0][found++] == i);
        }
        ck_assert_uint_eq(found, scan[0].n_marks);
    }
}
END_TEST

START_TEST(columns_are_found_or_suggested)
{
    conformal_csv_options o = CONFORMAL_CSV_INIT;
    conformal_error why;
    conformal_csv *csv;
    size_t column = 77;
    assert_ok(conformal_csv_create(&o, &csv, err));
    assert_ok(conformal_csv_push(csv, S("price,\"pre, dicted\",cut\n"), err));
    ck_assert_uint_eq(conformal_csv_columns(csv), 3);
    ck_assert_str_eq(conformal_csv_column_name(csv, 1), "pre, dicted");
    assert_ok(conformal_csv_find(csv, "cut", &column, err));
    ck_assert_uint_eq(column, 2);
    ck_assert_int_eq(conformal_csv_find(csv, "prise", &column, &why), CONFORMAL_ENOTFOUND);
    ck_assert_str_eq(why.message, "no column 'prise'; did you mean 'price'?");
    ck_assert_int_eq(conformal_csv_find(csv, "weight", &column, &why), CONFORMAL_ENOTFOUND);
    ck_assert_str_eq(why.message, "no column 'weight'; there are price, pre, dicted, cut");
    ck_assert_int_eq(conformal_csv_use(csv, 0, CONFORMAL_CSV_NUMBER, &column, &why),
                     CONFORMAL_EINVAL);
    ck_assert_uint_eq(column, 2);
    conformal_csv_free(csv);
}
END_TEST

static conformal_status stop(void *user, const conformal_csv_rows *rows, conformal_error *err)
{
    (void)user;
    (void)rows;
    snprintf(err->message, sizeof err->message, "enough");
    return CONFORMAL_ECANCELLED;
}

START_TEST(a_callback_can_stop_the_parser)
{
    conformal_csv_options o = CONFORMAL_CSV_INIT;
    conformal_error why = {0};
    conformal_csv *csv;
    o.on_rows = stop;
    assert_ok(conformal_csv_create(&o, &csv, err));
    assert_ok(conformal_csv_push(csv, S("a\n1\n2\n"), err));
    ck_assert_int_eq(conformal_csv_finish(csv, &why), CONFORMAL_ECANCELLED);
    ck_assert_str_eq(why.message, "enough");
    conformal_csv_free(csv);
}
END_TEST

START_TEST(every_allocation_failure_is_survived)
{
    static const char input[] = "a,t\n1,\"x\"\"y\"\n2,z\n";
    struct oom oom = OOM_INIT;
    conformal_status status;
    do {
        conformal_allocator a = oom_next(&oom);
        conformal_csv_options o = CONFORMAL_CSV_INIT;
        conformal_csv *csv = NULL;
        trace t = {.numbers = 1, .texts = 1};
        o.allocator = &a;
        o.missing = "NA,-";
        o.on_header = on_header;
        o.on_rows = on_rows;
        o.user = &t;
        status = conformal_csv_create(&o, &csv, NULL);
        if (status == CONFORMAL_OK)
            status = conformal_csv_push(csv, input, sizeof input - 1, NULL);
        if (status == CONFORMAL_OK)
            status = conformal_csv_finish(csv, NULL);
        conformal_csv_free(csv);
        oom_check(&oom, status);
    } while (status == CONFORMAL_ENOMEM);
    oom_done(&oom, 15);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("csv");
    TCase *tc = tcase_create("csv");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, files_read_as_they_should_in_any_chunks, 0, N_CASES);
    tcase_add_loop_test(tc, large_files_read_the_same_with_any_number_of_threads, 0, 2);
    tcase_add_test(tc, the_first_fault_of_a_large_file_is_the_one_that_is_said);
    tcase_add_test(tc, wide_files_and_long_fields_are_no_trouble);
    tcase_add_test(tc, all_ways_of_scanning_agree);
    tcase_add_test(tc, columns_are_found_or_suggested);
    tcase_add_test(tc, a_callback_can_stop_the_parser);
    tcase_add_test(tc, every_allocation_failure_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
