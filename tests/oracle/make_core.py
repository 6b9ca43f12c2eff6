#!/usr/bin/env python3
"""make_core.py - oracle cases as C tables.
SPDX-License-Identifier: GPL-3.0-or-later

    python3 make_core.py PREFIX ORACLE.json CASE... > core_PREFIX.h

Every number list among a case's inputs and expected values becomes a static array, nested
lists row by row; infinities are HUGE_VAL. The tolerance becomes an enum-like macro-free
constant <case>_tol.
"""
import json
import re
import sys


def flat(v):
    if isinstance(v, list):
        return [x for item in v for x in flat(item)]
    return [v]


def number(x):
    if x is None:
        return "-1"
    if x is True or x is False:
        return str(int(x))
    if isinstance(x, str):
        return {"inf": "HUGE_VAL", "-inf": "-HUGE_VAL", "nan": "NAN"}[x]
    return repr(x)


def identifier(text):
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


prefix, path, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
guard = f"ORACLE_CORE_{prefix.upper()}_H"
print(f"""/* core_{prefix}.h - expected numbers; made by make_core.py.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From {path.split('/')[-1]}, cases {', '.join(wanted)}:
 * the project's own specification, computed there with exact or independent code. */
#ifndef {guard}
#define {guard}

#include <math.h>
""")
for case in json.load(open(path))["cases"]:
    if case["id"] not in wanted:
        continue
    name = identifier(case["id"])
    print(f"/* {case['id']}: {case['method']}" + (f"; {case['note']}" if case["note"] else "") + " */")
    print(f"static const double {name}_tol = {case['tol']};")
    for part in ("params", "inputs", "expected"):
        for key, value in case[part].items():
            items = flat(list(value.values()) if isinstance(value, dict) else value)
            if not items or any(isinstance(x, str) and x not in ("inf", "-inf", "nan") for x in items):
                continue
            tag = "want_" if part == "expected" else ""
            body, line = [], "   "
            for x in map(number, items):
                if len(line) + len(x) > 92:
                    body.append(line)
                    line = "   "
                line += f" {x},"
            body.append(line)
            print(f"static const double {name}_{tag}{identifier(key)}[] = {{")
            print("\n".join(body))
            print("};")
    print()
print("#endif")
