/* cmd_pursue_evaluate.c - conformal pursue evaluate: methods side by side on random splits.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "provider.h"
#include "pursuit.h"
#include "record.h"
#include "say.h"

enum { MOST_METHODS = 32, N_CURVES = 4 };

static const char *const curve_names[N_CURVES] = {"accuracy", "hit", "set_size", "coverage"};

/* A method's sums over splits. */
typedef struct method {
    char name[64];
    conformal_pursuit_options want;
    double *curves[N_CURVES]; /* length + 1 each */
    double *auc;              /* per split */
    double queries, accuracy_stop, coverage_stop, size_stop, coverage_any;
} method;

typedef struct contest {
    const pursuit_options *o;
    pursuit_data data;
    method methods[MOST_METHODS];
    size_t n_methods, length, splits, n_test;
    double *scratch; /* N_CURVES x (length + 1) */
} contest;

static int list_methods(const call *c, const pursuit_options *o, uint64_t seed, contest *t)
{
    for (const char *p = o->methods;; p++) {
        size_t n = strcspn(p, ",");
        method *m = &t->methods[t->n_methods];
        if (t->n_methods == MOST_METHODS)
            return say_usage(c, "--methods: more than %d", MOST_METHODS);
        if (n == 0 || n >= sizeof m->name)
            return say_usage(c, "--methods: a name is %s", n == 0 ? "empty" : "too long");
        memcpy(m->name, p, n);
        int status = pursuit_method(c, o, m->name, seed, &m->want);
        if (status != EXIT_DONE)
            return status;
        t->n_methods++;
        p += n;
        if (*p == '\0')
            return EXIT_DONE;
    }
}

static int reserve(const call *c, contest *t)
{
    bool good = (t->scratch = calloc(N_CURVES * (t->length + 1), sizeof(double))) != NULL;
    for (size_t i = 0; i < t->n_methods && good; i++) {
        method *m = &t->methods[i];
        for (int j = 0; j < N_CURVES && good; j++)
            good = (m->curves[j] = calloc(t->length + 1, sizeof(double))) != NULL;
        good = good && (m->auc = calloc(t->splits, sizeof *m->auc)) != NULL;
    }
    if (!good)
        say_error(c, "out of memory");
    return good ? EXIT_DONE : EXIT_MEMORY;
}

static conformal_status play(contest *t, method *m, size_t number,
                             const conformal_pursuit_model *model, const pursuit_split *s,
                             conformal_error *err)
{
    conformal_pursuit_policy *policy;
    conformal_pursuit_curves curves = CONFORMAL_PURSUIT_CURVES_INIT;
    size_t width = t->length + 1;
    conformal_status status = conformal_pursuit_policy_create(&m->want, model, &s->first,
                                                              &s->second, NULL, &policy, err);
    if (status != CONFORMAL_OK)
        return status;
    curves.accuracy = t->scratch;
    curves.hit = t->scratch + width;
    curves.set_size = t->scratch + 2 * width;
    curves.coverage = t->scratch + 3 * width;
    status = conformal_pursuit_evaluate(policy, &s->test, NULL, NULL, &curves, err);
    conformal_pursuit_policy_free(policy);
    for (size_t j = 0; j < N_CURVES && status == CONFORMAL_OK; j++)
        for (size_t k = 0; k < width; k++)
            m->curves[j][k] += t->scratch[j * width + k];
    m->auc[number] = curves.auc;
    m->queries += curves.queries_mean;
    m->accuracy_stop += curves.accuracy_stop;
    m->coverage_stop += curves.coverage_stop;
    m->size_stop += curves.size_stop;
    m->coverage_any += curves.coverage_any;
    return status;
}

static int play_split(const call *c, contest *t, uint64_t seed, size_t number)
{
    conformal_pursuit_model *model = NULL;
    pursuit_split s;
    conformal_error err;
    int status = pursuit_divide(c, t->o, &t->data, seed, number, true, &s);
    if (status == EXIT_DONE)
        status = pursuit_fit(c, t->o, &t->data, &s, seed + number, &model);
    for (size_t i = 0; i < t->n_methods; i++) /* draws are a split's own, and all methods' */
        t->methods[i].want.seed = seed + number;
    for (size_t i = 0; i < t->n_methods && status == EXIT_DONE; i++)
        if (play(t, &t->methods[i], number, model, &s, &err) != CONFORMAL_OK)
            status = say_failure(c, NULL, &err);
    t->n_test = s.test.rows;
    conformal_pursuit_model_free(model);
    pursuit_split_free(&s);
    return status;
}

/* ------------------------------------------------------------------ the report */

/* Mean of n numbers, and its standard error; NaN for one number. */
static double mean(const double *x, size_t n, double *error)
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    sum /= (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - sum) * (x[i] - sum);
    *error = n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : (double)NAN;
    return sum;
}

static void report_curve(conformal_report *r, const char *name, const double *x,
                         const contest *t)
{
    conformal_report_begin_array(r, name);
    for (size_t k = 1; k <= t->length; k++)
        conformal_report_number(r, NULL, x[k] / (double)t->splits);
    conformal_report_end_array(r);
}

static void report_method(conformal_report *r, const contest *t, const method *m)
{
    double error, auc = mean(m->auc, t->splits, &error), splits = (double)t->splits;
    conformal_report_begin_object(r, NULL);
    conformal_report_text(r, "method", m->name);
    conformal_report_number(r, "auc", auc);
    conformal_report_number(r, "auc_se", error);
    conformal_report_number(r, "queries_mean", m->queries / splits);
    conformal_report_number(r, "accuracy_stop", m->accuracy_stop / splits);
    conformal_report_number(r, "coverage_stop", m->coverage_stop / splits);
    conformal_report_number(r, "size_stop", m->size_stop / splits);
    conformal_report_number(r, "coverage_all", m->coverage_any / splits);
    conformal_report_begin_array(r, "k");
    for (size_t k = 1; k <= t->length; k++)
        conformal_report_unsigned(r, NULL, k);
    conformal_report_end_array(r);
    for (size_t j = 0; j < N_CURVES; j++)
        report_curve(r, curve_names[j], m->curves[j], t);
    conformal_report_end_object(r);
}

/* Against ip if it is there, else against the first; split by split, as they share rows. */
static int report_differences(const call *c, conformal_report *r, const contest *t)
{
    size_t base = 0;
    double *d = malloc(t->splits * sizeof *d), error;
    if (d == NULL) {
        say_error(c, "out of memory");
        return EXIT_MEMORY;
    }
    for (size_t i = t->n_methods; i-- > 0;)
        base = strcmp(t->methods[i].name, "ip") == 0 ? i : base;
    conformal_report_begin_array(r, "differences");
    for (size_t i = 0; i < t->n_methods; i++) {
        if (i == base)
            continue;
        for (size_t s = 0; s < t->splits; s++)
            d[s] = t->methods[i].auc[s] - t->methods[base].auc[s];
        double auc = mean(d, t->splits, &error);
        conformal_report_begin_object(r, NULL);
        conformal_report_text(r, "method", t->methods[i].name);
        conformal_report_text(r, "reference", t->methods[base].name);
        conformal_report_number(r, "auc", auc);
        conformal_report_number(r, "se", error);
        conformal_report_end_object(r);
    }
    conformal_report_end_array(r);
    free(d);
    return EXIT_DONE;
}

static int finish(const call *c, contest *t, record *rec)
{
    uint64_t n = t->data.rows;
    conformal_report *r = out_new_report(c);
    if (r == NULL)
        return EXIT_MEMORY;
    conformal_report_unsigned(r, "n", n);
    conformal_report_number(r, "alpha", t->o->alpha);
    conformal_report_unsigned(r, "seed", rec->seed);
    conformal_report_unsigned(r, "classes", t->data.n_classes);
    conformal_report_unsigned(r, "queries", t->data.n_queries);
    conformal_report_unsigned(r, "splits", t->splits);
    conformal_report_unsigned(r, "test_rows", t->n_test);
    conformal_report_begin_array(r, "methods");
    for (size_t i = 0; i < t->n_methods; i++)
        report_method(r, t, &t->methods[i]);
    conformal_report_end_array(r);
    int status = report_differences(c, r, t);
    if (status == EXIT_DONE && (status = record_begin(c, rec, &n)) == EXIT_DONE &&
        (t->data.oracle.name == NULL ||
         (status = record_input(c, rec, "oracle", &t->data.oracle)) == EXIT_DONE) &&
        (t->data.file.name == NULL ||
         (status = record_input(c, rec, "data", &t->data.file)) == EXIT_DONE) &&
        (status = record_results(c, rec, r)) == EXIT_DONE &&
        (status = record_finish(c, rec)) == EXIT_DONE)
        status = out_report(c, r, EXIT_DONE);
    conformal_report_free(r);
    return status;
}

static void contest_free(contest *t)
{
    for (size_t i = 0; i < t->n_methods; i++) {
        for (int j = 0; j < N_CURVES; j++)
            free(t->methods[i].curves[j]);
        free(t->methods[i].auc);
    }
    free(t->scratch);
    pursuit_free(&t->data);
}

static int run(const call *c)
{
    const pursuit_options *o = c->options;
    contest t = {.o = o, .splits = (size_t)o->splits.value};
    record rec;
    if (o->splits.value < 1 || o->splits.value > 100000)
        return say_usage(c, "--splits must be in 1 .. 100000");
    int status = record_open(c, false, false, &rec);
    if (status != EXIT_DONE)
        return status;
    uint64_t seed = record_seed(c, &rec);
    bool from_file = c->n_operands > 0 || o->oracle == NULL;
    if ((status = list_methods(c, o, seed, &t)) == EXIT_DONE &&
        (status = pursuit_read(c, o, in_operand(c, 0), from_file, seed, &t.data)) == EXIT_DONE &&
        (status = provider_open(c, o, &t.data)) == EXIT_DONE) {
        size_t most = o->most.value == 0 ? 20 : (size_t)o->most.value;
        t.length = most < t.data.n_queries ? most : t.data.n_queries;
        status = reserve(c, &t);
        for (size_t s = 0; s < t.splits && status == EXIT_DONE; s++)
            status = play_split(c, &t, seed, s);
        if (status == EXIT_DONE)
            status = finish(c, &t, &rec);
    }
    record_close(&rec);
    contest_free(&t);
    return status;
}

static const opt table[] = {
    PURSUIT_OPTION(OPT_TEXT, methods, "methods", "LIST",
                   "methods to compare (default random,ip,ip+ts,cip,cip:last)", NULL),
    PURSUIT_OPTION(OPT_COUNT, splits, "splits", "N", "random divisions of the rows (default 20)",
                   NULL),
    PURSUIT_POLICY_OPTIONS,
    PURSUIT_DATA_OPTIONS,
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END};

const command cmd_pursue_evaluate = {
    "pursue evaluate",
    "[FILE]",
    "Compare ways to choose the next question",
    "Each row of FILE is a case: its class, and its answer to every query. On random divisions\n"
    "of the rows a model is fitted, policies are calibrated, and the remaining cases are played.\n"
    "accuracy, hit, set_size and coverage are those after k queries; auc is the mean accuracy.\n"
    "A method is random, fixed, ip, lookahead or cip, refined by :OBJECTIVE (size,\n"
    "size-nonempty, logsize, fano, fano-local, pvalues, paper-code), by :last or :chain (whose\n"
    "threshold), by :aps, and by +ts (a temperature per length).",
    "  conformal pursue evaluate --label type --drop animal zoo.csv\n"
    "  conformal pursue evaluate --oracle animals.csv --flip 0.1 --methods ip,cip:last",
    table,
    sizeof(pursuit_options),
    &pursuit_defaults,
    0,
    1,
    run};
