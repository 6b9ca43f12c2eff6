# Information pursuit over binary answers with NumPy, whole arrays at a time.
# SPDX-License-Identifier: GPL-3.0-or-later
#
#   pursuit_numpy.py step|replay plain|tables ip|cip CLASSES QUERIES ROWS
#
# plain: log-scores of all answers at once, softmax, entropies that stay exact when they are
# tiny; in a replay all rows side by side, in blocks that stay in the cache. tables (a step
# only): exp(weights) and its products computed beforehand, so that a step is four matrix-vector
# products and a count. Prints seconds and three numbers that must be the library's.
import math
import sys
import time

import numpy as np

ALPHA, FLIP, LENGTH, BEFORE = 0.1, 0.1, 20, 3
KEEP = 1 - 1e-9  # of a threshold: exact ties differ in the last bit
BLOCK = 1 << 18  # numbers


def uniforms(n):
    """Park & Miller, as in pursuit.c."""
    x = np.empty(n)
    state = 20250703
    for i in range(n):
        state = 16807 * state % 2147483647
        x[i] = state
    return x / 2147483647.0


class Problem:
    def __init__(self, classes, queries, rows):
        per_row = queries + 1
        u = uniforms(classes * queries + rows * (2 * per_row + queries - 1))
        yes = (u[:classes * queries] < 0.4).reshape(classes, queries)
        at = classes * queries
        self.splits = []
        for _ in range(2):
            part = u[at:at + rows * per_row].reshape(rows, per_row)
            labels = (part[:, 0] * classes).astype(int)
            self.splits.append(((yes[labels] != (part[:, 1:] < FLIP)).astype(int), labels))
            at += rows * per_row
        self.chains = np.tile(np.arange(queries), (rows, 1))
        part = u[at:].reshape(rows, queries - 1)
        for c, q in enumerate(range(queries - 1, 0, -1)):
            other = (part[:, c] * (q + 1)).astype(int)
            row = np.arange(rows)
            swap = self.chains[row, q].copy()
            self.chains[row, q] = self.chains[row, other]
            self.chains[row, other] = swap
        p = np.where(yes, 1 - FLIP, FLIP).T
        self.chance = np.stack([1 - p, p], axis=1)  # queries x 2 x classes
        self.weights = np.log(self.chance)
        self.base = np.full(classes, -math.log(classes))
        self.classes, self.queries = classes, queries


def softmax(l):
    e = np.exp(l - l.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def smallest(x, axis=0):
    m = math.floor(ALPHA * (x.shape[axis] + 1) + 1e-9)
    return np.partition(x, m - 1, axis=axis).take(m - 1, axis=axis)


def thresholds(problem):
    """tau after 0 .. LENGTH queries of each row's chain."""
    answers, labels = problem.splits[0]
    row = np.arange(len(labels))
    l = np.tile(problem.base, (len(labels), 1))
    p = [softmax(l)[row, labels]]
    for k in range(LENGTH):
        q = problem.chains[:, k]
        l += problem.weights[q, answers[row, q]]
        p.append(softmax(l)[row, labels])
    return smallest(np.stack(p), axis=1)


def plain(problem, l, tau):
    """Expected entropies and, with tau, log2 of expected sizes: rows x queries."""
    p = softmax(l)
    chance = np.tensordot(p, problem.chance, axes=(1, 2))
    chance /= chance.sum(axis=2, keepdims=True)
    t = l[:, None, None, :] + problem.weights
    top = t.argmax(axis=3)[..., None]
    t -= np.take_along_axis(t, top, axis=3)
    v = np.exp(t)
    size = None
    if tau is not None:
        size = (v >= tau * KEEP * v.sum(axis=3, keepdims=True)).sum(axis=3)
        size = np.where(size == 0, problem.classes, size)
        size = np.log2((chance * size).sum(axis=2))
    np.put_along_axis(v, top, 0.0, axis=3)
    d = v.sum(axis=3)
    h = (np.log1p(d) - np.einsum("rqay,rqay->rqa", v, t) / (1 + d)) / math.log(2)
    return (chance * h).sum(axis=2), size


class Tables:
    def __init__(self, problem):
        shape = (2 * problem.queries, problem.classes)
        self.problem = problem
        self.e = np.exp(problem.weights).reshape(shape)
        self.log = (self.e * problem.weights.reshape(shape))
        self.chance = problem.chance.reshape(shape)

    def step(self, l, tau):
        lu = l[0] - l[0].max()
        u = np.exp(lu)
        z = self.e @ u
        h = (np.log(z) - (self.log @ u + self.e @ (u * lu)) / z) / math.log(2)
        chance = (self.chance @ (u / u.sum())).reshape(-1, 2)
        chance /= chance.sum(axis=1, keepdims=True)
        size = None
        if tau is not None:
            size = np.count_nonzero(self.e * u >= (tau * KEEP * z)[:, None], axis=1)
            size = np.where(size == 0, self.problem.classes, size).reshape(-1, 2)
            size = np.log2((chance * size).sum(axis=1))[None]
        return (chance * h.reshape(-1, 2)).sum(axis=1)[None], size


def choose(entropy, size, asked):
    """The best query of each row, its value, and the deviation over the queries left."""
    value = entropy if size is None else size
    left = np.where(asked, np.inf, value)
    least = left.min(axis=1, keepdims=True)
    good = left <= least + 1e-9 * np.abs(least) + (0.0 if size is None else 1e-12)
    tie = np.where(good, entropy, np.inf)
    lowest = tie.min(axis=1, keepdims=True)
    query = (tie <= lowest + 1e-9 * np.abs(lowest)).argmax(axis=1)
    n = np.count_nonzero(~asked, axis=1)
    mean = np.where(asked, 0.0, value).sum(axis=1) / n
    off = np.where(asked, 0.0, value - mean[:, None])
    return query, least[:, 0], np.sqrt((off * off).sum(axis=1) / n)


def step(problem, way, cip):
    answers = problem.splits[1][0]
    tau = thresholds(problem)[BEFORE + 1] if cip else None
    l = problem.base[None].copy()
    asked = np.zeros((1, problem.queries), bool)
    for q in range(BEFORE):
        l += problem.weights[q, answers[0, q]]
        asked[0, q] = True
    if way == "tables":
        tables = Tables(problem)
        return lambda: choose(*tables.step(l, tau), asked)
    return lambda: choose(*plain(problem, l, tau), asked)


def replay(problem, cip):
    """Thresholds from the first split, then the policy on the second."""
    tau = thresholds(problem)
    answers, labels = problem.splits[1]
    rows = len(labels)
    row = np.arange(rows)
    l = np.tile(problem.base, (rows, 1))
    asked = np.zeros((rows, problem.queries), bool)
    ratio, stop = [], np.full(rows, LENGTH)
    block = max(1, BLOCK // (2 * problem.queries * problem.classes))
    for k in range(LENGTH + 1):
        p = softmax(l)
        ratio.append(p[row, labels] / tau[k])
        ends = (p >= tau[k] * KEEP).sum(axis=1) <= 1
        stop = np.where(ends & (stop == LENGTH), k, stop)
        if k == LENGTH:
            break
        query = np.empty(rows, int)
        for i in range(0, rows, block):
            part = slice(i, i + block)
            values = plain(problem, l[part], tau[k + 1] if cip else None)
            query[part] = choose(*values, asked[part])[0]
        asked[row, query] = True
        l += problem.weights[query, answers[row, query]]
    ratio = np.stack(ratio)
    return smallest(ratio[stop, row]), smallest(ratio[1:].min(axis=0)), stop.mean()


def main():
    job, way, selector = sys.argv[1:4]
    problem = Problem(*(int(x) for x in sys.argv[4:7]))
    if job == "step":
        work = step(problem, way, selector == "cip")
    else:
        def work():
            return replay(problem, selector == "cip")
    start = time.perf_counter()
    answer = work()
    once = time.perf_counter() - start
    repeats, runs = max(1, int(0.02 / once)), 9 if once < 0.3 else 3
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(repeats):
            answer = work()
        times.append((time.perf_counter() - start) / repeats)
    print(sorted(times)[runs // 2], *(repr(float(np.ravel(x)[0])) for x in answer))


main()
