/* core_metrics.h - expected numbers; made by make_core.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From 11_metrics.json, cases interval_basic, clopper_edges, stratified:
 * the project's own specification, computed there with exact or independent code. */
#ifndef ORACLE_CORE_METRICS_H
#define ORACLE_CORE_METRICS_H

#include <math.h>

/* interval_basic: metrics.interval */
static const double interval_basic_tol = 1e-09;
static const double interval_basic_alpha[] = {
    0.1,
};
static const double interval_basic_conf[] = {
    0.95,
};
static const double interval_basic_y[] = {
    0.7145, -0.9046, 0.2832, 0.0992, 1.0259, 0.7251, 0.1955, -0.1945, -0.7542, -0.4185,
    -1.4061, -0.7941, -0.677, -1.0061, -1.3728, -0.1211, -0.1473, 1.3097, -0.4892, 0.1227,
    -1.0299, 0.8534, 0.6263, -0.9246, -0.6551, 0.7378, -0.4712, -0.2711, 0.6045, -1.9202,
    -2.1202, -1.0387, 2.1997, -0.8053, -0.7507, -0.3319, -0.0089, 0.4706, -0.1475, -1.2896,
    0.1286, 0.8175, 0.3268, 0.0208, 0.0877, 0.104, 1.2801, 0.6252, -1.0046, 1.457, -0.012,
    0.3601, 0.3269, 1.2961, -1.9227, 0.5681, -0.6888, -0.8056, -0.71, -0.9231,
};
static const double interval_basic_lo[] = {
    -1.4936, -1.3822, -1.3155, -1.5434, -1.2831, -1.5893, -1.4114, -1.6788, -1.5321, -1.6608,
    -1.2867, -1.5017, -1.4732, -1.2287, -1.5127, -1.5327, -1.5149, -1.6892, -1.3356, -1.3639,
    -1.4972, -1.4459, -1.6444, -1.5801, -1.3123, -1.4024, -1.5393, -1.2365, -1.5591, -1.3189,
    -1.2942, -1.2673, -1.2187, -1.6094, -1.4617, -1.4769, -1.4069, -1.5393, -1.661, -1.5199,
    -1.4777, -1.6141, -1.5035, -1.5548, -1.3627, -1.6427, -1.2196, -1.4161, -1.4056, -1.6526,
    -1.4327, -1.3325, -1.4221, -1.4702, -1.269, -1.2456, -1.4126, -1.5595, -1.6418, -1.4565,
};
static const double interval_basic_hi[] = {
    1.6105, 1.6305, 1.642, 1.2038, 1.3134, 1.5724, 1.6869, 1.3895, 1.6971, 1.3312, 1.1473,
    1.186, 1.4921, 1.4401, 1.2236, 1.3156, 1.2473, 1.3881, 1.2108, 1.4516, 1.6352, 1.2318,
    1.4802, 1.4392, 1.2979, 1.2601, 1.2994, 1.2416, 1.2319, 1.5334, 1.5407, 1.1679, 1.4254,
    1.6297, 1.1246, 1.1523, 1.3338, 1.6724, 1.3838, 1.4957, 1.4857, 1.1348, 1.5193, 1.25,
    1.2108, 1.1736, 1.2579, 1.3312, 1.2738, 1.2902, 1.3485, 1.252, 1.5053, 1.2376, 1.1494,
    1.5732, 1.5333, 1.4777, 1.1997, 1.4275,
};
static const double interval_basic_want_coverage[] = {
    0.8666666666666667,
};
static const double interval_basic_want_clopper_pearson[] = {
    0.7540777788695802, 0.9406355772946428,
};
static const double interval_basic_want_mean_width[] = {
    2.8300183333333333,
};
static const double interval_basic_want_median_width[] = {
    2.8175499999999998,
};
static const double interval_basic_want_winkler_mean[] = {
    3.904085,
};
static const double interval_basic_want_pinball_lo[] = {
    0.10222550000000002,
};
static const double interval_basic_want_pinball_hi[] = {
    0.09297875000000007,
};

/* clopper_edges: metrics.coverage_ci */
static const double clopper_edges_tol = 1e-08;
static const double clopper_edges_conf[] = {
    0.95,
};
static const double clopper_edges_k_n[] = {
    0, 10, 10, 10, 5, 10, 930, 1000,
};
static const double clopper_edges_want_ci[] = {
    0.0, 0.3084971078187608, 0.6915028921812392, 1.0, 0.18708602844739855, 0.8129139715526015,
    0.9123837665107154, 0.9450284750808301,
};

/* stratified: metrics.stratified */
static const double stratified_tol = 1e-12;
static const double stratified_edges[] = {
    2.5, 2.8,
};
static const double stratified_size[] = {
    3.1041, 3.0127, 2.9574999999999996, 2.7472000000000003, 2.5965, 3.1616999999999997,
    3.0983, 3.0683, 3.2292, 2.992, 2.434, 2.6877, 2.9653, 2.6688, 2.7363, 2.8483, 2.7622,
    3.0773, 2.5464, 2.8155, 3.1324, 2.6776999999999997, 3.1246, 3.0193000000000003, 2.6102,
    2.6625, 2.8387000000000002, 2.4781, 2.791, 2.8523, 2.8349, 2.4352, 2.6441,
    3.2390999999999996, 2.5863, 2.6292, 2.7407000000000004, 3.2117, 3.0448, 3.0156, 2.9634,
    2.7489, 3.0228, 2.8048, 2.5735, 2.8163, 2.4775, 2.7473, 2.6794000000000002, 2.9428,
    2.7812, 2.5845000000000002, 2.9274, 2.7077999999999998, 2.4184, 2.8188, 2.9459,
    3.0372000000000003, 2.8415, 2.884,
};
static const double stratified_covered[] = {
    1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0,
    1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0,
    1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0,
    0.0, 1.0, 1.0, 1.0, 1.0, 1.0,
};
static const double stratified_group[] = {
    0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1,
    2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
};
static const double stratified_want_size_strat[] = {
    0.4, 0.9090909090909091, 0.9090909090909091,
};
static const double stratified_want_ssc_min[] = {
    0.4,
};
static const double stratified_want_fsc[] = {
    0.9333333333333333, 0.8, 0.7333333333333333, 1.0,
};
static const double stratified_want_fsc_min[] = {
    0.7333333333333333,
};
static const double stratified_want_covgap[] = {
    0.1,
};

#endif
