/* batch.c - batch predictive inference beside the plain formulas, in C and in R.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   batch [PEERS [TEXT]]
 *
 * PEERS is the folder of batch_plain.R (without it: C only), TEXT selects the jobs that have
 * it in their title. Both sides of a job run in turn (A B A B ...) on the same numbers;
 * medians, the median of the ratios pair by pair (peer / ours), and whether the answers agree.
 * R times itself: its start does not count. A goal that is missed is said, not failed. */
#define _DEFAULT_SOURCE /* popen */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <conformal.h>

#include "batch_peer.h"

#define ALPHA 0.1
enum { RUNS = 9, ANSWERS = 3, MOST_SCORES = 200000, SETS = 1000 };

typedef enum data { UNIFORM, EXPONENTIAL, STEPS } data;

typedef struct job job;
typedef void work(const job *j, double *answer);

typedef struct r_peer {
    const char *function; /* in batch_plain.R */
    const char *name;
} r_peer;

struct job {
    const char *title;
    size_t n, m;
    double goal; /* seconds; 0: none */
    work *ours, *peer;
    const char *peer_name; /* peer NULL: and why it is not run */
    r_peer r[2];
    data scores;
    conformal_batch_engine engine;
    conformal_batch_statistic statistic;
    conformal_batch_region region;
    double tolerance; /* of the answers, relative; 0: 1e-9 */
};

static double scores[MOST_SCORES];

static void must(conformal_status status, const conformal_error *err)
{
    if (status == CONFORMAL_OK)
        return;
    fprintf(stderr, "batch: %s\n", err->message);
    exit(1);
}

static void set(double *answer, double a, double b, double c)
{
    answer[0] = a;
    answer[1] = b;
    answer[2] = c;
}

/* ------------------------------------------------------------------ the jobs */

static void order_ours(const job *j, double *answer)
{
    conformal_error err;
    size_t k;
    double coverage;
    must(conformal_batch_order_rank(j->n, j->m, j->m / 2, ALPHA, CONFORMAL_BATCH_UPPER, &k,
                                    &coverage, &err),
         &err);
    set(answer, (double)k, coverage, 0.0);
}

static void order_peer(const job *j, double *answer)
{
    answer[0] = (double)peer_order_rank(j->n, j->m, j->m / 2, ALPHA, &answer[1]);
}

static void pair_ours(const job *j, double *answer)
{
    conformal_error err;
    size_t z[2] = {(j->m + 3) / 4, (3 * j->m + 3) / 4}, p, q;
    double coverage;
    must(conformal_batch_pair_ranks(j->n, j->m, z[0], z[1], ALPHA, j->region, NULL, &p, &q,
                                    &coverage, &err),
         &err);
    set(answer, (double)p, (double)q, coverage);
}

static void pair_peer(const job *j, double *answer)
{
    size_t z[2] = {(j->m + 3) / 4, (3 * j->m + 3) / 4}, p, q;
    double coverage;
    peer_pair_ranks(j->n, j->m, z, ALPHA, &p, &q, &coverage);
    set(answer, (double)p, (double)q, coverage);
}

static conformal_batch_plan *plan_of(const job *j, conformal_batch_side side)
{
    conformal_batch_options o = CONFORMAL_BATCH_INIT;
    conformal_batch_plan *plan;
    conformal_error err;
    size_t median = j->m / 2;
    o.statistic = j->statistic;
    o.side = side;
    o.alpha = ALPHA;
    o.ranks = &median;
    o.n_ranks = 1;
    o.engine = j->engine;
    o.low = 0.0;
    o.high = j->scores == EXPONENTIAL ? HUGE_VAL : 1.0;
    must(conformal_batch_plan_create(&o, &j->n, &j->m, 1, &plan, &err), &err);
    return plan;
}

static conformal_batch_bound bound_of(const conformal_batch_plan *plan, const double *s,
                                      size_t n)
{
    conformal_batch_data d = CONFORMAL_BATCH_DATA_INIT;
    conformal_batch_bound bound;
    conformal_error err;
    d.n = n;
    d.scores = s;
    must(conformal_batch_bounds(plan, &d, &bound, &err), &err);
    return bound;
}

/* From scores in any order: law, sorting, maximum. */
static void mean_ours(const job *j, double *answer)
{
    conformal_batch_plan *plan = plan_of(j, CONFORMAL_BATCH_UPPER);
    conformal_batch_promise promise = conformal_batch_plan_promise(plan);
    conformal_batch_bound bound = bound_of(plan, scores, j->n);
    set(answer, bound.upper, (double)promise.upper_budget, promise.upper_coverage);
    conformal_batch_plan_free(plan);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The bound for the budget in answer[1]. An unbounded support leaves rank n + 1 out. */
static void mean_maximum(const job *j, double *answer)
{
    static double sorted[MOST_SCORES];
    memcpy(sorted, scores, j->n * sizeof *sorted);
    qsort(sorted, j->n, sizeof *sorted, by_value);
    sorted[j->n] = 1.0;
    size_t n_ranks = j->scores == EXPONENTIAL ? j->n : j->n + 1;
    answer[0] = peer_max_sum(sorted, n_ranks, j->m, (int64_t)answer[1]) / (double)j->m;
}

static void mean_peer(const job *j, double *answer)
{
    static int32_t costs[MOST_SCORES];
    for (size_t k = 0; k <= j->n; k++)
        costs[k] = k < j->n || j->scores != EXPONENTIAL ? (int32_t)k + 1 : -1;
    answer[1] = (double)peer_cost_budget(costs, j->n, j->m, ALPHA, &answer[2]);
    mean_maximum(j, answer);
}

/* 0 to 1000: in equal steps, or squares of them. */
static const int32_t *costs_of(const job *j)
{
    static int32_t costs[MOST_SCORES];
    double n = (double)j->n;
    for (size_t k = 0; k <= j->n; k++) {
        double x = (double)k / n;
        costs[k] = (int32_t)lrint(1000.0 * (j->scores == STEPS ? x : x * x));
    }
    return costs;
}

static void cost_ours(const job *j, double *answer)
{
    conformal_error err;
    int64_t budget;
    double coverage;
    must(conformal_batch_cost_sum(costs_of(j), j->n, j->m, ALPHA, NULL, &budget, &coverage,
                                  &err),
         &err);
    set(answer, (double)budget, coverage, 0.0);
}

static void cost_peer(const job *j, double *answer)
{
    answer[0] = (double)peer_cost_budget(costs_of(j), j->n, j->m, ALPHA, &answer[1]);
}

/* As many calibration sets, one after the other; the sums of their bounds. */
static void many_sets(const job *j, bool each, double *answer)
{
    conformal_batch_plan *plan = plan_of(j, CONFORMAL_BATCH_BOTH);
    set(answer, 0.0, 0.0, 0.0);
    for (size_t s = 0; s < SETS; s++) {
        if (each && s > 0) {
            conformal_batch_plan_free(plan);
            plan = plan_of(j, CONFORMAL_BATCH_BOTH);
        }
        conformal_batch_bound b = bound_of(plan, scores + s * j->n, j->n);
        answer[0] += b.lower;
        answer[1] += b.upper;
    }
    conformal_batch_plan_free(plan);
}

static void reuse_ours(const job *j, double *answer)
{
    many_sets(j, false, answer);
}

static void reuse_peer(const job *j, double *answer)
{
    many_sets(j, true, answer);
}

#define MEAN .ours = mean_ours, .statistic = CONFORMAL_BATCH_MEAN
#define PLAIN_SUM .peer = order_peer, .peer_name = "C, sum of terms by lgamma"
#define PLAIN_PAIR .peer = pair_peer, .peer_name = "C, double sum"
#define PLAIN_MEAN .peer = mean_peer, .peer_name = "C, plain law and maximum"
#define PLAIN_COST .peer = cost_peer, .peer_name = "C, knapsack"
#define EACH_TIME .peer = reuse_peer, .peer_name = "a plan each time"

static const job jobs[] = {
    {"median's rank", 1000, 50, .ours = order_ours, PLAIN_SUM,
     .r = {{"order_loop", "R, loop over choose()"},
           {"order_phyper", "R, bisecting phyper()"}}},
    {"median's rank", 1000000, 1000, 5e-3, order_ours, PLAIN_SUM, .tolerance = 1e-6,
     .r = {{"order_vector", "R, cumsum of lchoose()"},
           {"order_phyper", "R, bisecting phyper()"}}},
    {"quartiles, equal tails", 500, 50, 1e-3, pair_ours, PLAIN_PAIR,
     .r = {{"pair", "R, outer() of lchoose()"}}},
    {"quartiles, shortest region", 500, 50, 1e-3, pair_ours, .peer_name = "C: not run",
     .region = CONFORMAL_BATCH_SHORTEST},
    {"mean, uniform scores", 50, 10, MEAN, PLAIN_MEAN, .r = {{"mean", "R, vectors"}}},
    {"mean, uniform scores", 200, 10, MEAN, PLAIN_MEAN, .r = {{"mean", "R, vectors"}}},
    {"mean, uniform scores", 200, 50, MEAN, PLAIN_MEAN, .r = {{"mean", "R, vectors"}}},
    {"mean, exponential scores, cap", 1000, 50, MEAN, PLAIN_MEAN, .scores = EXPONENTIAL},
    {"mean, uniform scores", 1000, 200, 15e-3, MEAN, .peer = mean_maximum,
     .peer_name = "C, plain maximum, no law"},
    {"mean, uniform scores", 5000, 200, 200e-3, MEAN, .engine = CONFORMAL_BATCH_EXACT,
     .peer_name = "C: not run, 5e11 steps"},
    {"mean, equal steps, worst case", 5000, 200, 200e-3, MEAN, .scores = STEPS,
     .engine = CONFORMAL_BATCH_EXACT, .peer_name = "C: not run, 5e11 steps"},
    {"mean, uniform scores, hull", 100000, 1000, 100e-3, MEAN, .engine = CONFORMAL_BATCH_HULL,
     .peer_name = "C: not run, 5e15 steps"},
    {"mean, uniform scores, auto", 100000, 1000, MEAN, .peer_name = "C: not run, 5e15 steps"},
    {"costs 0, 1, .., 1000", 1000, 50, 100e-3, cost_ours, PLAIN_COST, .scores = STEPS,
     .r = {{"cost", "R, vectors"}}},
    {"costs 0, .., 1000, squares", 1000, 50, 100e-3, cost_ours, PLAIN_COST},
    {"1,000 sets, median, one plan", 200, 40, .ours = reuse_ours, EACH_TIME,
     .statistic = CONFORMAL_BATCH_ORDER},
    {"1,000 sets, mean, one plan", 200, 40, .ours = reuse_ours, EACH_TIME,
     .statistic = CONFORMAL_BATCH_MEAN},
};

/* ------------------------------------------------------------------ measuring */

static void prepare(const job *j)
{
    peer_uniform(scores, MOST_SCORES);
    for (size_t i = 0; i < MOST_SCORES && j->scores == EXPONENTIAL; i++)
        scores[i] = -log1p(-scores[i]);
    for (size_t i = 0; i < j->n && i < MOST_SCORES && j->scores == STEPS; i++)
        scores[i] = (double)(i + 1) / ((double)j->n + 1.0);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(work *f, const job *j, size_t repeats, double *answer)
{
    double start = now();
    for (size_t i = 0; i < repeats; i++)
        f(j, answer);
    return (now() - start) / (double)repeats;
}

/* Enough calls for 20 ms. */
static size_t repeats_for(double once)
{
    return once < 0.02 ? (size_t)(0.02 / fmax(once, 1e-7)) + 1 : 1;
}

static double median(const double *x, size_t n)
{
    double sorted[RUNS];
    memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, by_value);
    return n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
}

static void print_time(const char *name, double s)
{
    double scale = s < 1e-3 ? 1e6 : s < 1.0 ? 1e3 : 1.0;
    const char *unit = s < 1e-3 ? "us" : s < 1.0 ? "ms" : "s ";
    printf("  %-32s %9.2f %s", name, s * scale, unit);
}

static void print_ratio(const job *j, double ratio, const double *ours, const double *theirs)
{
    double tolerance = j->tolerance > 0.0 ? j->tolerance : 1e-9;
    bool same = true;
    for (size_t i = 0; i < ANSWERS; i++)
        same = same && fabs(ours[i] - theirs[i]) <= tolerance * fabs(theirs[i]);
    printf(" %10.4g x  %s\n", ratio, same ? "same answer" : "ANSWERS DIFFER:");
    for (size_t i = 0; i < ANSWERS && !same; i++)
        printf("    %.17g, not %.17g\n", ours[i], theirs[i]);
}

/* What takes a second is measured once. */
static size_t runs_for(double once)
{
    return once < 0.3 ? RUNS : once < 1.0 ? 3 : 1;
}

static double measure_c(const job *j, double *ours)
{
    double theirs[ANSWERS], a[RUNS], b[RUNS], ratio[RUNS], once = 0.0;
    size_t repeats = repeats_for(seconds(j->ours, j, 1, ours)), runs = 0, again = 1;
    memcpy(theirs, ours, sizeof theirs);
    if (j->peer != NULL) {
        once = seconds(j->peer, j, 1, theirs);
        runs = runs_for(once);
        again = repeats_for(once);
    }
    for (size_t i = 0; i < RUNS; i++) {
        a[i] = seconds(j->ours, j, repeats, ours);
        if (i < runs) {
            b[i] = runs > 1 ? seconds(j->peer, j, again, theirs) : once;
            ratio[i] = b[i] / a[i];
        }
    }
    print_time("conformal", median(a, RUNS));
    if (j->goal > 0.0)
        printf("  goal %g ms: %s", 1e3 * j->goal,
               median(a, RUNS) <= j->goal ? "met" : "MISSED");
    putchar('\n');
    if (runs == 0) {
        printf("  %s\n", j->peer_name);
    } else {
        print_time(j->peer_name, median(b, runs));
        print_ratio(j, median(ratio, runs), ours, theirs);
    }
    return median(a, RUNS);
}

static void measure_r(const job *j, const r_peer *r, const char *peers, const double *ours,
                      double our_seconds)
{
    char command[4096];
    double s, theirs[ANSWERS];
    snprintf(command, sizeof command, "Rscript '%s/batch_plain.R' %s %zu %zu", peers,
             r->function, j->n, j->m);
    FILE *f = popen(command, "r");
    bool read =
        f != NULL && fscanf(f, "%lf%lf%lf%lf", &s, theirs, theirs + 1, theirs + 2) == 4;
    while (f != NULL && fgetc(f) != EOF)
        continue; /* a pipe closed too early would end R by a signal */
    if (f == NULL || pclose(f) != 0 || !read) {
        printf("  %s: failed\n", r->name);
        return;
    }
    print_time(r->name, s);
    print_ratio(j, s / our_seconds, ours, theirs);
}

int main(int argc, char **argv)
{
    const char *peers = argc > 1 ? argv[1] : NULL, *text = argc > 2 ? argv[2] : "";
    bool have_r = peers != NULL && system("Rscript --version > /dev/null 2>&1") == 0;
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        const job *j = &jobs[i];
        double ours[ANSWERS];
        if (strstr(j->title, text) == NULL)
            continue;
        printf(" %s, n = %zu, m = %zu\n", j->title, j->n, j->m);
        prepare(j);
        double s = measure_c(j, ours);
        for (size_t k = 0; k < 2 && j->r[k].function != NULL && have_r; k++)
            measure_r(j, &j->r[k], peers, ours, s);
        fflush(stdout);
    }
    if (!have_r)
        puts(" R: SKIPPED: Rscript was not found (Debian: r-base-core)");
    return 0;
}
