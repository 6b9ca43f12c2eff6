#!/usr/bin/env python3
"""batch_costs.py - what a rank should cost when the mean of a batch is bounded: the evidence.
SPDX-License-Identifier: GPL-3.0-or-later

    python3 batch_costs.py [--conformal PROGRAM] [--splits N] [--sizes 400,10] [DAVIS.csv]

Prints one markdown table. For each kind of score and each n, m: N random calibration sets (default
40), pilot sets and up to 200 fresh batches each. "upper": the median over the sets of

    (upper bound at alpha = 0.05 - calibration mean) / calibration standard deviation,

"both": that of half the width of the two-sided interval at alpha = 0.1, over the same. In brackets the
share of fresh batches that the bounds held. "ideal" is what a bound would need that knew the law of
the batch mean: its 95 % quantile (for both: half of the 5 % to 95 % range), in the same units.

DAVIS.csv has columns pkd and pkd_hat (drug-target affinities and their predictions); without it those rows
are left out. The residuals of the diamonds come from the bundled data. Every bound is the program's: PROGRAM,
$CONFORMAL, or conformal.
"""
import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is not installed")
    sys.exit(77)

DATASETS = pathlib.Path(__file__).resolve().parents[2] / "datasets"
SIZES = [(400, 10), (1000, 20), (5000, 50)]
PILOTS = (200, 1000)
BATCHES = 200
METHODS = ["linear", "heavy", "pilot 200", "pilot 1000", "partition", "bonferroni"]


def residuals(path, y, yhat):
    with open(path, newline="") as f:
        return np.array([float(row[y]) - float(row[yhat]) for row in csv.DictReader(f)])


def from_rows(scores):
    """Calibration, pilot and batches are disjoint parts of the rows, in random order."""
    def draw(rng, n, m):
        s = rng.permutation(scores)
        rest = s[n + max(PILOTS):]
        count = min(BATCHES, len(rest) // m)
        return s[:n], s[n:n + max(PILOTS)], rest[:count * m].reshape(count, m)
    return draw


def from_law(law):
    def draw(rng, n, m):
        return law(rng, n), law(rng, max(PILOTS)), law(rng, BATCHES * m).reshape(BATCHES, m)
    return draw


def kinds(davis):
    """Name, how to draw, and the support that is given to the program."""
    files = [("diamonds", np.concatenate([residuals(DATASETS / f"diamonds_{part}.csv", "price", "predicted")
                                          for part in ("calibration", "test")]))]
    if davis is not None:
        files.insert(0, ("DAVIS", residuals(davis, "pkd", "pkd_hat")))
    for name, scores in files:
        yield f"{name} residuals", from_rows(scores), None
        yield f"{name}, negated", from_rows(-scores), None
    yield "normal", from_law(lambda rng, k: rng.normal(size=k)), None
    yield "exponential", from_law(lambda rng, k: rng.exponential(size=k)), None
    yield "t, 3 degrees", from_law(lambda rng, k: rng.standard_t(3, size=k)), None
    yield "uniform", from_law(lambda rng, k: rng.uniform(size=k)), None
    yield "uniform, support", from_law(lambda rng, k: rng.uniform(size=k)), "0,1"


def write(path, scores):
    path.write_text("s\n" + "".join(f"{x!r}\n" for x in scores.tolist()))


def ask(program, *arguments):
    out = subprocess.run([program, "batch", "mean", "--score", "s", "--format", "csv", "--quiet", *arguments],
                         check=True, capture_output=True, text=True).stdout
    return list(csv.DictReader(out.splitlines()))


def bounds(program, folder, calibration, pilot, m, alpha=0.1, side="both", support=None):
    """The bounds by every method: name -> (lower, upper)."""
    write(folder / "cal.csv", calibration)
    shared = ["--calibration", str(folder / "cal.csv"), "--m", str(m), "--alpha", str(alpha), "--side", side]
    shared += [] if support is None else ["--support", support]
    rows = {r["method"]: r for r in ask(program, *shared, "--ranks", "linear", "--compare")}
    rows["linear"] = rows.pop("batch")
    rows["heavy"] = ask(program, *shared, "--ranks", "heavy")[0]
    for k in PILOTS:
        write(folder / "pilot.csv", pilot[:k])
        rows[f"pilot {k}"] = ask(program, *shared, "--ranks", "pilot", "--pilot", str(folder / "pilot.csv"))[0]
    return {name: (float(rows[name]["lower"]), float(rows[name]["upper"])) for name in METHODS}


def measure(program, folder, draw, n, m, support, splits, rng):
    """Per side and method: the median of the sizes, and the share of batches held; and the ideal."""
    size = {(side, name): [] for side in ("upper", "both") for name in METHODS}
    held = {key: [] for key in size}
    shifts = []
    for split in range(splits):
        calibration, pilot, batches = draw(rng, n, m)
        mean, sd = calibration.mean(), calibration.std(ddof=1)
        fresh = batches.mean(axis=1)
        shifts.append((fresh - mean) / sd)
        found = bounds(program, folder, calibration, pilot, m, support=support)
        if split == 0:  # each side of two at alpha 0.1 is one at 0.05
            single = bounds(program, folder, calibration, pilot, m, 0.05, "upper", support)
            assert all(single[name][1] == found[name][1] for name in METHODS)
        for name, (lower, upper) in found.items():
            size["upper", name].append((upper - mean) / sd)
            size["both", name].append((upper - lower) / (2 * sd))
            held["upper", name].append(np.mean(fresh <= upper))
            held["both", name].append(np.mean((lower <= fresh) & (fresh <= upper)))
    low, high = np.quantile(np.concatenate(shifts), [0.05, 0.95])
    return ({key: np.median(v) for key, v in size.items()}, {key: np.mean(v) for key, v in held.items()},
            {"upper": high, "both": (high - low) / 2})


def main():
    usage = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    usage.add_argument("davis", nargs="?")
    usage.add_argument("--conformal", default=os.environ.get("CONFORMAL", "conformal"))
    usage.add_argument("--splits", type=int, default=40)
    usage.add_argument("--sizes", help="one n,m instead of the three")
    given = usage.parse_args()
    davis = given.davis
    if davis is None or not os.path.exists(davis):
        print("skipped: DAVIS, there is no such file", file=sys.stderr)
        davis = None
    sizes = SIZES if given.sizes is None else [tuple(int(x) for x in given.sizes.split(","))]
    os.environ.pop("CONFORMAL_STORE", None)
    rng = np.random.default_rng(20241212)
    print("| scores | n, m | side |", " | ".join(METHODS), "| ideal |")
    print("|---" * (len(METHODS) + 4) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for kind, draw, support in kinds(davis):
            for n, m in sizes:
                size, held, ideal = measure(given.conformal, pathlib.Path(folder), draw, n, m, support,
                                            given.splits, rng)
                for side in ("upper", "both"):
                    cells = [f"{size[side, name]:.2f} ({held[side, name]:.3f})" for name in METHODS]
                    print(f"| {kind} | {n}, {m} | {side} |", " | ".join(cells), f"| {ideal[side]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
