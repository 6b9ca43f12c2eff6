/* policy.h - what a pursuit policy and a session are made of.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_PURSUIT_POLICY_H
#define CF_PURSUIT_POLICY_H

#include "pursuit/model.h"

/* Membership is p >= tau (1 - CF_PURSUIT_TOLERANCE): with discrete answers exact ties with
 * calibration rows are common, and differ in the last bit. */
#define CF_PURSUIT_TOLERANCE 1e-9

#define CF_LN2 0.69314718055994530942

/* The logarithm of what is excluded, in sums of numbers times their logarithms: 0 times it is
 * 0, which 0 times -infinity is not. */
#define CF_PURSUIT_NEVER (-1e300)

/* exp(gamma weights) and gamma weights / ln 2, for the choice of the query number k + 1. */
typedef struct cf_pursuit_step {
    double gamma;
    const double *e, *lw; /* n_rows x n_classes; NULL: too large to keep */
} cf_pursuit_step;

struct conformal_pursuit_policy {
    const conformal_allocator *allocator; /* own_allocator, or NULL for malloc() */
    conformal_allocator own_allocator;
    conformal_pursuit_options o;
    const conformal_pursuit_model *model;
    size_t length;               /* queries at the most */
    size_t n_first, n_second;
    double *gamma, *tau, *rho;   /* length + 1; rho: APS */
    double *tau_last;            /* (length + 1) x n_queries, or NULL */
    double *sorted;              /* (length + 1) x n_first: p(true), ascending */
    double *step;                /* length + 1, or NULL without a second split */
    double stop, any, mean_length;
    int32_t *answers, *labels;   /* the first split: PER_CHAIN, PAPER */
    cf_pursuit_step *steps;      /* length */
    double **tables;             /* what steps point to */
    size_t n_tables;
};

struct conformal_pursuit_session {
    const conformal_pursuit_policy *policy;
    uint64_t case_id;
    conformal_pursuit_answer *answers; /* policy->length */
    size_t length;
    unsigned char *asked; /* n_queries */
    int32_t *order;       /* RANDOM */
    double *l, *p;        /* n_classes: scores, probabilities */
    double *entropies;    /* length + 1: after each answer */
    double *chain;        /* PER_CHAIN: n_first x n_classes scores of calibration rows */
    size_t followed;      /* as many first queries were those proposed */
    size_t stopped;       /* the length at which the policy has said stop; SIZE_MAX: not yet */
    bool chosen;          /* proposed is what next would say */
    int32_t proposed;
    double *room;         /* scratch of the choice */
};

/* The m-th smallest for a level: m = floor(alpha (n + 1)), the decimal as it was meant; at most
 * n. */
size_t cf_pursuit_m(size_t n, double alpha);

/* Thresholds and temperatures from the first split and chains of queries. */
conformal_status cf_pursuit_calibrate(conformal_pursuit_policy *p,
                                      const conformal_pursuit_table *first,
                                      const int32_t *chains, conformal_error *err);

/* The inverse temperature that fits n rows of log-scores best. */
double cf_pursuit_temperature(const double *l, const int32_t *labels, size_t n, size_t k);

/* The probability of all classes that are not more probable than each one: t, n of them. order:
 * scratch. */
void cf_pursuit_tail_mass(const double *p, size_t n, double *t, double *scratch);

/* Where a session stands before its next query, for the objectives. */
typedef struct cf_pursuit_view {
    const conformal_pursuit_session *s;
    size_t k;               /* queries asked */
    double gamma;           /* of the next length */
    double *u, *lu;         /* exp(gamma (l - max)), and its log2 */
    double *t, *v, *sorted; /* scratch, n_classes each */
    double *chain_u, *chain_p;
    const double *candidates; /* callback models: scores after each answer, n_rows x n_classes */
    size_t *draws;
} cf_pursuit_view;

/* The objective of a query, and its expected entropy. */
void cf_pursuit_objective(cf_pursuit_view *view, size_t query, double *value, double *entropy);

/* A row played to the end: arrays of policy->length (+ 1). */
typedef struct cf_pursuit_play {
    int32_t *query;
    double *p_true, *objective, *sd, *entropy;
    size_t *best, *size;
    size_t stop;
} cf_pursuit_play;
conformal_status cf_pursuit_play_create(const conformal_pursuit_policy *p,
                                        cf_pursuit_play *play, conformal_error *err);
void cf_pursuit_play_free(const conformal_pursuit_policy *p, cf_pursuit_play *play);
/* visit: after each number of queries, with the session; may be NULL. replayed: the row
 * calibrates, and draws other random numbers than any case of the caller's. */
conformal_status cf_pursuit_play_row(const conformal_pursuit_policy *p,
                                     const conformal_pursuit_table *table, size_t row,
                                     bool replayed,
                                     cf_pursuit_play *play,
                                     conformal_status (*visit)(void *user,
                                                               conformal_pursuit_session *s,
                                                               size_t k, conformal_error *err),
                                     void *user, conformal_error *err);

/* conformal_pursuit_open() for any case. */
conformal_status cf_pursuit_open(const conformal_pursuit_policy *policy, uint64_t case_id,
                                 conformal_pursuit_session **session, conformal_error *err);

/* Classes with p >= c tau_k. */
size_t cf_pursuit_members(const conformal_pursuit_session *s, double c, unsigned char *member);

#endif
