/* core_split.h - expected numbers; made by make_core.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From 01_core_split.json, cases quantile_index_table, quantile_values, split_abs_a0.1, split_abs_a0.2, split_norm, split_signed_inf, split_onesided, cqr_cqr, cqr_asym, cqr_r, cqr_m, cqr_empty, mondrian, clustered:
 * the project's own specification, computed there with exact or independent code. */
#ifndef ORACLE_CORE_SPLIT_H
#define ORACLE_CORE_SPLIT_H

#include <math.h>

/* quantile_index_table: core.index; naive ceil((1-a)*(n+1)) gives 124 for (149,.18) (true 123); naive floor(a*(n+1)) gives 28 for (99,.29) (true 29) */
static const double quantile_index_table_tol = 0;
static const double quantile_index_table_n_alpha[] = {
    9, 0.1, 99, 0.1, 100, 0.1, 149, 0.18, 99, 0.29, 19, 0.05, 18, 0.05, 1, 0.5, 0, 0.1, 10,
    0.0, 10, 1.0, 999999, 0.1, 1159, 0.35, 4, 0.3,
};
static const double quantile_index_table_want_k_hi[] = {
    9, 90, 91, 123, 71, 19, 19, 1, 1, 11, 0, 900000, 754, 4,
};
static const double quantile_index_table_want_k_lo[] = {
    1, 10, 10, 27, 29, 1, 0, 1, 0, 0, 11, 100000, 406, 1,
};

/* quantile_values: core.quantile; n=19; alpha<1/20 -> inf; alpha=1 -> -inf */
static const double quantile_values_tol = 0;
static const double quantile_values_alpha[] = {
    0.1, 0.05, 0.04, 0.5, 0.9, 0.0, 1.0,
};
static const double quantile_values_v[] = {
    0.587, 0.385, 0.124, 0.264, 1.039, 0.907, 1.377, 1.292, 1.095, 1.039, 1.357, 0.16, 2.317,
    0.863, 1.123, 0.954, 2.518, 0.488, 0.477,
};
static const double quantile_values_want_q_hi[] = {
    2.317, 2.518, HUGE_VAL, 0.954, 0.16, HUGE_VAL, -HUGE_VAL,
};
static const double quantile_values_want_q_lo[] = {
    0.16, 0.124, -HUGE_VAL, 0.954, 2.317, -HUGE_VAL, HUGE_VAL,
};

/* split_abs_a0.1: split.abs */
static const double split_abs_a0_1_tol = 1e-12;
static const double split_abs_a0_1_alpha[] = {
    0.1,
};
static const double split_abs_a0_1_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double split_abs_a0_1_mu_cal[] = {
    0.9829, -1.1407, -1.2129, 2.3579, 3.1408, -2.1472, -2.5567, 1.2399, 0.5219, 0.0268,
    6.7233, -0.3468, 1.3773, 3.2933, 3.4728, -3.6537, 1.2619, 2.7909, -0.2385,
};
static const double split_abs_a0_1_mu_test[] = {
    0.5, -1.25, 2.0, 0.0,
};
static const double split_abs_a0_1_want_interval[] = {
    -1.6790000000000003, 2.6790000000000003, -3.4290000000000003, 0.9290000000000003,
    -0.17900000000000027, 4.179, -2.1790000000000003, 2.1790000000000003,
};
static const double split_abs_a0_1_want_q[] = {
    2.1790000000000003,
};

/* split_abs_a0.2: split.abs */
static const double split_abs_a0_2_tol = 1e-12;
static const double split_abs_a0_2_alpha[] = {
    0.2,
};
static const double split_abs_a0_2_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double split_abs_a0_2_mu_cal[] = {
    0.9829, -1.1407, -1.2129, 2.3579, 3.1408, -2.1472, -2.5567, 1.2399, 0.5219, 0.0268,
    6.7233, -0.3468, 1.3773, 3.2933, 3.4728, -3.6537, 1.2619, 2.7909, -0.2385,
};
static const double split_abs_a0_2_mu_test[] = {
    0.5, -1.25, 2.0, 0.0,
};
static const double split_abs_a0_2_want_interval[] = {
    -0.7453000000000003, 1.7453000000000003, -2.4953000000000003, -0.004699999999999704,
    0.7546999999999997, 3.2453000000000003, -1.2453000000000003, 1.2453000000000003,
};
static const double split_abs_a0_2_want_q[] = {
    1.2453000000000003,
};

/* split_norm: split.normalised; score |y-mu|/(sigma+beta) */
static const double split_norm_tol = 1e-12;
static const double split_norm_alpha[] = {
    0.1,
};
static const double split_norm_beta[] = {
    0.1,
};
static const double split_norm_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double split_norm_mu_cal[] = {
    0.9829, -1.1407, -1.2129, 2.3579, 3.1408, -2.1472, -2.5567, 1.2399, 0.5219, 0.0268,
    6.7233, -0.3468, 1.3773, 3.2933, 3.4728, -3.6537, 1.2619, 2.7909, -0.2385,
};
static const double split_norm_sigma_cal[] = {
    2.2724, 1.6231, 0.9726, 1.8272, 2.0357, 2.0953, 0.8687, 1.5084, 0.5335, 1.4429, 0.598,
    0.7707, 1.3606, 1.1746, 1.2168, 1.1936, 1.0032, 0.9638, 2.0631,
};
static const double split_norm_mu_test[] = {
    0.5, -1.25, 2.0, 0.0,
};
static const double split_norm_sigma_test[] = {
    0.5, 1.5, 0.9, 2.0,
};
static const double split_norm_want_interval[] = {
    -0.4309234411996842, 1.4309234411996843, -3.7324625098658246, 1.2324625098658246,
    0.44846093133385967, 3.5515390686661403, -3.258232044198895, 3.258232044198895,
};

/* split_signed_inf: split.signed; both sides infinite: alpha/2 side budget too small for n=19 */
static const double split_signed_inf_tol = 0;
static const double split_signed_inf_alpha_lo[] = {
    0.04,
};
static const double split_signed_inf_alpha_hi[] = {
    0.04,
};
static const double split_signed_inf_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double split_signed_inf_mu_cal[] = {
    0.9829, -1.1407, -1.2129, 2.3579, 3.1408, -2.1472, -2.5567, 1.2399, 0.5219, 0.0268,
    6.7233, -0.3468, 1.3773, 3.2933, 3.4728, -3.6537, 1.2619, 2.7909, -0.2385,
};
static const double split_signed_inf_mu_test[] = {
    0.5, -1.25, 2.0, 0.0,
};
static const double split_signed_inf_want_interval[] = {
    -HUGE_VAL, HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL, HUGE_VAL,
};

/* split_onesided: split.onesided */
static const double split_onesided_tol = 1e-12;
static const double split_onesided_alpha[] = {
    0.1,
};
static const double split_onesided_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double split_onesided_mu_cal[] = {
    0.9829, -1.1407, -1.2129, 2.3579, 3.1408, -2.1472, -2.5567, 1.2399, 0.5219, 0.0268,
    6.7233, -0.3468, 1.3773, 3.2933, 3.4728, -3.6537, 1.2619, 2.7909, -0.2385,
};
static const double split_onesided_mu_test[] = {
    0.5, -1.25, 2.0, 0.0,
};
static const double split_onesided_want_upper[] = {
    -HUGE_VAL, 1.7453000000000003, -HUGE_VAL, -0.004699999999999704, -HUGE_VAL,
    3.2453000000000003, -HUGE_VAL, 1.2453000000000003,
};
static const double split_onesided_want_lower[] = {
    -1.6790000000000003, HUGE_VAL, -3.4290000000000003, HUGE_VAL, -0.17900000000000027,
    HUGE_VAL, -2.1790000000000003, HUGE_VAL,
};

/* cqr_cqr: cqr.cqr */
static const double cqr_cqr_tol = 1e-12;
static const double cqr_cqr_alpha[] = {
    0.1,
};
static const double cqr_cqr_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double cqr_cqr_lo_cal[] = {
    -0.2988, -2.2276, -2.1047, 1.2097, 1.9301, -3.3758, -3.4173, 0.1874, -0.2381, -1.0061,
    5.9439, -1.178, 0.3691, 2.3409, 2.5078, -4.6118, 0.3609, 1.9018, -1.4574,
};
static const double cqr_cqr_hi_cal[] = {
    2.1374, -0.1161, -0.3184, 3.4233, 4.2479, -1.0281, -1.683, 2.2416, 1.3286, 1.0154, 7.5429,
    0.5073, 2.3494, 4.2282, 4.4162, -2.715, 2.1625, 3.6837, 0.8741,
};
static const double cqr_cqr_med_cal[] = {
    1.0029, -1.1207, -1.1929, 2.3779, 3.1608, -2.1272, -2.5367, 1.2599, 0.5419, 0.0468,
    6.7433, -0.3268, 1.3973, 3.3133, 3.4928, -3.6337, 1.2819, 2.8109, -0.2185,
};
static const double cqr_cqr_lo_test[] = {
    -0.5, -2.0, 1.0, -0.2,
};
static const double cqr_cqr_hi_test[] = {
    1.5, -0.4, 1.1, 0.9,
};
static const double cqr_cqr_med_test[] = {
    0.4, -1.3, 1.05, 0.1,
};
static const double cqr_cqr_want_q[] = {
    1.0099999999999998,
};
static const double cqr_cqr_want_interval[] = {
    -1.5099999999999998, 2.51, -3.01, 0.6099999999999998, -0.009999999999999787, 2.11,
    -1.2099999999999997, 1.9099999999999997,
};

/* cqr_asym: cqr.asym */
static const double cqr_asym_tol = 1e-12;
static const double cqr_asym_alpha[] = {
    0.1,
};
static const double cqr_asym_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double cqr_asym_lo_cal[] = {
    -0.2988, -2.2276, -2.1047, 1.2097, 1.9301, -3.3758, -3.4173, 0.1874, -0.2381, -1.0061,
    5.9439, -1.178, 0.3691, 2.3409, 2.5078, -4.6118, 0.3609, 1.9018, -1.4574,
};
static const double cqr_asym_hi_cal[] = {
    2.1374, -0.1161, -0.3184, 3.4233, 4.2479, -1.0281, -1.683, 2.2416, 1.3286, 1.0154, 7.5429,
    0.5073, 2.3494, 4.2282, 4.4162, -2.715, 2.1625, 3.6837, 0.8741,
};
static const double cqr_asym_med_cal[] = {
    1.0029, -1.1207, -1.1929, 2.3779, 3.1608, -2.1272, -2.5367, 1.2599, 0.5419, 0.0468,
    6.7433, -0.3268, 1.3973, 3.3133, 3.4928, -3.6337, 1.2819, 2.8109, -0.2185,
};
static const double cqr_asym_lo_test[] = {
    -0.5, -2.0, 1.0, -0.2,
};
static const double cqr_asym_hi_test[] = {
    1.5, -0.4, 1.1, 0.9,
};
static const double cqr_asym_med_test[] = {
    0.4, -1.3, 1.05, 0.1,
};
static const double cqr_asym_want_q[] = {
    1.3996000000000004, 0.8178999999999998,
};
static const double cqr_asym_want_interval[] = {
    -1.8996000000000004, 2.3179, -3.3996000000000004, 0.4178999999999998, -0.3996000000000004,
    1.9179, -1.5996000000000004, 1.7178999999999998,
};

/* cqr_r: cqr.r */
static const double cqr_r_tol = 1e-12;
static const double cqr_r_alpha[] = {
    0.1,
};
static const double cqr_r_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double cqr_r_lo_cal[] = {
    -0.2988, -2.2276, -2.1047, 1.2097, 1.9301, -3.3758, -3.4173, 0.1874, -0.2381, -1.0061,
    5.9439, -1.178, 0.3691, 2.3409, 2.5078, -4.6118, 0.3609, 1.9018, -1.4574,
};
static const double cqr_r_hi_cal[] = {
    2.1374, -0.1161, -0.3184, 3.4233, 4.2479, -1.0281, -1.683, 2.2416, 1.3286, 1.0154, 7.5429,
    0.5073, 2.3494, 4.2282, 4.4162, -2.715, 2.1625, 3.6837, 0.8741,
};
static const double cqr_r_med_cal[] = {
    1.0029, -1.1207, -1.1929, 2.3779, 3.1608, -2.1272, -2.5367, 1.2599, 0.5419, 0.0468,
    6.7433, -0.3268, 1.3973, 3.3133, 3.4928, -3.6337, 1.2819, 2.8109, -0.2185,
};
static const double cqr_r_lo_test[] = {
    -0.5, -2.0, 1.0, -0.2,
};
static const double cqr_r_hi_test[] = {
    1.5, -0.4, 1.1, 0.9,
};
static const double cqr_r_med_test[] = {
    0.4, -1.3, 1.05, 0.1,
};
static const double cqr_r_want_q[] = {
    0.43575804642333243,
};
static const double cqr_r_want_interval[] = {
    -1.3715160928466648, 2.3715160928466648, -2.697212874277332, 0.2972128742773319,
    0.9564241953576668, 1.1435758046423334, -0.6793338510656657, 1.3793338510656659,
};

/* cqr_m: cqr.m */
static const double cqr_m_tol = 1e-12;
static const double cqr_m_alpha[] = {
    0.1,
};
static const double cqr_m_y_cal[] = {
    1.3543, -0.2458, -0.7188, 2.8525, 0.9201, -2.4582, -2.9609, 0.1714, 1.5048, 0.5061,
    4.5443, 0.4772, 3.1673, 2.3139, 2.5383, -2.4084, 1.4002, 2.8556, -0.439,
};
static const double cqr_m_lo_cal[] = {
    -0.2988, -2.2276, -2.1047, 1.2097, 1.9301, -3.3758, -3.4173, 0.1874, -0.2381, -1.0061,
    5.9439, -1.178, 0.3691, 2.3409, 2.5078, -4.6118, 0.3609, 1.9018, -1.4574,
};
static const double cqr_m_hi_cal[] = {
    2.1374, -0.1161, -0.3184, 3.4233, 4.2479, -1.0281, -1.683, 2.2416, 1.3286, 1.0154, 7.5429,
    0.5073, 2.3494, 4.2282, 4.4162, -2.715, 2.1625, 3.6837, 0.8741,
};
static const double cqr_m_med_cal[] = {
    1.0029, -1.1207, -1.1929, 2.3779, 3.1608, -2.1272, -2.5367, 1.2599, 0.5419, 0.0468,
    6.7433, -0.3268, 1.3973, 3.3133, 3.4928, -3.6337, 1.2819, 2.8109, -0.2185,
};
static const double cqr_m_lo_test[] = {
    -0.5, -2.0, 1.0, -0.2,
};
static const double cqr_m_hi_test[] = {
    1.5, -0.4, 1.1, 0.9,
};
static const double cqr_m_med_test[] = {
    0.4, -1.3, 1.05, 0.1,
};
static const double cqr_m_want_q[] = {
    0.8590484192836884,
};
static const double cqr_m_want_interval[] = {
    -1.2731435773553197, 2.4449532612120572, -2.6013338934985817, 0.37314357735531956,
    0.9570475790358155, 1.1429524209641846, -0.4577145257851066, 1.5872387354269506,
};

/* cqr_empty: cqr.cqr; q=-2: first test interval is EMPTY (lo>hi). Must be reported empty; swapping endpoints is wrong */
static const double cqr_empty_tol = 1e-12;
static const double cqr_empty_alpha[] = {
    0.1,
};
static const double cqr_empty_y_cal[] = {
    0.9829, -1.1407, -1.2129, 2.3579, 3.1408, -2.1472, -2.5567, 1.2399, 0.5219, 0.0268,
    6.7233, -0.3468, 1.3773, 3.2933, 3.4728, -3.6537, 1.2619, 2.7909, -0.2385,
};
static const double cqr_empty_lo_cal[] = {
    -1.0171000000000001, -3.1407, -3.2129000000000003, 0.3578999999999999, 1.1408, -4.1472,
    -4.5567, -0.7601, -1.4781, -1.9732, 4.7233, -2.3468, -0.6227, 1.2933, 1.4727999999999999,
    -5.653700000000001, -0.7381, 0.7909000000000002, -2.2385,
};
static const double cqr_empty_hi_cal[] = {
    2.9829, 0.8593, 0.7870999999999999, 4.3579, 5.1408000000000005, -0.14720000000000022,
    -0.5567000000000002, 3.2399, 2.5219, 2.0268, 8.7233, 1.6532, 3.3773, 5.2933,
    5.472799999999999, -1.6537000000000002, 3.2619, 4.790900000000001, 1.7615,
};
static const double cqr_empty_lo_test[] = {
    0.0, 0.0,
};
static const double cqr_empty_hi_test[] = {
    1.0, 5.0,
};
static const double cqr_empty_want_q[] = {
    -1.9999999999999996,
};
static const double cqr_empty_want_interval_raw[] = {
    1.9999999999999996, -0.9999999999999996, 1.9999999999999996, 3.0000000000000004,
};
static const double cqr_empty_want_empty[] = {
    1, 0,
};

/* mondrian: mondrian; n_g=9 ->k=9 (largest); n_g=8 -> inf; n_g=2 -> inf; unseen group -> inf */
static const double mondrian_tol = 1e-12;
static const double mondrian_alpha[] = {
    0.1,
};
static const double mondrian_score_cal[] = {
    0.37140000000000006, 0.8949, 0.4941000000000001, 0.49460000000000015, 2.2207,
    0.31099999999999994, 0.4041999999999999, 1.0685, 0.9828999999999999, 0.4793,
    2.1790000000000003, 0.8240000000000001, 1.79, 0.9794, 0.9344999999999999,
    1.2453000000000003, 0.13829999999999987, 0.06469999999999976, 0.2005,
};
static const double mondrian_group_cal[] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2,
};
static const double mondrian_group_test[] = {
    0, 1, 2, 7,
};
static const double mondrian_want_q[] = {
    2.2207, HUGE_VAL, HUGE_VAL, HUGE_VAL,
};

/* clustered: clustered; same rows used twice only to keep the oracle small; the guarantee needs a separate clustering split */
static const double clustered_tol = 1e-12;
static const double clustered_alpha[] = {
    0.1,
};
static const double clustered_n_clusters[] = {
    2,
};
static const double clustered_min_count[] = {
    9,
};
static const double clustered_levels[] = {
    0.5, 0.6, 0.7, 0.8, 0.9,
};
static const double clustered_score_cluster[] = {
    0.966, 0.363, 0.667, 0.308, 1.232, 0.305, 0.873, 1.385, 0.986, 0.231, 0.262, 0.889, 0.463,
    1.413, 0.792, 0.278, 1.425, 0.132, 0.978, 0.162, 0.811, 0.137, 0.111, 0.364, 0.276, 0.767,
    0.109, 0.464, 0.788, 0.345, 0.684, 1.204, 0.175, 0.081, 0.069, 0.737, 1.068, 1.187, 1.055,
    0.932, 1.451, 1.313, 0.507, 0.471,
};
static const double clustered_y_cluster[] = {
    0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2,
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4,
};
static const double clustered_score_cal[] = {
    0.966, 0.363, 0.667, 0.308, 1.232, 0.305, 0.873, 1.385, 0.986, 0.231, 0.262, 0.889, 0.463,
    1.413, 0.792, 0.278, 1.425, 0.132, 0.978, 0.162, 0.811, 0.137, 0.111, 0.364, 0.276, 0.767,
    0.109, 0.464, 0.788, 0.345, 0.684, 1.204, 0.175, 0.081, 0.069, 0.737, 1.068, 1.187, 1.055,
    0.932, 1.451, 1.313, 0.507, 0.471,
};
static const double clustered_y_cal[] = {
    0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2,
    3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4,
};
static const double clustered_n_classes[] = {
    5,
};
static const double clustered_want_embedding[] = {
    0.308, 0.463, 0.464, 0.873, 0.966, 0.767, 0.788, 1.232, 1.385, 1.413, 0.364, 0.667, 0.792,
    0.811, 0.889, 0.932, 1.068, 1.187, 1.204, 1.313, 0.471, 0.507, 0.507, 0.507, 0.507,
};
static const double clustered_want_assignment[] = {
    0, 1, 0, 1, -1,
};
static const double clustered_want_threshold[] = {
    0.978, 1.425, 0.978, 1.425, 1.385,
};

#endif
