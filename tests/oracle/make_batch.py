#!/usr/bin/env python3
"""make_batch.py - the oracle of batch predictive inference as C tables.
SPDX-License-Identifier: GPL-3.0-or-later

    python3 make_batch.py PART ORACLES > batch_PART.h

PART is one of order, pair, rank_sum, sum, claims, baseline, exchange; ORACLES the folder with
small_cases.json, order_stat_ranks.csv, ranksum_quantiles.csv, permutation_coverage.json and
mc_coverage.csv. Levels and probabilities are fractions there and become the nearest doubles.
The script asserts that it has written every case of its part.
"""
import csv
import json
import re
import sys
from fractions import Fraction

part, folder = sys.argv[1], sys.argv[2]
cases = json.load(open(f"{folder}/small_cases.json"))
arrays = {}  # C arrays so far, by type and content
written = 0


def number(x):
    if x is None:
        return "-1"
    if isinstance(x, str):
        if x in ("inf", "-inf"):
            return {"inf": "HUGE_VAL", "-inf": "-HUGE_VAL"}[x]
        return repr(float(Fraction(x)))
    return repr(x)


def wrapped(items, indent="    "):
    lines, line = [], indent
    for item in items:
        if len(line) + len(item) > 92:
            lines.append(line.rstrip())
            line = indent
        line += item + ", "
    return "\n".join(lines + [line.rstrip()])


def array(values, type="double"):
    """The name of a static array with these values, written on first use; NULL for none."""
    if not values:
        return "NULL"
    key = (type, tuple(values))
    if key not in arrays:
        arrays[key] = f"{part}_{type.replace(' ', '_')}s_{len(arrays) + 1}"
        print(f"static const {type} {arrays[key]}[] = {{\n{wrapped(map(number, values))}\n}};")
    return arrays[key]


def table(name, fields, rows):
    """fields: C declarations; rows: lists of C expressions, their arrays already written."""
    global written
    print(f"\nstatic const struct {{\n{wrapped_fields(fields)}\n}} {part}_{name}[] = {{")
    for row in rows:
        text = ", ".join(row)
        print(f"    {{{text}}}," if len(text) < 88 else
              "    {" + wrapped(row, "     ").strip().rstrip(",") + "},")
    print("};")
    written += len(rows)


def wrapped_fields(fields):
    return "\n".join(f"    {f};" for f in fields)


def text(s):
    return '"' + s + '"'


def of(*functions):
    return [c for c in cases if c["fn"] in functions]


def rows_of(name):
    return list(csv.DictReader(open(f"{folder}/{name}")))


def order():
    rows = [[r["n"], r["m"], r["z"], number(r["alpha"]), r["upper_rank"], r["upper_cov"],
             r["lower_rank"], r["lower_cov"]] for r in rows_of("order_stat_ranks.csv")]
    table("ranks", ["size_t n, m, rank", "double alpha", "size_t upper_rank",
                    "double upper_coverage", "size_t lower_rank", "double lower_coverage"],
          rows)
    rows = []
    for c in of("order_stat_upper", "order_stat_lower", "simultaneous"):
        rank = c["m"] - c["miss"] if c["fn"] == "simultaneous" else c["z"]
        rows.append([text(c["id"]), str(c["n"]), str(c["m"]), str(rank),
                     str(int(c["fn"] != "order_stat_lower")), number(c["alpha"]),
                     array(c["scores"]), number(c.get("lo", "-inf")),
                     number(c.get("hi", "inf")), str(c["rank"]), number(c["coverage"]),
                     number(c["bound"])])
    table("cases", ["const char *id", "size_t n, m, rank", "int upper", "double alpha",
                    "const double *scores", "double low, high", "size_t bound_rank",
                    "double coverage, bound"], rows)
    return len(of("order_stat_upper", "order_stat_lower", "simultaneous")) + \
        len(rows_of("order_stat_ranks.csv"))


def pair():
    names = {"two_quantile_equal": 0, "two_quantile_shortest": 1, "two_quantile_widen": 2}
    rows = []
    for c in of(*names):
        none = c["p"] is None  # then everything
        rows.append([text(c["id"]), str(c["n"]), str(c["m"]), str(c["z1"]), str(c["z2"]),
                     number(c["alpha"]), str(names[c["fn"]]), array(c.get("scores")),
                     "0" if none else str(c["p"]), str(c["n"] + 1) if none else str(c["q"]),
                     "1.0" if none else number(c.get("coverage", c["coverage_f"])),
                     number(c.get("lower", "-inf")), number(c.get("upper", "inf"))])
    table("cases", ["const char *id", "size_t n, m, first, second", "double alpha",
                    "int region", "const double *scores", "size_t p, q",
                    "double coverage, lower, upper"], rows)
    rows = [[str(c[k]) for k in ("n", "m", "z1", "z2", "p", "q")] + [number(c["coverage"])]
            for c in of("two_quantile_prob")]
    table("coverages", ["size_t n, m, first, second, p, q", "double coverage"], rows)
    return len(of(*names, "two_quantile_prob"))


def rank_sum():
    rows = [[r["n"], r["m"], r["cap"], number(r["alpha"]), r["q"] or "-1",
             r["coverage"] or "-1"] for r in rows_of("ranksum_quantiles.csv")]
    table("quantiles", ["size_t n, m, cap", "double alpha", "int64_t budget",
                        "double coverage"], rows)
    return len(rows)


def sum_():
    rows = []
    for c in of("mean_upper", "mean_lower"):
        upper = c["fn"] == "mean_upper"
        rows.append([text(c["id"]), str(c["n"]), str(c["m"]), str(int(upper)),
                     number(c["alpha"]), array(c["scores"]), array(c["phi"], "int32_t"),
                     str(c["cap"]), number(c.get("lo", "-inf")), number(c.get("hi", "inf")),
                     number(c["q" if upper else "q_reflected"]), number(c["coverage"]),
                     number(c["bound"]), number(c.get("hull_bound", "inf"))])
    table("means", ["const char *id", "size_t n, m", "int upper", "double alpha",
                    "const double *scores", "const int32_t *costs", "size_t cap",
                    "double low, high", "int64_t budget", "double coverage, bound, hull"],
          rows)
    rows = []
    for c in of("l_stat_upper"):
        keep = [int(j + 1 in c["keep"]) for j in range(c["m"])]
        rows.append([text(c["id"]), str(c["n"]), str(c["m"]), str(len(c["keep"])),
                     array(keep), number(c["alpha"]), array(c["scores"]), number(c["hi"]),
                     number(c["q"]), number(c["coverage"]), number(c["bound"])])
    table("linear", ["const char *id", "size_t n, m, kept", "const double *coefficients",
                     "double alpha", "const double *scores", "double high", "int64_t budget",
                     "double coverage, bound"], rows)
    rows = []
    for c in of("stratified_mean_upper"):
        groups = c["groups"]
        scores = [s for g in groups for s in g["scores"]]
        codes = [i for i, g in enumerate(groups) for _ in g["scores"]]
        rows.append([array([len(g["scores"]) for g in groups], "size_t"),
                     array([g["m"] for g in groups], "size_t"), str(len(groups)),
                     str(len(scores)), array(scores), array(codes, "int32_t"),
                     number(c["hi"]), number(c["alpha"]), number(c["q"]),
                     number(c["coverage"]), number(c["bound"])])
    table("strata", ["const size_t *n, *m", "size_t n_strata, n_all", "const double *scores",
                     "const int32_t *strata", "double high, alpha", "int64_t budget",
                     "double coverage, bound"], rows)
    return len(of("mean_upper", "mean_lower", "l_stat_upper", "stratified_mean_upper"))


def claims():
    rows = []
    for c in of("selection"):
        chosen = [int(j in c["selected"]) for j in range(c["m"])]
        rows.append([str(c["n"]), str(c["m"]), str(c["eta"]), number(c["alpha"]),
                     array(c["cal_pred"]), array(c["cal_null"], "unsigned char"),
                     array(c["test_pred"]), array(chosen, "unsigned char"), str(c["rank"]),
                     number(c["threshold"]), number(c["coverage"])])
    table("selections", ["size_t n, m, mistakes", "double alpha", "const double *prediction",
                         "const unsigned char *null", "const double *batch",
                         "const unsigned char *claimed", "size_t rank",
                         "double threshold, coverage"], rows)
    rows = [[str(c["n"]), str(c["m"]), str(sum(s > c["t"] for s in c["scores"])),
             number(c["alpha"]), str(c["bound"])] for c in of("count_above_upper")]
    table("counts", ["size_t n, m, above", "double alpha", "size_t upper"], rows)
    rows = [[str(c["n"]), str(c["m"]), str(c["z"]), array(c["scores"]), array(c["test"]),
             str(c["ranks"][c["z"] - 1]), number(c["p"])] for c in of("batch_pvalue")]
    table("p_values", ["size_t n, m, rank", "const double *scores, *batch", "size_t observed",
                       "double p"], rows)
    return len(of("selection", "count_above_upper", "batch_pvalue"))


def baseline():
    codes = {"baseline_partition_mean": 1, "baseline_bonferroni": 2, "baseline_direct_mean": 3}
    rows = [[text(c["id"]), str(codes[c["fn"]]), str(c["n"]), str(c["m"]), number(c["alpha"]),
             array(c["scores"]), number(c.get("hi", "inf")), number(c["bound"])]
            for c in of(*codes)]
    table("cases", ["const char *id", "int baseline", "size_t n, m", "double alpha",
                    "const double *scores", "double high, bound"], rows)
    return len(of(*codes))


def exchange():
    """Kinds: 0 order statistic, 1 mean, 2 count above. The exponential costs that the oracle
    calls 2^(k/2) are 16 2^(k/2), k = 0..n; the counts are the same for any finer grid."""
    pools = json.load(open(f"{folder}/permutation_coverage.json"))
    rows = []
    for c in pools:
        name, n = c["name"], len(c["pool"]) - c["m"]
        kind = ("order_stat", "mean", "count").index(name.split()[0])
        value = re.search(r"(?:z=|hi=|lo=|above )([\d.]+)", name)[1]
        costs = [round(16 * 2 ** (k / 2)) for k in range(n + 1)] if "phi" in name else None
        rows.append([text(name), str(kind), str(int(c["side"] == "upper")), value,
                     array(c["pool"]), str(len(c["pool"])), str(c["m"]), number(c["alpha"]),
                     array(costs, "int32_t"), str(c["covered"]), str(c["total"])])
    table("pools", ["const char *name", "int kind, upper", "double value",
                    "const double *pool", "size_t size, m", "double alpha",
                    "const int32_t *costs",
                    "size_t covered, total"], rows)
    exact = [r for r in rows_of("mc_coverage.csv") if r["exact"]]
    two, one, claim = [], [], []
    for r in exact:
        found = dict(re.findall(r"(\w+)=(\d+)", r["extra"]))
        sizes = re.search(r"n=(\d+) m=(\d+)", r["experiment"])
        size = list(sizes.groups()) if sizes else ["200", "100"]  # "split, same setting"
        rest = [number(r["alpha"]), r["exact"]]
        if r["experiment"].startswith("median"):
            two.append(size + ["20", "20", str(int(found["t"]) - 1), found["k"]] + rest)
        elif r["experiment"].startswith("quartiles"):
            two.append(size + ["10", "30", found["p"], found["q"]] + rest)
        elif r["experiment"].startswith("selection"):
            claim.append(size + [r["setting"][4:], found["rank"]] + rest)
        else:
            split = str(int(r["experiment"].startswith("split")))
            one.append(size + ["90", split, found["rank"]] + rest)
    table("two_sided", ["size_t n, m, first, second, p, q", "double alpha, exact"], two)
    table("one_sided", ["size_t n, m, rank", "int split", "size_t bound",
                        "double alpha, exact"], one)
    table("claims", ["size_t n, m, mistakes, rank", "double alpha, exact"], claim)
    return len(pools) + len(exact)


parts = {"order": order, "pair": pair, "rank_sum": rank_sum, "sum": sum_, "claims": claims,
         "baseline": baseline, "exchange": exchange}
guard = f"ORACLE_BATCH_{part.upper()}_H"
print(f"""/* batch_{part}.h - expected numbers; made by make_batch.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The project's own specification of batch predictive inference, computed there in exact
 * rational arithmetic and by enumeration of all rank vectors. */
#ifndef {guard}
#define {guard}

#include <math.h>
#include <stddef.h>
#include <stdint.h>
""")
expected = parts[part]()
assert written == expected, (written, expected)
print("\n#endif")
