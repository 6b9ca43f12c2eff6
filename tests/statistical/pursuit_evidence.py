#!/usr/bin/env python3
"""pursuit_evidence.py - what information pursuit and its conformal variants do: the evidence.
SPDX-License-Identifier: GPL-3.0-or-later

    python3 pursuit_evidence.py [--library libconformal.so] [--splits N] TABLE [FILE...]

Prints one markdown table of docs/methods/pursuit-evidence.md:

    coverage [NAME...]             sets of one threshold per length, and calibrated ones, on the
                                   chain that the policy chooses itself
    corruptions [NAME...]          methods on models that are spoilt on purpose
    animals AWA2.csv [RATINGS.txt] deterministic answers; over-confident human ratings

NAME is zoo, soybean, house_votes84, animals20, or a file like animals20.csv. The last two are oracles with
flip 0.1: of each 200, 200 and 400 cases are made up.
Every choice, threshold and set is the library's ($CONFORMAL_LIBRARY, or libconformal.so): this
file divides rows (40 % to fit naive Bayes, 20 % and 20 % to calibrate, 20 % to play), spoils
models and averages. Figures after +- are standard errors over the divisions, of which --splits
says how many; they share rows, so they say nothing about other data. Seeds are 1, 2, .., N.
"""
import argparse
import csv
import ctypes as ct
import math
import os
import pathlib
import random
import sys

DATASETS = pathlib.Path(__file__).resolve().parents[2] / "datasets"
FILES = {"zoo": ("type", {"animal"}), "soybean": ("Class", set()), "house_votes84": ("Class", set())}
I32, F64, SIZE = ct.c_int32, ct.c_double, ct.c_size_t
IP, CIP, RANDOM = 0, 1, 2
NONEMPTY, PLAIN, LOGSIZE, PAPER, PAPER_ENTROPY = 0, 1, 2, 6, 7
LENGTH, LAST, CHAIN = 0, 1, 2
NEVER, UNTIL_ONE = 0, 1
METHODS = {  # selector, objective, threshold, score, temperature
    "ip": (IP, PLAIN, LENGTH, 0, False), "random": (RANDOM, PLAIN, LENGTH, 0, False),
    "ip+ts": (IP, PLAIN, LENGTH, 0, True), "cip": (CIP, PLAIN, LENGTH, 0, False),
    "cip:size-nonempty": (CIP, NONEMPTY, LENGTH, 0, False), "cip:logsize": (CIP, LOGSIZE, LENGTH, 0, False),
    "cip:last": (CIP, PLAIN, LAST, 0, False), "cip:chain": (CIP, PLAIN, CHAIN, 0, False),
    "cip:aps": (CIP, PLAIN, LENGTH, 1, False), "cip:paper-code": (CIP, PAPER, LENGTH, 0, False),
    "cip:paper-code-entropy": (CIP, PAPER_ENTROPY, LENGTH, 0, False)}
# the animals of the paper
TWENTY = ("giraffe,zebra,elephant,killer whale,dalmatian,polar bear,giant panda,hippopotamus,rhinoceros,lion,tiger,"
          "blue whale,walrus,grizzly bear,siamese cat,cow,german shepherd,gorilla,dolphin,moose").split(",")


class Table(ct.Structure):
    _fields_ = [("size", SIZE), ("rows", SIZE), ("queries", SIZE), ("answers", ct.POINTER(I32)),
                ("labels", ct.POINTER(I32))]


class Options(ct.Structure):
    _fields_ = [("size", SIZE), ("selector", ct.c_int), ("objective", ct.c_int), ("threshold", ct.c_int),
                ("score", ct.c_int), ("tie", ct.c_int), ("temperature", ct.c_bool), ("alpha", F64),
                ("report_alpha", F64), ("max_length", SIZE), ("stop", ct.c_int), ("stop_value", F64),
                ("stop_repeats", SIZE), ("draws", SIZE), ("width", SIZE), ("seed", ct.c_uint64),
                ("allocator", ct.c_void_p)]


class Curves(ct.Structure):
    _fields_ = ([("size", SIZE)] + [(name, ct.POINTER(F64)) for name in (
        "accuracy", "hit", "set_size", "coverage", "entropy", "length_size", "length_coverage", "any_size")] +
        [(name, F64) for name in ("auc", "queries_mean", "accuracy_stop", "coverage_stop", "size_stop",
                                  "coverage_any")])


class Error(ct.Structure):
    _fields_ = [("status", ct.c_int), ("index", SIZE), ("line", SIZE), ("argument", ct.c_char * 64),
                ("message", ct.c_char * 320)]


library = None


def call(name, *arguments):
    err = Error()
    if getattr(library, "conformal_pursuit_" + name)(*arguments, ct.byref(err)) != 0:
        sys.exit(f"conformal_pursuit_{name}: {err.message.decode()}")


def table_of(rows, labels):
    queries = len(rows[0])
    answers = (I32 * (len(rows) * queries))(*[a for row in rows for a in row])
    classes = (I32 * len(rows))(*labels)
    t = Table(ct.sizeof(Table), len(rows), queries, ct.cast(answers, ct.POINTER(I32)),
              ct.cast(classes, ct.POINTER(I32)))
    t.kept = (answers, classes)
    return t


class Model:
    """An additive model in Python's hands: base, and per query and answer a weight and a chance per class."""

    def __init__(self, base, weights, chance):
        self.base, self.weights, self.chance = base, weights, chance

    @classmethod
    def bayes(cls, table, n_classes, n_answers):
        pointer = ct.c_void_p()
        call("bayes", ct.byref(table), SIZE(n_classes), (SIZE * len(n_answers))(*n_answers), F64(0.5), None,
             ct.byref(pointer))
        base = library.conformal_pursuit_base(pointer)[:n_classes]
        total = sum(n_answers)
        parts = []
        for lent in (library.conformal_pursuit_weights(pointer), library.conformal_pursuit_chance(pointer)):
            flat, at, queries = lent[:total * n_classes], 0, []
            for a in n_answers:
                queries.append([flat[(at + j) * n_classes:(at + j + 1) * n_classes] for j in range(a)])
                at += a
            parts.append(queries)
        library.conformal_pursuit_model_free(pointer)
        return cls(base, *parts)

    @classmethod
    def oracle(cls, yes):
        chance = [[[1 - row[q] for row in yes], [row[q] for row in yes]] for q in range(len(yes[0]))]
        return cls([-math.log(len(yes))] * len(yes), [[[math.log(p) for p in a] for a in q] for q in chance], chance)

    def spoilt(self, how, rng):
        """gamma: p^c; dup4: of the queries 30 % count fourfold; loud1: p(answer)^g, log g normal."""
        if how.startswith("gamma"):
            c = float(how[5:])
            return Model([c * b for b in self.base], [[[c * w for w in a] for a in q] for q in self.weights],
                         self.chance)
        if how == "dup4":
            often = set(rng.sample(range(len(self.weights)), round(0.3 * len(self.weights))))
            return Model(self.base, [[[w * (4 if i in often else 1) for w in a] for a in q]
                                     for i, q in enumerate(self.weights)], self.chance)
        if how == "loud1":
            chance = []
            for q in self.chance:
                g = math.exp(rng.gauss(0, 1))
                power = [[max(p ** g, 1e-300) for p in a] for a in q]
                sums = [sum(a[y] for a in power) for y in range(len(self.base))]
                chance.append([[p / s for p, s in zip(a, sums)] for a in power])
            return Model(self.base, [[[math.log(p) for p in a] for a in q] for q in chance], chance)
        return self

    def create(self):
        def flat(queries):
            numbers = [x for q in queries for a in q for x in a]
            return (F64 * len(numbers))(*numbers)
        pointer, k, n = ct.c_void_p(), len(self.base), len(self.weights)
        call("additive", (F64 * k)(*self.base), flat(self.weights), flat(self.chance), SIZE(k), SIZE(n),
             (SIZE * n)(*[len(q) for q in self.weights]), None, ct.byref(pointer))
        return pointer


def play(model, method, first, second, test, seed, length=0, stop=UNTIL_ONE):
    """Curves of one policy, as plain lists and numbers."""
    selector, objective, threshold, score, temperature = METHODS[method]
    want = Options(ct.sizeof(Options), selector, objective, threshold, score, 0, temperature, 0.1, math.nan,
                   length, stop, math.nan, 2, 4, 5, seed, None)
    policy = ct.c_void_p()
    call("policy_create", ct.byref(want), model, ct.byref(first), ct.byref(second) if second else None, None,
         ct.byref(policy))
    most = length or min(20, test.queries)
    curves, arrays = Curves(size=ct.sizeof(Curves)), {}
    for name, kind in Curves._fields_[1:9]:
        arrays[name] = (F64 * (most + 1))()
        setattr(curves, name, ct.cast(arrays[name], ct.POINTER(F64)))
    call("evaluate", policy, ct.byref(test), None, None, ct.byref(curves))
    library.conformal_pursuit_policy_free(policy)
    found = {name: list(array) for name, array in arrays.items()}
    found.update({name: getattr(curves, name) for name, kind in Curves._fields_[9:]})
    return found


def read(name):
    label, dropped = FILES[name]
    with open(DATASETS / f"{name}.csv", newline="") as f:
        lines = list(csv.DictReader(f))
    queries = [q for q in lines[0] if q != label and q not in dropped]
    codes = {q: {} for q in queries + [label]}
    rows = [[codes[q].setdefault(line[q], len(codes[q])) if line[q] != "" else -1 for q in queries] for line in lines]
    labels = [codes[label].setdefault(line[label], len(codes[label])) for line in lines]
    return rows, labels, len(codes[label]), [max(1, len(codes[q])) for q in queries]


def simulate(yes, seed, sizes):
    """Cases of an oracle: a class, and its answers."""
    rng, tables = random.Random(seed), []
    for n in sizes:
        labels = [rng.randrange(len(yes)) for _ in range(n)]
        tables.append(table_of([[int(rng.random() < p) for p in yes[y]] for y in labels], labels))
    return tables


def divide(name, seed):
    """A model, and three tables."""
    if name not in FILES:
        path = DATASETS / f"{name}.csv"
        with open(path if path.exists() else name, newline="") as f:
            yes = [[0.1 + 0.8 * float(x or 0.5) for x in line[1:]] for line in list(csv.reader(f))[1:]]
        return Model.oracle(yes), simulate(yes, seed, (200, 200, 400))
    rows, labels, n_classes, n_answers = read(name)
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    parts, at = [], 0
    for share in (0.4, 0.2, 0.2, None):
        end = at + int(share * len(rows) + 1e-6) if share else len(rows)
        parts.append(table_of([rows[i] for i in order[at:end]], [labels[i] for i in order[at:end]]))
        at = end
    return Model.bayes(parts[0], n_classes, n_answers), parts[1:]


def mean_error(x):
    m = sum(x) / len(x)
    return m, math.sqrt(sum((v - m) ** 2 for v in x) / (len(x) - 1) / len(x)) if len(x) > 1 else math.nan


def cell(x, digits=3, sign=False):
    m, e = mean_error(x)
    return f"{m:{'+' if sign else ''}.{digits}f} ± {e:.{digits}f}"


def coverage(names, splits):
    steps = (1, 3, 5, 10)
    print("| data, method | sets |", " | ".join(f"k = {k}" for k in steps),
          "| at the stop | classes | all steps |")
    print("|---" * (len(steps) + 5) + "|")
    for name in names:
        divided = [divide(name, seed) for seed in range(1, splits + 1)]
        name = pathlib.Path(name).stem
        for method in ("ip", "ip+ts", "cip", "cip:last"):
            for calibrated in (False, True):
                found = []
                for seed, (model, (first, second, test)) in enumerate(divided, 1):
                    pointer = model.create()
                    found.append(play(pointer, method, first, second if calibrated else None, test, seed))
                    library.conformal_pursuit_model_free(pointer)
                print(f"| {name}, {method} | {'policy' if calibrated else 'length'} |",
                      " | ".join(cell([f["coverage"][k] for f in found]) if k < len(found[0]["coverage"]) else "–"
                                 for k in steps), "|", cell([f["coverage_stop"] for f in found]), "|",
                      cell([f["size_stop"] for f in found], 2), "|",
                      cell([f["coverage_any"] for f in found]), "|", flush=True)


def corruptions(names, splits):
    methods = [m for m in METHODS if m not in ("cip:size-nonempty", "cip:aps")]
    print("| data, corruption |", " | ".join(methods), "|")
    print("|---" * (len(methods) + 1) + "|")
    for name in names:
        divided = [divide(name, seed) for seed in range(1, splits + 1)]
        name = pathlib.Path(name).stem
        for how in ("none", "gamma4", "gamma8", "dup4", "loud1"):
            auc = {m: [] for m in methods}
            for seed, (model, (first, second, test)) in enumerate(divided, 1):
                pointer = model.spoilt(how, random.Random(1000 + seed)).create()
                for m in methods:
                    auc[m].append(play(pointer, m, first, None, test, seed, stop=NEVER)["auc"])
                library.conformal_pursuit_model_free(pointer)
            print(f"| {name}, {how} | {mean_error(auc['ip'])[0]:.3f} |", " | ".join(
                cell([a - b for a, b in zip(auc[m], auc["ip"])], sign=True) for m in methods[1:]), "|", flush=True)


def animals(files, splits):
    with open(files[0], newline="") as f:
        lines = list(csv.reader(f))[1:]
    names = [line[0].replace("+", " ") for line in lines]
    rows = [[int(x) for x in lines[names.index(a)][1:]] for a in TWENTY]
    test = table_of(rows, list(range(20)))
    tables = [("deterministic answers, oracle with flip 0.1", 1.0, [[0.1 + 0.8 * x for x in row] for row in rows])]
    if len(files) > 1:
        with open(files[1]) as f:
            ratings = [[float(x) for x in line.split()] for line in f if line.strip()]
        yes = [[min(max(x / 100, 0.02), 0.98) for x in ratings[names.index(a)]] for a in TWENTY]
        tables += [("human ratings as they are", 1.0, yes), ("human ratings, gamma 4", 4.0, yes)]
    print("| table | method |", " | ".join(f"k = {k}" for k in range(1, 6)), "| mean accuracy, 1..20, against ip |")
    print("|---" * 8 + "|")
    for title, gamma, yes in tables:
        oracle, auc = Model.oracle(yes).spoilt(f"gamma{gamma}", None), {}
        for method in METHODS:
            found = []
            for seed in range(1, splits + 1):
                rng = random.Random(seed)
                drawn = [rng.randrange(20) for _ in range(200)]
                first = table_of([rows[y] for y in drawn], drawn)
                pointer = oracle.create()
                found.append(play(pointer, method, first, None, test, seed, length=20, stop=NEVER))
                library.conformal_pursuit_model_free(pointer)
            auc[method] = [f["auc"] for f in found]
            print(f"| {title} | {method} |", " | ".join(
                f"{mean_error([f['accuracy'][k] for f in found])[0]:.2f}" for k in range(1, 6)), "|",
                cell(auc["ip"]) if method == "ip" else
                cell([a - b for a, b in zip(auc[method], auc["ip"])], sign=True), "|", flush=True)


def main():
    global library
    usage = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    usage.add_argument("table", choices=["coverage", "corruptions", "animals"])
    usage.add_argument("files", nargs="*")
    usage.add_argument("--library", default=os.environ.get("CONFORMAL_LIBRARY", "libconformal.so"))
    usage.add_argument("--splits", type=int, default=20)
    given = usage.parse_args()
    if given.table == "animals" and not (given.files and os.path.exists(given.files[0])):
        print("skipped: the animals and their attributes are not here")
        sys.exit(77)
    library = ct.CDLL(given.library)
    for name in ("base", "weights", "chance"):
        function = getattr(library, f"conformal_pursuit_{name}")
        function.restype, function.argtypes = ct.POINTER(F64), [ct.c_void_p]
    for name in ("model_free", "policy_free"):
        function = getattr(library, f"conformal_pursuit_{name}")
        function.restype, function.argtypes = None, [ct.c_void_p]
    if given.table == "animals":
        animals(given.files, given.splits)
    else:
        kinds = {"coverage": ["zoo", "soybean", "animals20"], "corruptions": list(FILES)}
        {"coverage": coverage, "corruptions": corruptions}[given.table](given.files or kinds[given.table], given.splits)


if __name__ == "__main__":
    main()
