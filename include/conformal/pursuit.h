/* pursuit.h - (conformal) information pursuit: ask the question that shrinks the set most.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One of K classes is sought by asking some of Q queries, each with a few possible answers. A
 * model gives p(class | answers so far); a policy chooses the next query, decides when to stop,
 * and reports a set of classes with a coverage statement. Classes, queries and answers are codes
 * from 0; answer -1 is "not known", which counts as asked and changes nothing.
 *
 * [1] K. H. R. Chan, Y. Ge, E. Dobriban, H. Hassani, R. Vidal (2025). Conformal Information
 *     Pursuit for Interactively Guiding Large Language Models. arXiv:2507.03279
 * docs/methods/pursuit.md says what differs from [1], and why. */
#ifndef CONFORMAL_PURSUIT_H
#define CONFORMAL_PURSUIT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformal/array.h"
#include "conformal/error.h"

CONFORMAL_BEGIN_DECLS

/* Rows whose class and answers are known, borrowed. */
typedef struct conformal_pursuit_table {
    size_t size;
    size_t rows, queries;
    const int32_t *answers; /* rows x queries, row by row; -1: missing */
    const int32_t *labels;  /* rows */
} conformal_pursuit_table;
#define CONFORMAL_PURSUIT_TABLE_INIT {sizeof(conformal_pursuit_table), 0, 0, NULL, NULL}

/* One answered query. */
typedef struct conformal_pursuit_answer {
    int32_t query, answer;
} conformal_pursuit_answer;

/* Answers in the order in which they were given. */
typedef struct conformal_pursuit_history {
    const conformal_pursuit_answer *answers;
    size_t length;
} conformal_pursuit_history;

/* ------------------------------------------------------------------ models */

typedef struct conformal_pursuit_model conformal_pursuit_model;

/* conformal_pursuit_bayes - naive Bayes from rows
 *
 *   table      the rows to fit; n_classes, n_answers: how many classes, and answers per query
 *   smoothing  added to every count of an answer, > 0; 0.5 is usual. Classes have 1 added
 *
 * A missing answer is left out of the counts. Errors: EINVAL, EDOM (a code out of range),
 * ENOMEM. O(rows queries + sum of answers x classes). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_bayes(const conformal_pursuit_table *table, size_t n_classes,
                        const size_t *n_answers, double smoothing,
                        const conformal_allocator *allocator, conformal_pursuit_model **model,
                        conformal_error *err);

/* conformal_pursuit_oracle - from a table of P(yes | class, query)
 *
 *   yes    n_classes x n_queries, row by row, each in 0..1; answers are 0 (no) and 1 (yes)
 *   flip   0 <= flip < 1/2: an answer is wrong with this probability: p becomes
 *          flip + (1 - 2 flip) p. With 0, classes can be excluded for good
 *   prior  n_classes probabilities, or NULL: all alike */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_oracle(const double *yes, size_t n_classes, size_t n_queries, double flip,
                         const double *prior, const conformal_allocator *allocator,
                         conformal_pursuit_model **model, conformal_error *err);

/* conformal_pursuit_additive - from log-scores: l(y) = base(y) + sum of weights of the answers,
 * p = softmax(l)
 *
 *   weights  sum of n_answers rows of n_classes numbers: query 0's answers first; -infinity
 *            excludes a class
 *   chance   as many numbers: P(answer | class, query), for the choice of queries */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_additive(const double *base, const double *weights, const double *chance,
                           size_t n_classes, size_t n_queries, const size_t *n_answers,
                           const conformal_allocator *allocator,
                           conformal_pursuit_model **model, conformal_error *err);

/* conformal_pursuit_logistic - multinomial logistic regression on whatever has been answered
 *
 *   copies   of each row, >= 1; 15 is usual. Each keeps a random subset of the row's answers,
 *            uniformly of 0, 1, .. all of them, but 15 at the most
 *   penalty  > 0; 0.01 is usual
 *   seed     of the subsets (stream CONFORMAL_STREAM_PURSUIT): the same on every machine
 *
 * An additive model whose base and weights maximise
 *     sum of log p(class | kept answers) - penalty / 2 * sum of squared weights
 * over all copies, each weighing 1 / copies, and one row without answers per class, which keeps
 * the base of a class without rows finite. A missing answer is never kept. An answer never kept
 * has weights 0; weights sum to 0 over classes; base is log p(class | no answers). chance is that
 * of naive Bayes, smoothed by 0.5.
 * By limited-memory BFGS from naive Bayes' base and no weights, until the gradient's norm is at
 * most 1e-7 min(penalty, 1): the weights are the maximum's to 1e-7. Where penalty / rows is below
 * 1e-6, rounding or the limit of 10,000 steps may end it earlier. Errors: EINVAL, EDOM, ENOMEM.
 * O(answers kept x K) per step; memory: the copies, and 22 x the model's weights. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_logistic(const conformal_pursuit_table *table, size_t n_classes,
                           const size_t *n_answers, size_t copies, double penalty,
                           uint64_t seed, const conformal_allocator *allocator,
                           conformal_pursuit_model **model, conformal_error *err);

/* p(class | history) of n histories at once: n x n_classes numbers into p, each row a
 * distribution (finite, >= 0, sum 1 within 1e-6). A failure status stops the call that asked. */
typedef conformal_status (*conformal_pursuit_posterior)(
    void *user, const conformal_pursuit_history *histories, size_t n, double *p,
    conformal_error *err);

/* conformal_pursuit_callback - any model at all
 *
 *   chance  as for conformal_pursuit_additive(), or NULL: all answers alike likely
 *   user    handed to posterior; both must outlive the model */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_callback(conformal_pursuit_posterior posterior, void *user,
                           const double *chance, size_t n_classes, size_t n_queries,
                           const size_t *n_answers, const conformal_allocator *allocator,
                           conformal_pursuit_model **model, conformal_error *err);

CONFORMAL_API void conformal_pursuit_model_free(conformal_pursuit_model *model);
CONFORMAL_API size_t conformal_pursuit_classes(const conformal_pursuit_model *model);
CONFORMAL_API size_t conformal_pursuit_queries(const conformal_pursuit_model *model);
/* How many answers a query has; 0 for one that is none. */
CONFORMAL_API size_t conformal_pursuit_answers(const conformal_pursuit_model *model,
                                               size_t query);
/* An additive model's arrays, as given to conformal_pursuit_additive(), lent; NULL otherwise. */
CONFORMAL_API const double *conformal_pursuit_base(const conformal_pursuit_model *model);
CONFORMAL_API const double *conformal_pursuit_weights(const conformal_pursuit_model *model);
CONFORMAL_API const double *conformal_pursuit_chance(const conformal_pursuit_model *model);

/* ------------------------------------------------------------------ policies */

/* How the next query is chosen. Values are stored in files: append, never renumber. */
typedef enum conformal_pursuit_selector {
    CONFORMAL_PURSUIT_IP = 0,        /* the least expected entropy: information pursuit */
    CONFORMAL_PURSUIT_CIP = 1,       /* the least expected objective below [1] */
    CONFORMAL_PURSUIT_RANDOM = 2,    /* a random order, a new one each session */
    CONFORMAL_PURSUIT_FIXED = 3,     /* in the order of their codes */
    CONFORMAL_PURSUIT_LOOKAHEAD = 4  /* the least expected entropy after two queries */
} conformal_pursuit_selector;

/* What CIP minimises, over the answers of a query. n: classes in the set after the answer. */
typedef enum conformal_pursuit_objective {
    CONFORMAL_PURSUIT_SIZE_NONEMPTY = 0, /* log2 E[n], an empty set counts as all classes */
    CONFORMAL_PURSUIT_SIZE = 1,          /* log2 E[n]: [1, (C-IP)] */
    CONFORMAL_PURSUIT_LOGSIZE = 2,       /* E[log2 max(n, 1)] */
    CONFORMAL_PURSUIT_FANO = 3,          /* Fano's bound of the entropy, averaged over answers */
    CONFORMAL_PURSUIT_FANO_LOCAL = 4,    /* Fano's bound for each answer by itself */
    CONFORMAL_PURSUIT_PVALUES = 5,       /* E[sum of conformal p-values]: sizes at all levels */
    CONFORMAL_PURSUIT_PAPER = 6,         /* what the authors' scripts compute, from rows drawn
                                            whatever the history */
    CONFORMAL_PURSUIT_PAPER_ENTROPY = 7  /* and their baseline */
} conformal_pursuit_objective;

/* Whose threshold a set uses while choosing. */
typedef enum conformal_pursuit_threshold {
    CONFORMAL_PURSUIT_PER_LENGTH = 0, /* of the number of answers [1] */
    CONFORMAL_PURSUIT_PER_LAST = 1,   /* of the number and the last query */
    CONFORMAL_PURSUIT_PER_CHAIN = 2   /* of the very queries asked: calibration rows follow */
} conformal_pursuit_threshold;

/* How classes conform in the sets that CIP counts; what is reported goes by probability. */
typedef enum conformal_pursuit_score {
    CONFORMAL_PURSUIT_LAC = 0, /* by their probability [1] */
    CONFORMAL_PURSUIT_APS = 1  /* by the probability of all that are not more probable */
} conformal_pursuit_score;

/* When to stop; checked before each query. */
typedef enum conformal_pursuit_stop {
    CONFORMAL_PURSUIT_STOP_NEVER = 0,     /* after max_length queries only */
    CONFORMAL_PURSUIT_STOP_SIZE = 1,      /* the set has at most stop_value classes, be it none */
    CONFORMAL_PURSUIT_STOP_MAP = 2,       /* a class has at least probability stop_value */
    CONFORMAL_PURSUIT_STOP_SD = 3,        /* the objective's standard deviation over queries is
                                             below stop_value */
    CONFORMAL_PURSUIT_STOP_GAIN = 4,      /* no query is expected to save stop_value bits */
    CONFORMAL_PURSUIT_STOP_STABILITY = 5, /* the entropy has moved by at most stop_value for
                                             stop_repeats answers in a row */
    CONFORMAL_PURSUIT_STOP_EQUAL = 6,     /* all queries are as good as each other */
    CONFORMAL_PURSUIT_STOP_SIZE_NONEMPTY = 7 /* at most stop_value, but one at least: an empty set
                                                knows nothing, and counts as all classes */
} conformal_pursuit_stop;

/* Among queries that are equally good. */
typedef enum conformal_pursuit_tie {
    CONFORMAL_PURSUIT_TIE_ENTROPY = 0, /* the least expected entropy, then the lowest code */
    CONFORMAL_PURSUIT_TIE_INDEX = 1,
    CONFORMAL_PURSUIT_TIE_RANDOM = 2
} conformal_pursuit_tie;

typedef struct conformal_pursuit_options {
    size_t size;
    conformal_pursuit_selector selector;
    conformal_pursuit_objective objective;
    conformal_pursuit_threshold threshold;
    conformal_pursuit_score score;
    conformal_pursuit_tie tie;
    bool temperature;        /* sharpen or soften the model per length, to fit the first split */
    double alpha;            /* miscoverage level of thresholds and of what is reported */
    double report_alpha;     /* of what is reported, if it is not alpha; NaN */
    size_t max_length;       /* queries at the most; 0: all, at most 20 */
    conformal_pursuit_stop stop;
    double stop_value;       /* NaN: 1 class, 0.95, 0.05, 0.05, 0.01 by stop */
    size_t stop_repeats;     /* STABILITY; default 2 */
    size_t draws;            /* PAPER: rows drawn per step; default 4 */
    size_t width;            /* LOOKAHEAD: first queries that are looked behind; default 5 */
    uint64_t seed;
    const conformal_allocator *allocator;
} conformal_pursuit_options;
#define CONFORMAL_PURSUIT_INIT                                                                  \
    {sizeof(conformal_pursuit_options), CONFORMAL_PURSUIT_IP, CONFORMAL_PURSUIT_SIZE_NONEMPTY,  \
     CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC, CONFORMAL_PURSUIT_TIE_ENTROPY, false, \
     0.1, (double)NAN, 0, CONFORMAL_PURSUIT_STOP_SIZE_NONEMPTY, (double)NAN, 2, 4, 5, 0, NULL}

typedef struct conformal_pursuit_policy conformal_pursuit_policy;

/* conformal_pursuit_policy_create - a calibrated policy
 *
 *   model     borrowed: must outlive the policy
 *   first     rows, not used to fit the model, that calibrate what the policy chooses by:
 *             temperatures, and a threshold per length from random chains of queries
 *   second    other rows, on each of which the policy is replayed as in a new session: they
 *             calibrate what is reported. NULL: nothing is promised of sets
 *   chains    rows of `first` x n_queries: a permutation of the queries each, or NULL: seeded
 *   policy    out: to be freed with conformal_pursuit_policy_free()
 *
 * R1. tau_k is the floor(alpha (n + 1))-th smallest p(true class) after k queries of a random
 *     chain; 0 when that is the 0-th: then every class is in the set.
 * R2. With m = floor(alpha (n_second + 1)), the sets {y: p_y >= c tau_k} contain the true class
 *     of a new row, exchangeable with `second`, with probability at least 1 - alpha: with c_k
 *     after k queries, with c_stop at the stop, with c_any after all queries at once.
 * Errors: EINVAL, EDOM, ENAN, ENOMEM, and what the model's callback returns. With an additive
 * model O(first (L + Q) K) for lengths, O(first L Q K) for PER_LAST, and a session per row of
 * `second`. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_policy_create(const conformal_pursuit_options *options,
                                const conformal_pursuit_model *model,
                                const conformal_pursuit_table *first,
                                const conformal_pursuit_table *second, const int32_t *chains,
                                conformal_pursuit_policy **policy, conformal_error *err);
CONFORMAL_API void conformal_pursuit_policy_free(conformal_pursuit_policy *policy);

/* What a policy has learnt; all lent until it is freed. */
typedef struct conformal_pursuit_calibration {
    size_t max_length, queries;
    size_t n_first, n_second;
    const double *gamma;       /* max_length + 1: inverse temperatures */
    const double *tau;         /* max_length + 1 */
    const double *tau_last;    /* (max_length + 1) x queries; NULL unless PER_LAST */
    const double *step;        /* max_length + 1: c_k; NULL without `second` */
    double stop, any;          /* c_stop, c_any */
    double mean_length;        /* queries asked on `second` */
} conformal_pursuit_calibration;
CONFORMAL_API conformal_pursuit_calibration
conformal_pursuit_calibration_of(const conformal_pursuit_policy *policy);

/* ------------------------------------------------------------------ sessions */

typedef struct conformal_pursuit_session conformal_pursuit_session;

#define CONFORMAL_PURSUIT_MOST_CASES (UINT64_C(1) << 53)

/* conformal_pursuit_open - begin to ask
 *
 *   case_id  below CONFORMAL_PURSUIT_MOST_CASES: which random numbers the session draws; those of
 *            calibration rows are others
 *
 * Sessions of one policy are independent of each other and may run on several threads, as long
 * as the model's callback may. Errors: EINVAL, EDOM, ENOMEM, the callback's. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_open(const conformal_pursuit_policy *policy, uint64_t case_id,
                       conformal_pursuit_session **session, conformal_error *err);
CONFORMAL_API void conformal_pursuit_close(conformal_pursuit_session *session);

/* What a session would ask next. */
typedef struct conformal_pursuit_choice {
    bool stop;         /* the policy stops here; query is still the best one, if there is any */
    int32_t query;     /* -1: none is left */
    double objective;  /* the least value, bits; NaN for RANDOM and FIXED */
    double sd;         /* standard deviation of the objective over the queries not yet asked */
} conformal_pursuit_choice;

/* conformal_pursuit_next - the policy's choice
 *
 *   values   out: n_queries objective values, +infinity for those asked, or NULL
 *   entropy  out: n_queries expected entropies in bits, likewise, or NULL
 *
 * Pure: asking twice gives the same. O(sum of answers x K). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_next(conformal_pursuit_session *session, conformal_pursuit_choice *choice,
                       double *values, double *entropy, conformal_error *err);

/* conformal_pursuit_answer_query - take an answer, to the query proposed or to any other
 *
 * Errors: EEXISTS (asked before), EDOM (no such query or answer), ECORRUPT (a contradiction: no
 * class allows this answer), and the callback's. The session is unchanged then. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_answer_query(conformal_pursuit_session *session, int32_t query,
                               int32_t answer, conformal_error *err);

/* Take the last answer back, to the last bit; ENOTFOUND when there is none. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_undo(conformal_pursuit_session *session, conformal_error *err);

/* Which coverage statement a set carries. */
typedef enum conformal_pursuit_set {
    CONFORMAL_PURSUIT_SET_LENGTH = 0, /* tau_k: holds on random chains, not on this one, and with
                                         `temperature`, fitted to the same rows, about only */
    CONFORMAL_PURSUIT_SET_STEP = 1,   /* c_k: after this many queries */
    CONFORMAL_PURSUIT_SET_STOP = 2,   /* c_stop: where the policy stops */
    CONFORMAL_PURSUIT_SET_ANY = 3     /* c_any: after every query at once */
} conformal_pursuit_set;

/* Where a session stands; pointers are lent until it changes. */
typedef struct conformal_pursuit_state {
    size_t length;
    const conformal_pursuit_answer *answers; /* length of them */
    const double *p;        /* n_classes probabilities */
    size_t best;            /* the most probable class, the lowest on ties */
    double entropy;         /* of p, bits */
    bool followed;          /* every query was the one proposed: else no promise of the policy
                               holds for this session */
    size_t stopped;         /* at this length the policy said stop for the first time, when it was
                               asked; SIZE_MAX: not yet. SET_STOP's promise is for that length */
} conformal_pursuit_state;
CONFORMAL_API conformal_pursuit_state
conformal_pursuit_state_of(const conformal_pursuit_session *session);

/* conformal_pursuit_set_of - the classes that conform
 *
 *   member  out: n_classes flags; may be NULL
 *   count   out: how many
 * Errors: EINVAL; ENOTFOUND (the policy has no second split for this statement). */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_set_of(const conformal_pursuit_session *session, conformal_pursuit_set which,
                         unsigned char *member, size_t *count, conformal_error *err);

/* ------------------------------------------------------------------ evaluation */

/* Arrays of max_length + 1 numbers, of the caller; any may be NULL. */
typedef struct conformal_pursuit_curves {
    size_t size;
    double *accuracy;  /* the most probable class is the true one, after k queries */
    double *hit;       /* it was, after some number of at most k */
    double *set_size;  /* of SET_STEP, or of SET_LENGTH without a second split */
    double *coverage;  /* of the same sets */
    double *entropy;
    double *length_size, *length_coverage; /* of SET_LENGTH */
    double *any_size;
    /* out: */
    double auc;             /* mean accuracy over k = 1..max_length */
    double queries_mean;    /* at the stop */
    double accuracy_stop, coverage_stop, size_stop;
    double coverage_any;    /* all of k = 1..max_length at once */
} conformal_pursuit_curves;
#define CONFORMAL_PURSUIT_CURVES_INIT                                                           \
    {sizeof(conformal_pursuit_curves), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0.0, 0.0, \
     0.0, 0.0, 0.0, 0.0}

/* One row of an evaluation, step by step. */
typedef struct conformal_pursuit_trace {
    size_t row, stop;
    const int32_t *query;  /* max_length, -1 where none was left */
    const double *p_true;  /* max_length + 1 */
    const double *objective, *sd; /* max_length */
    const size_t *best, *length_size; /* max_length + 1 */
} conformal_pursuit_trace;
typedef conformal_status (*conformal_pursuit_visit)(void *user,
                                                    const conformal_pursuit_trace *trace,
                                                    conformal_error *err);

/* conformal_pursuit_evaluate - play every row of a table to max_length
 *
 *   visit    called per row, or NULL
 * A query whose answer is missing in the row is asked and not answered. Errors: EINVAL, EDOM,
 * ENOMEM, the callbacks'. A session per row. */
CONFORMAL_API CONFORMAL_MUST_CHECK conformal_status
conformal_pursuit_evaluate(const conformal_pursuit_policy *policy,
                           const conformal_pursuit_table *table, conformal_pursuit_visit visit,
                           void *user, conformal_pursuit_curves *curves, conformal_error *err);

CONFORMAL_END_DECLS

#endif
