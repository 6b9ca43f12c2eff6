/* pursuit.c - information pursuit beside NumPy.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   pursuit [PYTHON PEERS [TEXT]]
 *
 * PYTHON has NumPy, PEERS is the folder of pursuit_numpy.py (without them: no peer), TEXT
 * selects the jobs that have it in their title. Both sides make the same table, rows and chains
 * from the same numbers; medians, ratios (peer / ours), and whether the answers agree. Python
 * times itself: its start does not count. A goal that is missed is said, not failed. */
#define _DEFAULT_SOURCE /* popen */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <conformal.h>

#define ALPHA 0.1
#define FLIP 0.1
enum { RUNS = 9, ANSWERS = 3, MOST_PEERS = 2, LENGTH = 20, BEFORE = 3 };

typedef struct job {
    const char *title;
    size_t classes, queries, rows; /* rows of each split */
    bool replay;                   /* calibrate, else one step */
    conformal_pursuit_selector selector;
    double goal; /* seconds */
    const char *peers[MOST_PEERS]; /* functions of pursuit_numpy.py */
} job;

static const job jobs[] = {
    {"one step, ip", 20, 85, 200, false, CONFORMAL_PURSUIT_IP, 20e-6, {"plain", "tables"}},
    {"one step, cip", 20, 85, 200, false, CONFORMAL_PURSUIT_CIP, 20e-6, {"plain", "tables"}},
    {"one step, ip", 1000, 1000, 20, false, CONFORMAL_PURSUIT_IP, 15e-3, {"plain", "tables"}},
    {"one step, cip", 1000, 1000, 20, false, CONFORMAL_PURSUIT_CIP, 15e-3, {"plain", "tables"}},
    {"calibration and replay, ip", 20, 85, 500, true, CONFORMAL_PURSUIT_IP, 1.0, {"plain"}},
    {"calibration and replay, cip", 20, 85, 500, true, CONFORMAL_PURSUIT_CIP, 1.0, {"plain"}},
};

static void must(conformal_status status, const conformal_error *err)
{
    if (status == CONFORMAL_OK)
        return;
    fprintf(stderr, "pursuit: %s\n", err->message);
    exit(1);
}

static void *memory(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL) {
        fprintf(stderr, "pursuit: no memory for %zu numbers\n", n);
        exit(1);
    }
    return p;
}

/* Park & Miller's generator, the same in Python and C, to the last bit. */
static double uniform(uint64_t *state)
{
    *state = 16807 * *state % 2147483647;
    return (double)*state / 2147483647.0;
}

/* ------------------------------------------------------------------ problems */

typedef struct problem {
    double *yes;
    int32_t *answers[2], *labels[2], *chains;
    conformal_pursuit_model *model;
    conformal_pursuit_policy *policy;   /* one step: calibrated on the first split */
    conformal_pursuit_session *session; /* after BEFORE answers */
    conformal_pursuit_table splits[2];
    conformal_pursuit_options options;
} problem;

static void make_rows(const job *j, problem *p, size_t split, uint64_t *state)
{
    size_t queries = j->queries;
    p->answers[split] = memory(j->rows * queries, sizeof(int32_t));
    p->labels[split] = memory(j->rows, sizeof(int32_t));
    for (size_t i = 0; i < j->rows; i++) {
        size_t y = (size_t)(uniform(state) * (double)j->classes);
        p->labels[split][i] = (int32_t)y;
        for (size_t q = 0; q < queries; q++)
            p->answers[split][i * queries + q] =
                (p->yes[y * queries + q] > 0.5) != (uniform(state) < FLIP);
    }
    conformal_pursuit_table table = CONFORMAL_PURSUIT_TABLE_INIT;
    table.rows = j->rows;
    table.queries = queries;
    table.answers = p->answers[split];
    table.labels = p->labels[split];
    p->splits[split] = table;
}

static void make_chains(const job *j, problem *p, uint64_t *state)
{
    size_t queries = j->queries;
    p->chains = memory(j->rows * queries, sizeof *p->chains);
    for (size_t i = 0; i < j->rows; i++) {
        int32_t *chain = p->chains + i * queries;
        for (size_t q = 0; q < queries; q++)
            chain[q] = (int32_t)q;
        for (size_t q = queries; q-- > 1;) {
            size_t other = (size_t)(uniform(state) * (double)(q + 1));
            int32_t swap = chain[q];
            chain[q] = chain[other];
            chain[other] = swap;
        }
    }
}

static void prepare(const job *j, problem *p)
{
    conformal_pursuit_options o = CONFORMAL_PURSUIT_INIT;
    conformal_error err;
    uint64_t state = 20250703;
    memset(p, 0, sizeof *p);
    p->yes = memory(j->classes * j->queries, sizeof *p->yes);
    for (size_t i = 0; i < j->classes * j->queries; i++)
        p->yes[i] = uniform(&state) < 0.4;
    make_rows(j, p, 0, &state);
    make_rows(j, p, 1, &state);
    make_chains(j, p, &state);
    must(conformal_pursuit_oracle(p->yes, j->classes, j->queries, FLIP, NULL, NULL, &p->model,
                                  &err),
         &err);
    o.selector = j->selector;
    o.alpha = ALPHA;
    o.max_length = LENGTH;
    p->options = o;
    if (j->replay)
        return;
    must(conformal_pursuit_policy_create(&o, p->model, &p->splits[0], NULL, p->chains,
                                         &p->policy, &err),
         &err);
    must(conformal_pursuit_open(p->policy, 0, &p->session, &err), &err);
    for (int32_t q = 0; q < BEFORE; q++)
        must(conformal_pursuit_answer_query(p->session, q, p->answers[1][q], &err), &err);
}

static void tidy(problem *p)
{
    conformal_pursuit_close(p->session);
    conformal_pursuit_policy_free(p->policy);
    conformal_pursuit_model_free(p->model);
    free(p->chains);
    for (size_t split = 0; split < 2; split++) {
        free(p->labels[split]);
        free(p->answers[split]);
    }
    free(p->yes);
}

static void work(const job *j, const problem *p, double *answer)
{
    conformal_error err;
    if (!j->replay) {
        conformal_pursuit_choice c;
        must(conformal_pursuit_next(p->session, &c, NULL, NULL, &err), &err);
        answer[0] = c.query;
        answer[1] = c.objective;
        answer[2] = c.sd;
        return;
    }
    conformal_pursuit_policy *policy;
    must(conformal_pursuit_policy_create(&p->options, p->model, &p->splits[0], &p->splits[1],
                                         p->chains, &policy, &err),
         &err);
    conformal_pursuit_calibration c = conformal_pursuit_calibration_of(policy);
    answer[0] = c.stop;
    answer[1] = c.any;
    answer[2] = c.mean_length;
    conformal_pursuit_policy_free(policy);
}

/* ------------------------------------------------------------------ measuring */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(const job *j, const problem *p, size_t repeats, double *answer)
{
    double start = now();
    for (size_t i = 0; i < repeats; i++)
        work(j, p, answer);
    return (now() - start) / (double)repeats;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_time(const char *name, double s)
{
    double scale = s < 1e-3 ? 1e6 : s < 1.0 ? 1e3 : 1.0;
    const char *unit = s < 1e-3 ? "us" : s < 1.0 ? "ms" : "s ";
    printf("  %-32s %9.2f %s", name, s * scale, unit);
}

static double measure(const job *j, double *ours)
{
    double s[RUNS];
    problem p;
    prepare(j, &p);
    double once = seconds(j, &p, 1, ours);
    size_t repeats = once < 0.02 ? (size_t)(0.02 / fmax(once, 1e-7)) + 1 : 1;
    for (size_t i = 0; i < RUNS; i++)
        s[i] = seconds(j, &p, repeats, ours);
    qsort(s, RUNS, sizeof *s, by_value);
    tidy(&p);
    print_time("conformal", s[RUNS / 2]);
    printf("  goal %g ms: %s\n", 1e3 * j->goal, s[RUNS / 2] <= j->goal ? "met" : "MISSED");
    return s[RUNS / 2];
}

static void measure_peer(const job *j, const char *function, const char *python,
                         const char *peers, const double *ours, double our_seconds)
{
    char command[4096], name[64];
    double s, theirs[ANSWERS];
    bool same = true;
    snprintf(command, sizeof command, "%s '%s/pursuit_numpy.py' %s %s %s %zu %zu %zu", python,
             peers, j->replay ? "replay" : "step", function,
             j->selector == CONFORMAL_PURSUIT_CIP ? "cip" : "ip", j->classes, j->queries, j->rows);
    snprintf(name, sizeof name, "NumPy, %s", function);
    FILE *f = popen(command, "r");
    bool read =
        f != NULL && fscanf(f, "%lf%lf%lf%lf", &s, theirs, theirs + 1, theirs + 2) == 4;
    while (f != NULL && fgetc(f) != EOF)
        continue; /* a pipe closed too early would end Python by a signal */
    if (f == NULL || pclose(f) != 0 || !read) {
        printf("  %s: failed\n", name);
        return;
    }
    for (size_t i = 0; i < ANSWERS; i++)
        same = same && fabs(ours[i] - theirs[i]) <= 1e-9 * fabs(theirs[i]);
    print_time(name, s);
    printf(" %10.4g x  %s\n", s / our_seconds, same ? "same answer" : "ANSWERS DIFFER:");
    for (size_t i = 0; i < ANSWERS && !same; i++)
        printf("    %.17g, not %.17g\n", ours[i], theirs[i]);
}

int main(int argc, char **argv)
{
    const char *python = argc > 2 ? argv[1] : NULL, *text = argc > 3 ? argv[3] : "";
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        const job *j = &jobs[i];
        double ours[ANSWERS];
        if (strstr(j->title, text) == NULL)
            continue;
        printf(" %s, %zu classes, %zu queries, %zu rows a split\n", j->title, j->classes,
               j->queries, j->rows);
        double s = measure(j, ours);
        for (size_t k = 0; k < MOST_PEERS && j->peers[k] != NULL && python != NULL; k++)
            measure_peer(j, j->peers[k], python, argv[2], ours, s);
        fflush(stdout);
    }
    return 0;
}
