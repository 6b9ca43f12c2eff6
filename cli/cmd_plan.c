/* cmd_plan.c - conformal plan: calibration size and coverage.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "out.h"
#include "say.h"

typedef struct options {
    common_options common;
    opt_count n, test_rows, covered;
    double alpha, margin, confidence, delta;
    const char *side;
} options;

static const char *const sides[] = {"both", "lower", NULL};

static const opt table[] = {
    {OPT_REAL, 'a', "alpha", offsetof(options, alpha), "A", "miscoverage level (default 0.1)",
     NULL},
    {OPT_COUNT, 'n', "n", offsetof(options, n), "N", "calibration rows", NULL},
    {OPT_REAL, 0, "margin", offsetof(options, margin), "M",
     "find the smallest n that keeps coverage this near to 1 - alpha", NULL},
    {OPT_REAL, 0, "confidence", offsetof(options, confidence), "C",
     "with --margin: in this share of calibration sets (default 0.95)", NULL},
    {OPT_CHOICE, 0, "side", offsetof(options, side), "S",
     "with --margin: which deviations count (default both)", sides},
    {OPT_REAL, 0, "delta", offsetof(options, delta), "D",
     "also the rank that covers 1 - alpha in all but a share D of calibration sets", NULL},
    {OPT_COUNT, 0, "test-rows", offsetof(options, test_rows), "M",
     "with --covered: was an observed coverage bad luck or a bug?", NULL},
    {OPT_COUNT, 0, "covered", offsetof(options, covered), "K", "of the test rows", NULL},
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END,
};

static int check(const call *c, const options *o)
{
    bool sized = !isnan(o->margin);
    if (!o->n.given && !sized)
        return say_usage(c,
                         "--n N says how many calibration rows there are; --margin M asks how "
                         "many are needed");
    if (o->n.given && sized)
        return say_usage(c, "--n and --margin exclude each other");
    if (o->test_rows.given != o->covered.given)
        return say_usage(c, "--test-rows and --covered go together");
    if (sized && !(o->margin > 0.0 && o->margin < 1.0))
        return say_usage(c, "--margin must be between 0 and 1, both excluded");
    if (!(o->confidence > 0.0 && o->confidence < 1.0))
        return say_usage(c, "--confidence must be between 0 and 1, both excluded");
    if (!isnan(o->delta) && !(o->delta > 0.0 && o->delta < 1.0))
        return say_usage(c, "--delta must be between 0 and 1, both excluded");
    if (!(o->alpha >= 0.0 && o->alpha <= 1.0))
        return say_usage(c, "alpha must be between 0 and 1");
    if (sized && (o->alpha == 0.0 || o->alpha == 1.0))
        return say_usage(c, "with --margin alpha must be between 0 and 1, both excluded");
    if (o->test_rows.given &&
        (o->test_rows.value == 0 || o->covered.value > o->test_rows.value))
        return say_usage(c, "--covered must be at most --test-rows, and those at least 1");
    if (o->n.value > UINT64_C(1) << 53)
        return say_usage(c, "--n must be at most 2^53");
    return EXIT_DONE;
}

static conformal_status fill(const options *o, conformal_report *r, conformal_error *err)
{
    conformal_coverage_law law;
    conformal_status status = CONFORMAL_OK;
    size_t n = (size_t)o->n.value;
    conformal_plan_side side = o->side[0] == 'l' ? CONFORMAL_PLAN_LOWER : CONFORMAL_PLAN_BOTH;
    if (!isnan(o->margin))
        status = conformal_plan_size(o->alpha, o->margin, o->confidence, side, &n, err);
    if (status != CONFORMAL_OK ||
        (status = conformal_plan_law(n, o->alpha, &law, err)) != CONFORMAL_OK)
        return status;
    conformal_report_unsigned(r, "n", n);
    conformal_report_number(r, "alpha", o->alpha);
    conformal_report_unsigned(r, "rank", law.rank);
    conformal_report_number(r, "mean", law.mean);
    conformal_report_number(r, "q05", law.q05);
    conformal_report_number(r, "q95", law.q95);
    if (!isnan(o->margin)) {
        conformal_report_number(r, "margin", o->margin);
        conformal_report_number(r, "confidence", o->confidence);
        conformal_report_text(r, "side", o->side);
    }
    if (!isnan(o->delta)) {
        size_t rank;
        if ((status = conformal_plan_pac_rank(n, o->alpha, o->delta, &rank, err)) !=
            CONFORMAL_OK)
            return status;
        conformal_report_number(r, "delta", o->delta);
        conformal_report_unsigned(r, "pac_rank", rank);
    }
    if (o->test_rows.given) {
        double p;
        if ((status = conformal_plan_test(n, o->alpha, (size_t)o->test_rows.value,
                                          (size_t)o->covered.value, &p, err)) != CONFORMAL_OK)
            return status;
        conformal_report_unsigned(r, "test_rows", o->test_rows.value);
        conformal_report_unsigned(r, "covered", o->covered.value);
        conformal_report_number(r, "p_value", p);
    }
    return CONFORMAL_OK;
}

static int run(const call *c)
{
    const options *o = c->options;
    conformal_error err;
    int status = check(c, o);
    if (status != EXIT_DONE)
        return status;
    conformal_report *r = out_new_report(c);
    if (r == NULL)
        return EXIT_MEMORY;
    if (fill(o, r, &err) != CONFORMAL_OK) {
        say_failure(c, NULL, &err);
        status = EXIT_USAGE; /* only the options can be at fault */
    } else {
        status = out_report(c, r, EXIT_DONE);
    }
    conformal_report_free(r);
    return status;
}

static const options defaults = {.alpha = 0.1, .margin = (double)NAN, .confidence = 0.95,
                                 .delta = (double)NAN, .side = "both"};

const command cmd_plan = {"plan",
                          "",
                          "Plan the calibration size, or the coverage to expect from one",
                          "Given one calibration set of n rows, the coverage of the next rows "
                          "has a Beta law: its mean,\n"
                          "5 % and 95 % points are printed. With --margin, the smallest n "
                          "whose coverage is within the\n"
                          "margin of 1 - alpha in the given share of calibration sets.",
                          "  conformal plan --n 1000 --alpha 0.1\n"
                          "  conformal plan --alpha 0.1 --margin 0.02 --confidence 0.95",
                          table,
                          sizeof(options),
                          &defaults,
                          0,
                          0,
                          run};
