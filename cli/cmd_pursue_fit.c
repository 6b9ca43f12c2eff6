/* cmd_pursue_fit.c - conformal pursue fit and show: a policy into the store, and a look at it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "out.h"
#include "pursuit.h"
#include "record.h"
#include "say.h"

/* ------------------------------------------------------------------ what a policy is */

static void report_lengths(conformal_report *r, const conformal_pursuit_calibration *k)
{
    conformal_report_begin_array(r, "lengths");
    for (size_t i = 0; i <= k->max_length; i++) {
        conformal_report_begin_object(r, NULL);
        conformal_report_unsigned(r, "k", i);
        conformal_report_number(r, "gamma", k->gamma[i]);
        conformal_report_number(r, "tau", k->tau[i]);
        conformal_report_number(r, "c", k->step[i]);
        conformal_report_end_object(r);
    }
    conformal_report_end_array(r);
}

/* The first questions: what is asked first, and after each answer to it. */
static conformal_status report_tree(conformal_report *r, const pursuit_expert *e,
                                    conformal_error *err)
{
    const pursuit_data *d = &e->data;
    conformal_pursuit_session *s;
    conformal_pursuit_choice first, next;
    conformal_status status = conformal_pursuit_open(e->policy, 0, &s, err);
    if (status != CONFORMAL_OK)
        return status;
    status = conformal_pursuit_next(s, &first, NULL, NULL, err);
    bool any = status == CONFORMAL_OK && first.query >= 0;
    conformal_report_text(r, "first", any ? d->queries[first.query] : NULL);
    conformal_report_begin_array(r, "then");
    for (size_t a = 0; any && status == CONFORMAL_OK &&
                       a < conformal_dictionary_size(d->answers[first.query]); a++) {
        status = conformal_pursuit_answer_query(s, first.query, (int32_t)a, err);
        if (status == CONFORMAL_ECORRUPT) { /* no class answers so */
            status = CONFORMAL_OK;
            continue;
        }
        if (status != CONFORMAL_OK ||
            (status = conformal_pursuit_next(s, &next, NULL, NULL, err)) != CONFORMAL_OK)
            break;
        conformal_pursuit_state state = conformal_pursuit_state_of(s);
        conformal_report_begin_object(r, NULL);
        conformal_report_text(r, "answer",
                              conformal_dictionary_names(d->answers[first.query])[a]);
        conformal_report_text(r, "best", d->classes[state.best]);
        conformal_report_number(r, "p", state.p[state.best]);
        conformal_report_number(r, "entropy_bits", state.entropy);
        conformal_report_bool(r, "stop", next.stop);
        conformal_report_text(r, "query", next.query >= 0 ? d->queries[next.query] : NULL);
        conformal_report_end_object(r);
        status = conformal_pursuit_undo(s, err);
    }
    conformal_report_end_array(r);
    conformal_pursuit_close(s);
    return status;
}

static int report_expert(const call *c, conformal_report *r, const pursuit_expert *e,
                         const char *name)
{
    conformal_pursuit_calibration k = conformal_pursuit_calibration_of(e->policy);
    conformal_error err;
    conformal_report_unsigned(r, "n", e->split.train.rows + k.n_first + k.n_second);
    conformal_report_number(r, "alpha", e->o.alpha);
    conformal_report_unsigned(r, "seed", e->seed);
    conformal_report_text(r, "name", name);
    conformal_report_text(r, "model", e->data.yes != NULL ? "oracle" : e->o.model);
    conformal_report_text(r, "method", e->o.method);
    conformal_report_text(r, "stop", e->o.stop);
    conformal_report_unsigned(r, "classes", e->data.n_classes);
    conformal_report_unsigned(r, "queries", e->data.n_queries);
    conformal_report_unsigned(r, "fitted", e->split.train.rows);
    conformal_report_unsigned(r, "n_first", k.n_first);
    conformal_report_unsigned(r, "n_second", k.n_second);
    conformal_report_number(r, "queries_mean", k.mean_length);
    conformal_report_number(r, "coverage", 1.0 - e->o.alpha);
    conformal_report_number(r, "c_stop", k.stop);
    conformal_report_number(r, "c_any", k.any);
    report_lengths(r, &k);
    return report_tree(r, e, &err) == CONFORMAL_OK ? EXIT_DONE : say_failure(c, NULL, &err);
}

/* ------------------------------------------------------------------ fit */

static int keep(const call *c, const pursuit_expert *e, record *rec, const char *name,
                const conformal_report *r)
{
    uint64_t n = e->data.rows;
    int status = record_begin(c, rec, &n);
    if (status == EXIT_DONE && e->data.oracle.name != NULL)
        status = record_input(c, rec, "oracle", &e->data.oracle);
    if (status == EXIT_DONE && e->data.file.name != NULL)
        status = record_input(c, rec, "data", &e->data.file);
    if (status == EXIT_DONE && (status = record_results(c, rec, r)) == EXIT_DONE &&
        (status = pursuit_keep(c, e, rec, name)) == EXIT_DONE)
        status = record_finish(c, rec);
    return status;
}

static int run_fit(const call *c)
{
    const pursuit_options *o = c->options;
    const char *name = o->name != NULL ? o->name : "policy";
    pursuit_expert e;
    record rec;
    conformal_report *r = NULL;
    memset(&e, 0, sizeof e);
    if (name[0] == '\0')
        return say_usage(c, "--name must not be empty");
    int status = record_open(c, true, false, &rec);
    if (status == EXIT_DONE)
        status = pursuit_expert_make(c, o, &rec, &e);
    if (status == EXIT_DONE)
        status = (r = out_new_report(c)) != NULL ? report_expert(c, r, &e, name) : EXIT_MEMORY;
    if (status == EXIT_DONE && (status = keep(c, &e, &rec, name, r)) == EXIT_DONE) {
        say_note(c, "kept as '%s' in %s", name, rec.path);
        status = out_report(c, r, EXIT_DONE);
    }
    conformal_report_free(r);
    record_close(&rec);
    pursuit_expert_free(&e);
    return status;
}

static const opt fit_table[] = {
    PURSUIT_NAME_OPTION("keep the policy under this name (default policy)"),
    PURSUIT_METHOD_OPTIONS,
    PURSUIT_POLICY_OPTIONS,
    PURSUIT_DATA_OPTIONS,
    COMMON_STORE_OPTIONS,
    COMMON_INPUT_OPTIONS,
    COMMON_OUTPUT_OPTIONS,
    OPTIONS_END};

const command cmd_pursue_fit = {
    "pursue fit",
    "[FILE]",
    "Fit a model and calibrate a policy, and keep them",
    "Cases of FILE, or of --oracle, are divided: some fit the model, some calibrate by what the\n"
    "policy chooses, and some are replayed to calibrate what it reports. The policy is kept in\n"
    "the store (default conformal.db) for pursue play, serve and show.",
    "  conformal pursue fit --label type --drop animal --name zoo zoo.csv\n"
    "  conformal pursue fit --oracle animals.csv --flip 0.1 --queries questions.csv",
    fit_table,
    sizeof(pursuit_options),
    &pursuit_defaults,
    0,
    1,
    run_fit};

/* ------------------------------------------------------------------ show */

static int run_show(const call *c)
{
    const pursuit_options *o = c->options;
    pursuit_expert e;
    record rec;
    conformal_error err;
    conformal_report *r = NULL;
    memset(&e, 0, sizeof e);
    int status = record_open(c, true, true, &rec);
    if (status == EXIT_DONE && (r = out_new_report(c)) == NULL)
        status = EXIT_MEMORY;
    if (status == EXIT_DONE && o->name == NULL &&
        conformal_store_list_policies(rec.store, r, &err) != CONFORMAL_OK)
        status = say_failure(c, NULL, &err);
    else if (status == EXIT_DONE && o->name != NULL &&
             (status = pursuit_expert_make(c, o, &rec, &e)) == EXIT_DONE)
        status = report_expert(c, r, &e, o->name);
    if (status == EXIT_DONE)
        status = out_report(c, r, EXIT_DONE);
    conformal_report_free(r);
    record_close(&rec);
    pursuit_expert_free(&e);
    return status;
}

static const opt show_table[] = {PURSUIT_NAME_OPTION("which policy (default: a list of them)"),
                                 COMMON_STORE_OPTIONS, COMMON_OUTPUT_OPTIONS, OPTIONS_END};

const command cmd_pursue_show = {
    "pursue show",
    "",
    "Show a policy: thresholds, what is promised, the first questions",
    "Per number of answers k: the inverse temperature gamma, the threshold tau, and the\n"
    "multiplier c for which {classes of probability >= c tau} holds the truth with probability\n"
    "1 - alpha; c_stop at the stop, c_any after every question at once.",
    "  conformal pursue show\n"
    "  conformal pursue show --name zoo",
    show_table,
    sizeof(pursuit_options),
    &pursuit_defaults,
    0,
    0,
    run_show};
