/* core_plan.h - expected numbers; made by make_core.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From 09_risk_pac.json, cases coverage_law, pac_k, sample_size, coverage_test:
 * the project's own specification, computed there with exact or independent code. */
#ifndef ORACLE_CORE_PLAN_H
#define ORACLE_CORE_PLAN_H

#include <math.h>

/* coverage_law: pac.beta */
static const double coverage_law_tol = 1e-08;
static const double coverage_law_q[] = {
    0.05, 0.5, 0.95,
};
static const double coverage_law_n_alpha[] = {
    100, 0.1, 1000, 0.1, 19, 0.05, 5, 0.1, 499, 0.2,
};
static const double coverage_law_want_k_b[] = {
    91, 10, 901, 100, 19, 1, 6, 0, 400, 100,
};
static const double coverage_law_want_quantiles[] = {
    0.8482045713864065, 0.903635456050794, 0.94473676231713, 0.884075488583474,
    0.9003663603234437, 0.9152152323315307, 0.8541314966877566, 0.9641759979424951,
    0.9973039936971287, 1.0, 1.0, 1.0, 0.7699340544066304, 0.8004002122102507,
    0.8287003749093738,
};

/* sample_size: pac.sample_size; Angelopoulos-Bates Table 1 prints 22/102/2491 (continuous root finder on a sawtooth) */
static const double sample_size_tol = 0;
static const double sample_size_alpha_eps_delta[] = {
    0.1, 0.1, 0.1, 0.1, 0.05, 0.1, 0.1, 0.01, 0.1, 0.05, 0.02, 0.05,
};
static const double sample_size_want_n_two_sided[] = {
    11, 90, 2429, 442,
};
static const double sample_size_want_n_lower[] = {
    11, 52, 1404, 360,
};
static const double sample_size_want_n_finite_alpha[] = {
    0.1, 9, 0.05, 19, 0.3, 3,
};
static const double sample_size_want_n_finite_pac_1_1[] = {
    22,
};

/* coverage_test: pac.betabinom */
static const double coverage_test_tol = 1e-09;
static const double coverage_test_alpha[] = {
    0.1,
};
static const double coverage_test_n_cal_n_val_cov[] = {
    100, 1000, 860, 100, 1000, 905, 1000, 1000, 860,
};
static const double coverage_test_want_p[] = {
    0.2074442759976686, 0.9810474628445669, 0.005738514091969796,
};

#endif
