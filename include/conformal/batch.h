/* batch.h - batch predictive inference: guarantees for a whole batch of unseen outcomes.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * n calibration scores and the m scores of a batch are exchangeable. T_(1) <= .. <= T_(m) is
 * the sorted batch, S_(1) <= .. <= S_(n) the sorted calibration scores, S_(0) and S_(n+1) the
 * ends of the support. R_j = 1 + #{i: S_i < T_(j)} is the rank of T_(j); without ties the rank
 * vector R_1 <= .. <= R_m is uniform on all C(n + m, m) sorted vectors of 1..n+1, and always
 * S_(R_j - 1) <= T_(j) <= S_(R_j). Every bound here rests on these two facts only: ties make it
 * wider than it need be, never narrower, and nothing is randomised.
 *
 * A level is met when P(miss) <= alpha (1 + 1e-12): alpha is the decimal it was written as.
 * alpha = 0 gives the whole support, alpha = 1 the narrowest bound there is.
 *
 * [1] Y. Lee, E. Tchetgen Tchetgen, E. Dobriban (2024). Batch Predictive Inference.
 *     arXiv:2409.13990
 * docs/methods/batch.md names the other sources and proves what is not in [1]. */
#ifndef CONFORMAL_BATCH_H
#define CONFORMAL_BATCH_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* Which side of a statistic is bounded. */
typedef enum conformal_batch_side {
    CONFORMAL_BATCH_BOTH = 0, /* alpha / 2 on each side */
    CONFORMAL_BATCH_UPPER = 1,
    CONFORMAL_BATCH_LOWER = 2
} conformal_batch_side;

/* ------------------------------------------------------------------ rank laws */

/* conformal_batch_order_law - the law of the rank of one order statistic
 *
 *   n, m           calibration scores n >= 0, batch m >= 1; n + m < 2^52
 *   rank           z: the z-th smallest of the batch, 1 <= z <= m
 *   probabilities  out: n + 1 numbers, P(R_z = k) for k = 1..n+1
 *
 * Negative hypergeometric. Errors: EINVAL, EDOM. O(n). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_order_law(size_t n, size_t m, size_t rank, double *probabilities,
                          conformal_error *err);

/* conformal_batch_order_rank - which calibration score bounds an order statistic
 *
 *   side      UPPER: bound = the least k with P(R_z <= k) >= 1 - alpha, and T_(z) <= S_(k);
 *             LOWER: bound = the largest t with P(R_z >= t) >= 1 - alpha, and
 *             T_(z) >= S_(t - 1)
 *   bound     out: in 1..n+1
 *   coverage  out: that probability, exact without ties; may be NULL
 *
 * R1. m = 1 is split conformal: bound = max(1, conformal_rank()), to the last bit.
 * R2. LOWER is the mirror image: n + 2 - (UPPER of m + 1 - z).
 * Errors: EINVAL (also side BOTH), EDOM. O(window of the law), at most O(n); no memory. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_order_rank(size_t n, size_t m, size_t rank, double alpha,
                           conformal_batch_side side, size_t *bound, double *coverage,
                           conformal_error *err);

/* conformal_batch_order_tail - P(R_z > k), 0 <= k <= n + 1, summed from its small end */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_order_tail(size_t n, size_t m, size_t rank, size_t k, double *probability,
                           conformal_error *err);

/* conformal_batch_order_size - the smallest n whose bound is finite without a support
 *
 * For the mean and the sum, too, whose upper bound needs the largest score: rank = m.
 * Errors: EDOM (alpha = 0: no n is enough; more than 2^52 would be needed). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_order_size(size_t m, size_t rank, double alpha, conformal_batch_side side,
                           size_t *n, conformal_error *err);

/* One order statistic of several that are bounded jointly. */
typedef struct conformal_batch_order {
    size_t rank;               /* z */
    conformal_batch_side side; /* which of its sides are bounded */
    size_t lower, upper;       /* lower <= R_z <= upper: T_(z) in [S_(lower - 1), S_(upper)];
                                  1 and n + 1 where that side is not bounded */
} conformal_batch_order;

/* conformal_batch_joint_coverage - P(lower <= R_z <= upper for all of them), exact
 *
 *   orders    n_orders of them, each with its rank, lower and upper
 *
 * Errors: EINVAL, EDOM (a rank out of range, lower > upper), ENOMEM. A step a bound, each at
 * most O(w^2), w = min(m, a window of about 24 standard deviations of a binomial count). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_joint_coverage(size_t n, size_t m, const conformal_batch_order *orders,
                               size_t n_orders, const conformal_allocator *allocator,
                               double *coverage, conformal_error *err);

/* conformal_batch_joint_ranks - bounds for several order statistics at once
 *
 *   orders    in: rank and side; out: lower and upper, at one common tail probability, the
 *             largest whose joint coverage is at least 1 - alpha
 *   coverage  out: that coverage, exact without ties
 *
 * For one order statistic and one side this is conformal_batch_order_rank(). With the first of
 * two bounded below and the second above, it is the equal-tailed region of [1] for, say, the
 * two quartiles. Errors as conformal_batch_joint_coverage(), EDOM (alpha). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_joint_ranks(size_t n, size_t m, conformal_batch_order *orders,
                            size_t n_orders, double alpha,
                            const conformal_allocator *allocator, double *coverage,
                            conformal_error *err);

/* conformal_batch_strata_ranks - an order statistic when strata mix otherwise in the batch
 *
 *   n, m      n_strata sizes each: calibration scores and batch members
 *   rank      z: the z-th smallest of the whole batch
 *   bounds    out: a rank per stratum: with P >= 1 - alpha, UPPER: at least z members are at or
 *             below S_(bound) of their stratum; LOWER: at least (all - z + 1) members are at
 *             or above S_(bound - 1) of it
 *   coverage  out: that probability, exact without ties; may be NULL
 *
 * Errors: EINVAL, EDOM, ENOMEM. 60 convolutions of the strata, O(batch^2). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_strata_ranks(const size_t *n, const size_t *m, size_t n_strata, size_t rank,
                             double alpha, conformal_batch_side side,
                             const conformal_allocator *allocator, size_t *bounds,
                             double *coverage, conformal_error *err);

/* How a region [S_(p), S_(q)] for two order statistics is chosen. */
typedef enum conformal_batch_region {
    CONFORMAL_BATCH_EQUAL = 0,    /* conformal_batch_joint_ranks() */
    CONFORMAL_BATCH_SHORTEST = 1, /* the smallest q - p with 1 <= p < q <= n; of those the
                                     most probable, then the smallest p */
    CONFORMAL_BATCH_WIDEN = 2     /* from (n/4, 3n/4) widened by one rank at a time [1] */
} conformal_batch_region;

/* conformal_batch_pair_ranks - one region that holds two order statistics
 *
 *   first < second  ranks in 1..m
 *   p, q            out: S_(p) <= T_(first) and T_(second) <= S_(q) with P >= 1 - alpha;
 *                   0 and n + 1 where n is too small (for SHORTEST too)
 *
 * Errors: EINVAL, EDOM, ENOMEM. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_pair_ranks(size_t n, size_t m, size_t first, size_t second, double alpha,
                           conformal_batch_region region,
                           const conformal_allocator *allocator, size_t *p, size_t *q,
                           double *coverage, conformal_error *err);

/* conformal_batch_rank_sum - the quantile of the sum of the ranks (Mann-Whitney)
 *
 *   cap       ranks above it are not allowed, 1 <= cap <= n + 1 (n + 1: none)
 *   budget    out: the least q with P(R_m <= cap, sum R_j <= q) >= 1 - alpha, or -1: no q has
 *             it, the cap itself is missed too often
 *   coverage  out: that probability (of R_m <= cap when budget is -1)
 *
 * Exact law where it is small, else its characteristic function, tilted to the quantile so
 * that the relative error of the tail stays near 1e-12 at any alpha. Errors: EINVAL, EDOM,
 * ENOMEM. O(n m min(n, m)) at most 2e8, or O(min(n, m)) a node of a quadrature. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_rank_sum(size_t n, size_t m, size_t cap, double alpha,
                         const conformal_allocator *allocator, int64_t *budget,
                         double *coverage, conformal_error *err);

/* conformal_batch_cost_sum - the same for any whole-number cost of a rank
 *
 *   costs     n + 1 costs of the ranks 1..n+1, >= 0; negative: the rank is not allowed
 *   budget    out: the least q with P(sum costs[R_j - 1] <= q, all allowed) >= 1 - alpha; -1
 *
 * O(n m T), T = m max(costs), where that is small or alpha < 1e-9; else by Newton's
 * identities at the roots of unity, O(T log T + T m). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_cost_sum(const int32_t *costs, size_t n, size_t m, double alpha,
                         const conformal_allocator *allocator, int64_t *budget,
                         double *coverage, conformal_error *err);

/* How the largest sum within a budget is found. */
typedef enum conformal_batch_engine {
    CONFORMAL_BATCH_AUTO = 0,  /* exact, unless that would take too long: then the hull */
    CONFORMAL_BATCH_EXACT = 1, /* halving, with what the hull excludes left out */
    CONFORMAL_BATCH_HULL = 2,  /* the least concave majorant: never below, at times some
                                  percent above */
    CONFORMAL_BATCH_ENVELOPE = 3 /* plans only: joint bounds of the order statistics instead of a
                                    budget of costs; for LINEAR also where AUTO finds the exact
                                    law of its costs out of reach */
} conformal_batch_engine;

/* conformal_batch_max_sum - the largest sum of m values whose costs fit a budget
 *
 *   values    n_ranks numbers, nondecreasing; infinities allowed
 *   costs     n_ranks costs as above, or NULL: 1, 2, .., n_ranks
 *   budget    the largest allowed sum of m costs
 *   maximum   out: max of sum values[k_j] over multisets k_1..k_m with sum costs[k_j] <=
 *             budget, rounded up; -infinity when there is none
 *   used      out: EXACT or HULL; may be NULL
 *
 * Errors: EINVAL, EDOM, ENAN, ENOMEM. With K the range of the costs: exact O(K^2 log m) at
 * worst, O(K) memory a size; hull O(K). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_max_sum(const double *values, const int32_t *costs, size_t n_ranks, size_t m,
                        int64_t budget, conformal_batch_engine engine,
                        const conformal_allocator *allocator, double *maximum,
                        conformal_batch_engine *used, conformal_error *err);

/* conformal_batch_heavy_costs - rank costs for scores of which nothing is known
 *
 *   side      UPPER: for an upper bound; LOWER: for a lower one, to be given as options.costs_low;
 *             BOTH: symmetric, without a floor
 *   grid      >= 1: what rank n (or, for LOWER, the whole range) costs
 *   costs     out: n + 1 costs: the quantiles of Student's t with 2 degrees of freedom, of which
 *             the lowest 5 % (for LOWER: the highest) count alike
 *
 * For scores without a finite support, such as residuals, several times sharper than linear
 * costs. Errors: EINVAL. O(n). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_heavy_costs(size_t n, conformal_batch_side side, size_t grid, int32_t *costs,
                            conformal_error *err);

/* conformal_batch_pilot_costs - rank costs from a sample that is used for nothing else
 *
 *   pilot     n_pilot scores like those of calibration, never those of calibration
 *   n         the calibration size they will be used with
 *   side      as above: UPPER: the pilot's lowest 5 % count alike, and a Pareto tail fitted to
 *             its largest tenth goes beyond what it has seen; LOWER mirrors it; BOTH: its plain
 *             quantiles
 *   origin, step  costs count steps from the origin; step 0: chosen here, so that rank n costs
 *             `grid`; both: out. For LOWER they are of the negated scores
 *   grid      >= 1; only when *step is 0
 *   costs     out: n + 1 costs: the expected score of a rank, in steps
 *
 * The bound for a mean is sharp where S_(k) is nearly linear in the cost of k. Any costs keep
 * the coverage. Errors: EINVAL (n_pilot = 0), EDOM (no finite score), ENAN, ENOMEM.
 * O(n_pilot + n). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_pilot_costs(const double *pilot, size_t n_pilot, size_t n,
                            conformal_batch_side side, size_t grid, double *origin,
                            double *step, const conformal_allocator *allocator,
                            int32_t *costs, conformal_error *err);

/* ------------------------------------------------------------------ bounds by a plan */

/* Which function of the batch is bounded. */
typedef enum conformal_batch_statistic {
    CONFORMAL_BATCH_ORDER = 1, /* order statistics: median, quantiles, minimum, maximum */
    CONFORMAL_BATCH_PAIR = 2,  /* one region for two of them, e.g. the quartiles */
    CONFORMAL_BATCH_MEAN = 3,
    CONFORMAL_BATCH_SUM = 4,
    CONFORMAL_BATCH_LINEAR = 5 /* sum c_j T_(j), c_j >= 0: trimmed mean, top-k mean, .. */
} conformal_batch_statistic;

/* What to bound. Start from CONFORMAL_BATCH_INIT. */
typedef struct conformal_batch_options {
    size_t size;
    conformal_batch_statistic statistic;
    conformal_batch_side side;
    double alpha;               /* of both sides together; default 0.1 */
    const size_t *ranks;        /* ORDER: n_ranks of them, jointly; PAIR: two, ascending */
    size_t n_ranks;
    conformal_batch_region region; /* PAIR */
    const double *coefficients; /* LINEAR: m of them */
    double low, high;           /* the support of a score; default all numbers */
    size_t cap;                 /* MEAN, SUM, LINEAR: ranks above it are left out of the
                                   bound; 0: n where high is infinite and m > 1, else none.
                                   The lower bound mirrors it */
    const int32_t *costs;       /* MEAN, SUM, LINEAR: rank costs, n + 1 a stratum, one stratum
                                   after the other; NULL: 1, 2, .., n + 1 */
    const int32_t *costs_low;   /* the same for the lower bound, not mirrored; NULL: costs */
    conformal_batch_engine engine;
    bool outcomes;              /* the statistic is of outcomes = prediction + score, and each
                                   call of conformal_batch_bounds() brings m predictions */
    const conformal_allocator *allocator;
} conformal_batch_options;
#define CONFORMAL_BATCH_INIT                                                                   \
    {sizeof(conformal_batch_options), CONFORMAL_BATCH_MEAN, CONFORMAL_BATCH_BOTH, 0.1, NULL,   \
     0, CONFORMAL_BATCH_EQUAL, NULL, -HUGE_VAL, HUGE_VAL, 0, NULL, NULL, CONFORMAL_BATCH_AUTO, \
     false, NULL}

/* All that depends on n, m, alpha and costs only: made once, used for any number of
 * calibration sets, also from several threads at once. */
typedef struct conformal_batch_plan conformal_batch_plan;

/* conformal_batch_plan_create - plan the bounds of a batch
 *
 *   n, m       n_strata sizes each: calibration scores and batch members of every stratum;
 *              one stratum is the plain case. Within a stratum calibration and batch are
 *              exchangeable; the mixture of strata may differ. With several strata ORDER
 *              takes one rank, and LINEAR and PAIR are not offered (EINVAL)
 *   plan       out: to be freed with conformal_batch_plan_free()
 *
 * Errors: EINVAL, EDOM, ENOMEM. The cost is that of the rank law. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_plan_create(const conformal_batch_options *options, const size_t *n,
                            const size_t *m, size_t n_strata, conformal_batch_plan **plan,
                            conformal_error *err);
CONFORMAL_API void conformal_batch_plan_free(conformal_batch_plan *plan);

/* What a plan promises, before any score is seen. */
typedef struct conformal_batch_promise {
    double coverage;         /* P(both sides hold), exact without ties; a lower bound of it for
                                LINEAR with caps, and where the sides have different costs */
    double lower_coverage;   /* of each side */
    double upper_coverage;
    bool lower_finite;       /* rests on scores, not on the end of the support alone */
    bool upper_finite;
    size_t lower_rank;       /* ORDER of one, PAIR, one stratum: T >= S_(lower_rank - 1) */
    size_t upper_rank;       /* T <= S_(upper_rank); 0 where ranks do not apply */
    int64_t lower_budget;    /* MEAN, SUM, LINEAR: of the mirrored problem; -1: none */
    int64_t upper_budget;
} conformal_batch_promise;
CONFORMAL_API conformal_batch_promise
conformal_batch_plan_promise(const conformal_batch_plan *plan);

/* A calibration set, borrowed. Start from CONFORMAL_BATCH_DATA_INIT. */
typedef struct conformal_batch_data {
    size_t size;
    size_t n;
    const double *scores;       /* n, in any order */
    const int32_t *strata;      /* n codes; NULL with one stratum */
    const double *predictions;  /* with options.outcomes: m, of the batch, in any order */
} conformal_batch_data;
#define CONFORMAL_BATCH_DATA_INIT {sizeof(conformal_batch_data), 0, NULL, NULL, NULL}

typedef struct conformal_batch_bound {
    double lower, upper;
    size_t lower_rank, upper_rank; /* ORDER, PAIR: as in conformal_batch_promise */
    conformal_batch_engine engine; /* MEAN, SUM: which one the bounds came from */
} conformal_batch_bound;

/* conformal_batch_bounds - the bounds that a calibration set gives
 *
 *   data      n as planned
 *   bounds    out: options.n_ranks of them for ORDER, in the order of the ranks, else one
 *
 * R3. P(lower <= statistic <= upper) >= the plan's coverage >= 1 - alpha.
 * R4. All arithmetic rounds outwards.
 * Errors: EINVAL, EDIM (not as many scores as planned), ENAN, EDOM (a score outside the
 * support), ENOMEM. O(n) by selection for one order statistic, else O(n log n) and the
 * maximisation. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_bounds(const conformal_batch_plan *plan, const conformal_batch_data *data,
                       conformal_batch_bound *bounds, conformal_error *err);

/* ------------------------------------------------------------------ sets, counts, claims */

/* conformal_batch_count - how many of the batch are above a threshold
 *
 *   above, n     how many of the n calibration scores are
 *   lower, upper out: P(lower <= #{j: T_j above} <= upper) >= 1 - alpha; 0 and m where not
 *                bounded. Any property of a score fixed in advance will do for "above".
 *
 * Errors: EINVAL, EDOM. O(log m) tails. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_count(size_t above, size_t n, size_t m, double alpha,
                      conformal_batch_side side, size_t *lower, size_t *upper,
                      conformal_error *err);

/* conformal_batch_select - claims with few mistakes
 *
 *   prediction   n predictions of the calibration rows
 *   null         n flags: not 0 where a claim on that row would be a mistake (Y <= c)
 *   m, mistakes  the batch, and how many false claims are allowed, < m
 *   threshold    out: claim member j iff its prediction is > threshold:
 *                P(more than `mistakes` false claims) <= alpha; +infinity: claim nothing
 *   rank         out: of the null scores (predictions, -infinity where not null)
 *   coverage     out: P(at most `mistakes` false), exact where threshold is a prediction and
 *                without ties; both may be NULL
 *
 * Errors: EINVAL, EDOM, ENAN, ENOMEM. O(n). [1, use cases] */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_select(const double *prediction, const unsigned char *null, size_t n, size_t m,
                       size_t mistakes, double alpha, const conformal_allocator *allocator,
                       double *threshold, size_t *rank, double *coverage,
                       conformal_error *err);

/* conformal_batch_pvalue - is the batch larger than calibration?
 *
 *   rank       which order statistic is compared; 0: the (lower) median
 *   observed   out: its rank R_z; may be NULL
 *   p_value    out: P(R_z >= observed): superuniform when the batch is exchangeable with
 *              calibration; Benjamini-Hochberg over batches that share a calibration set
 *              controls the false discovery rate
 *
 * Errors: EINVAL, EDOM, ENAN, ENOMEM. Lee, Dobriban, Tchetgen Tchetgen (2025),
 * arXiv:2505.13769 */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_pvalue(const double *scores, size_t n, const double *batch, size_t m,
                       size_t rank, const conformal_allocator *allocator, size_t *observed,
                       double *p_value, conformal_error *err);

/* ------------------------------------------------------------------ any monotone statistic */

/* A function of a sorted batch that never falls when a member rises. */
typedef double (*conformal_batch_function)(void *user, const double *sorted, size_t m);

/* conformal_batch_monotone - bounds for any monotone statistic
 *
 *   function  called with m sorted numbers, twice at most
 *   draws     rank vectors drawn, >= 1 / alpha - 1 for a finite bound; 0: 9,999
 *   seed      their seed (stream CONFORMAL_STREAM_BATCH)
 *   coverage  out: at least this, over calibration, batch and draws: ceil((1 - alpha)(draws +
 *             1)) / (draws + 1)
 *
 * The ranks are bounded together, R_j <= E R_j + q sd R_j for all j, with q the Monte-Carlo
 * quantile, exactly valid for any number of draws; the statistic is then largest at a corner.
 * Errors: EINVAL, EDOM, ENAN (also from the function), ENOMEM. O(draws m log m). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_monotone(const double *scores, size_t n, size_t m,
                         conformal_batch_function function, void *user, double alpha,
                         conformal_batch_side side, double low, double high, size_t draws,
                         uint64_t seed, const conformal_allocator *allocator, double *lower,
                         double *upper, double *coverage, conformal_error *err);

/* A cost of a rank vector (m sorted ranks of 1..n+1), chosen without looking at the data. */
typedef double (*conformal_batch_rank_cost)(void *user, const size_t *ranks, size_t m);

/* conformal_batch_monte_carlo - the quantile of any cost of the rank vector
 *
 *   quantile  out: P(cost(R) <= quantile) >= 1 - alpha, exactly, over R and draws; +infinity
 *             when draws < 1 / alpha - 1. For callers who maximise their statistic over
 *             {cost <= quantile} themselves. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_monte_carlo(size_t n, size_t m, conformal_batch_rank_cost cost, void *user,
                            double alpha, size_t draws, uint64_t seed,
                            const conformal_allocator *allocator, double *quantile,
                            conformal_error *err);

/* ------------------------------------------------------------------ another population */

/* conformal_batch_reject - calibration rows as if they came from the batch's population
 *
 *   weights   n likelihood ratios w(x) of batch to calibration population, up to a factor
 *   most      a bound of w(x), known in advance, at least every weight
 *   seed      row i is kept when uniform(seed, CONFORMAL_STREAM_REJECTION, i) <= w / most
 *   keep      out: n flags, 1 or 0
 *   kept      out: how many; may be NULL
 *
 * The kept rows are exchangeable with the batch given their number: use any function of this
 * header with n = kept. With propensities p(x) = P(in the batch's population | x), for missing
 * outcomes or counterfactuals, w = p / (1 - p). Errors: EINVAL, EDOM (a weight < 0, infinite or
 * > most; most <= 0), ENAN. O(n). von Neumann (1951); [1, use cases] */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_reject(const double *weights, size_t n, double most, uint64_t seed,
                       unsigned char *keep, size_t *kept, conformal_error *err);

/* ------------------------------------------------------------------ what others do */

/* Baselines, to compare with; valid, and wider or needing more rows. */
typedef enum conformal_batch_baseline {
    CONFORMAL_BATCH_PARTITION = 1,  /* split conformal over floor(n / m) batches, in order */
    CONFORMAL_BATCH_BONFERRONI = 2, /* every member at level alpha / m */
    CONFORMAL_BATCH_DIRECT = 3      /* conformal over all m-subsets, the unknown members at the
                                       end of the support; above 2e5 subsets a random 9,999 of
                                       them and the batch itself */
} conformal_batch_baseline;

/* conformal_batch_baseline_bounds - bounds of a monotone statistic by a baseline
 *
 *   scores    n, in their given order
 *   function  gets m sorted numbers
 *
 * Errors: EINVAL, EDOM, ENAN, ENOMEM. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_batch_baseline_bounds(conformal_batch_baseline baseline, const double *scores,
                                size_t n, size_t m, conformal_batch_function function,
                                void *user, double alpha, conformal_batch_side side, double low,
                                double high, uint64_t seed,
                                const conformal_allocator *allocator, double *lower,
                                double *upper, conformal_error *err);

CONFORMAL_END_DECLS

#endif
