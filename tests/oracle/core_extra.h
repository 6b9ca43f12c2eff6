/* core_extra.h - expected numbers; made by make_core.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From 12_extra.json, cases fisher_yates, normals:
 * the project's own specification, computed there with exact or independent code. */
#ifndef ORACLE_CORE_EXTRA_H
#define ORACLE_CORE_EXTRA_H

#include <math.h>

/* fisher_yates: core.rng */
static const double fisher_yates_tol = 0;
static const double fisher_yates_seed[] = {
    5,
};
static const double fisher_yates_stream[] = {
    2,
};
static const double fisher_yates_n[] = {
    5, 10,
};
static const double fisher_yates_want_perm[] = {
    4, 3, 0, 2, 1, 9, 8, 2, 7, 6, 4, 0, 1, 5, 3,
};

/* normals: core.rng */
static const double normals_tol = 1e-09;
static const double normals_seed[] = {
    7,
};
static const double normals_stream[] = {
    0,
};
static const double normals_n[] = {
    5,
};
static const double normals_want_z[] = {
    0.5873277031936722, 0.38452235923264094, 0.12408073670862677, 0.2643238431238573,
    -0.3905674314288286,
};

#endif
