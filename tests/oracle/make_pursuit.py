#!/usr/bin/env python3
"""make_pursuit.py - the oracle of information pursuit as C tables.
SPDX-License-Identifier: GPL-3.0-or-later

    python3 make_pursuit.py PART ORACLES > pursuit_PART.h

PART is one of tiny, coverage, quantile, trace, deterministic; ORACLES the folder with
o1_tiny_exact.json .. o5_deterministic.json and o4_*.csv. Rows of small codes become strings of
digits, '.' for a missing one. The script asserts that every code is one digit.
"""
import csv
import json
import sys

part, folder = sys.argv[1], sys.argv[2]
ALPHAS = ("0.1", "0.2", "0.3")
DETAILED = 4  # rows of a trace whose numbers are kept


def load(name):
    return json.load(open(f"{folder}/{name}.json"))


def number(x):
    return "HUGE_VAL" if x == float("inf") else repr(x)


def wrapped(items, indent="    "):
    lines, line = [], indent
    for item in items:
        if len(line) + len(item) > 92:
            lines.append(line.rstrip())
            line = indent
        line += item + ", "
    return "\n".join(lines + [line.rstrip()])


def flat(v):
    return [x for item in v for x in flat(item)] if isinstance(v, list) else [v]


def digits(codes):
    assert all(-1 <= c <= 9 for c in codes)
    return '"' + "".join("." if c < 0 else str(c) for c in codes) + '"'


def braced(values, depth, indent="    "):
    """The rows of a nested list in braces of their own, down to depth."""
    if depth == 1:
        return wrapped(map(number, flat(values)), indent)
    return "\n".join(f"{indent}{{\n{braced(v, depth - 1, indent + '    ')}\n{indent}}},"
                     for v in values)


def doubles(name, size, values):
    body = braced(values, size.count("["))
    print(f"static const double {part}_{name}{size} = {{\n{body}\n}};")


def strings(name, rows):
    print(f"static const char *const {part}_{name}[] = {{\n{wrapped(map(digits, rows))}\n}};")


def tiny():
    d = load("o1_tiny_exact")
    sizes = {}  # of the set at each history, by threshold
    for h in d["histories"]:
        for q in h["queries"]:
            for a in q["answers"]:
                key = tuple(sorted(map(tuple, h["history"] + [[q["q"], a["a"]]])))
                sizes[key] = [a["size"][x] for x in ALPHAS]
    doubles("prior", "[3]", d["prior"])
    print("/* Query 0's answers 0 and 1, query 1's, query 2's three: by class. */")
    doubles("chance", "[7 * 3]", d["G"])
    doubles("alpha", "[3]", [float(a) for a in ALPHAS])
    doubles("tau", "[3][4]", [d["tau"][a] for a in ALPHAS])
    print("""
/* After `length` answers: queries and answers as digits; per query not yet asked the expected
 * entropy, and per alpha the expected size and logarithm of the size. */
static const struct {
    const char *query, *answer;
    double posterior[3], entropy, expected[3], size[3][3], log_size[3][3];
    int ip, cip[3]; /* -1: none is left */
    int count[3];   /* of the set here; -1 at the start */
} tiny_histories[] = {""")
    for h in d["histories"]:
        pairs = sorted(map(tuple, h["history"]))
        by_query = {q["q"]: q for q in h["queries"]}
        inf = float("inf")
        get = [by_query.get(q) for q in range(3)]
        items = [number(x) for x in h["posterior"] + [h["entropy_bits"]]]
        items += [number(q["expected_entropy_bits"] if q else inf) for q in get]
        items += [number(q["expected_size"][a] if q else inf) for a in ALPHAS for q in get]
        items += [number(q["expected_log2_size"][a] if q else inf) for a in ALPHAS for q in get]
        cip = h.get("cip_choice", {})
        choice = [h.get("ip_choice", -1)] + [cip.get(a, -1) for a in ALPHAS]
        count = sizes.get(tuple(pairs), [-1] * 3)
        post = "{" + ", ".join(items[:3]) + "}"
        exp = "{" + ", ".join(items[4:7]) + "}"

        def grid(x):
            return "{" + ", ".join("{" + ", ".join(x[i:i + 3]) + "}" for i in (0, 3, 6)) + "}"

        print("    {" + digits([q for q, _ in pairs]) + ", " + digits([a for _, a in pairs]) + ",")
        print(f"     {post}, {items[3]},\n     {exp},")
        for x in (items[7:16], items[16:25]):
            print("     " + grid(x).replace("}, {", "},\n      {") + ",")
        print(f"     {choice[0]}, {{{', '.join(map(str, choice[1:]))}}}, "
              f"{{{', '.join(map(str, count))}}}}},")
    print("};")
    print("""
/* After k queries at random: the mean entropy, the coverage and mean size of the population's
 * sets, and two bounds of the entropy: Fano's, and the simplified one of the paper. */
static const struct {
    int level, k; /* level: of tiny_alpha */
    double entropy, coverage, size, fano, simple;
} tiny_bounds[] = {""")
    for b in d["entropy_bounds"]:
        level = [float(a) for a in ALPHAS].index(b["alpha"])
        keys = ("H_Y_given_S_bits", "coverage", "mean_size", "fano_bound_bits", "eq6_bound_bits")
        print(f"    {{{level}, {b['k']}, " + ", ".join(number(b[x]) for x in keys[:3]) + ",")
        print("     " + ", ".join(number(b[x]) for x in keys[3:]) + "},")
    print("};")


def coverage():
    d = load("o2_coverage")
    print("/* The model of pursuit_tiny.h; thresholds from n rows, k random queries. */")
    print("static const struct {\n    size_t n;\n    double alpha;\n    size_t k, m;\n"
          "    double coverage;\n} coverage_exact[] = {")
    for c in d["exact"]:
        print(f"    {{{c['n']}, {c['alpha']}, {c['k']}, {c['m']}, "
              f"{c['exact_expected_coverage']!r}}},")
    print("};")
    print("\n/* Simulated with n = 50: after 1, 2, 3 queries; means and standard errors. */")
    for alpha in sorted(d["monte_carlo"]):
        for kind, v in d["monte_carlo"][alpha].items():
            tag = f"{kind}_{alpha.replace('0.', '')}"
            doubles(tag, "[2][3]", [v["mean"], v["se"]])


def quantile():
    cases = load("o3_quantiles")["cases"]
    for i, c in enumerate(cases):
        doubles(f"scores_{i}", "[]", c["p_true"])
    print("\nstatic const struct {\n    size_t n;\n    double alpha;\n    size_t m;\n"
          "    double tau;\n    const double *scores;\n} quantile_cases[] = {")
    for i, c in enumerate(cases):
        print(f"    {{{c['n']}, {c['alpha']}, {c['m']}, {c['tau']!r}, quantile_scores_{i}}},")
    print("};")


def codes(name):
    rows = list(csv.reader(open(f"{folder}/{name}.csv")))[1:]
    return [[int(x.lstrip("ca")) if x else -1 for x in row] for row in rows]


def trace():
    d = load("o4_trace")
    chains = codes("o4_cal_chains")
    print("enum { TRACE_CLASSES = 5, TRACE_QUERIES = 8, TRACE_LENGTH = 6, TRACE_ANSWERS = 20,\n"
          f"       TRACE_DETAILED = {DETAILED} }};")
    print("static const size_t trace_n_answers[] = {" + ", ".join(map(str, d["nA"])) + "};")
    print("/* A class, then its answers to queries 0..7. */")
    for name in ("train", "cal", "test"):
        strings(name, codes(f"o4_{name}"))
    strings("chains", chains)
    print("/* Of the training rows: log P(class), P(answer | class). */")
    doubles("prior", "[TRACE_CLASSES]", d["logprior"])
    doubles("theta", "[TRACE_ANSWERS * TRACE_CLASSES]", d["theta"])
    print("\n/* Calibration by sharpness of the model. */")
    print("static const double trace_gamma[] = {1, 3};")
    for key in ("tau", "rho_aps", "tau_last"):
        size = "[2][7][8]" if key == "tau_last" else "[2][7]"
        doubles(key.replace("_aps", ""), size, [d["traces"][g][key] for g in ("gamma1", "gamma3")])
    print("\n/* By row of the test: queries; best class, set size after 0..6 queries; stops at\n"
          " * one class in the set, and at probability 0.95; numbers of the first rows: p(true\n"
          " * class), least objective and its standard deviation. Multipliers at alpha 0.2. */")
    print("static const struct {\n    const char *name;\n"
          "    int sharp; /* index of trace_gamma */\n"
          "    const char *query[25], *best[25], *size[25], *stop_size, *stop_map;\n"
          "    double p_true[TRACE_DETAILED][7], objective[TRACE_DETAILED][6],\n"
          "        sd[TRACE_DETAILED][6], step[7], stop, any;\n} trace_plays[] = {")
    for sharp, g in enumerate(("gamma1", "gamma3")):
        for name, m in d["traces"][g]["methods"].items():
            c = m["policy_alpha02"]
            print(f'    {{"{name}", {sharp},')
            for key in ("query", "pred", "size"):
                print("     {\n" + wrapped((digits(r) for r in m[key]), "      ") + "\n     },")
            print(f"     {digits(m['stop_size1'])}, {digits(m['stop_map95'])},")
            for key in ("p_true", "obj_min", "obj_sd"):
                print("     {\n" + braced(m[key][:DETAILED], 2, "      ") + "\n     },")
            print("     {\n" + wrapped(map(number, c["c_k"]), "      ") + "\n     },")
            print(f"     {c['c_stop_size1']!r}, {c['c_any']!r}}},")
    print("};")


def deterministic():
    d = load("o5_deterministic")
    print("enum { DETERMINISTIC_CLASSES = 8, DETERMINISTIC_QUERIES = 7 };")
    doubles("yes", "[8 * 7]", [[float(x) for x in r] for r in d["table_yes"]])
    print("static const struct {\n    const char *query, *answer;\n"
          "    double entropy[3], size[3];\n    size_t identified;\n} deterministic_plays[] = {")
    for p in d["ip"]:
        steps = p["steps"]
        assert p["label"] == p["identified"] and len(steps) == 3
        h = ", ".join(repr(s["expected_entropy_bits"]) for s in steps)
        n = ", ".join(repr(s["expected_size_tau0plus"]) for s in steps)
        print(f"    {{{digits([s['q'] for s in steps])}, {digits([s['a'] for s in steps])}, "
              f"{{{h}}}, {{{n}}}, {p['identified']}}},")
    print("};")


source = {"tiny": "o1_tiny_exact.json, in exact rational arithmetic",
          "coverage": "o2_coverage.json, by laws of order statistics and by simulation",
          "quantile": "o3_quantiles.json",
          "trace": "o4_trace.json and o4_*.csv, by two independent programs",
          "deterministic": "o5_deterministic.json"}[part]
print(f"""/* pursuit_{part}.h - expected numbers; made by make_pursuit.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the project's own specification of information pursuit:
 * {source}. */""")
guard = f"ORACLE_PURSUIT_{part.upper()}_H"
print(f"#ifndef {guard}\n#define {guard}\n\n#include <math.h>\n#include <stddef.h>\n")
globals()[part]()
print("\n#endif")
