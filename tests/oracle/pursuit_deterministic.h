/* pursuit_deterministic.h - expected numbers; made by make_pursuit.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the project's own specification of information pursuit:
 * o5_deterministic.json. */
#ifndef ORACLE_PURSUIT_DETERMINISTIC_H
#define ORACLE_PURSUIT_DETERMINISTIC_H

#include <math.h>
#include <stddef.h>

enum { DETERMINISTIC_CLASSES = 8, DETERMINISTIC_QUERIES = 7 };
static const double deterministic_yes[8 * 7] = {
    0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0,
    0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0,
    0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0,
    0.0, 0.0,
};
static const struct {
    const char *query, *answer;
    double entropy[3], size[3];
    size_t identified;
} deterministic_plays[] = {
    {"012", "000", {2.0, 1.0, 0.0}, {4.0, 2.0, 1.0}, 0},
    {"012", "001", {2.0, 1.0, 0.0}, {4.0, 2.0, 1.0}, 1},
    {"012", "010", {2.0, 1.0, 0.0}, {4.0, 2.0, 1.0}, 2},
    {"012", "011", {2.0, 1.0, 0.0}, {4.0, 2.0, 1.0}, 3},
    {"012", "100", {2.0, 1.0, 0.0}, {4.0, 2.0, 1.0}, 4},
    {"012", "101", {2.0, 1.0, 0.0}, {4.0, 2.0, 1.0}, 5},
    {"012", "110", {2.0, 1.0, 0.0}, {4.0, 2.0, 1.0}, 6},
    {"012", "111", {2.0, 1.0, 0.0}, {4.0, 2.0, 1.0}, 7},
};

#endif
