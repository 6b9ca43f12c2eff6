/* test_objectives.c - every objective against its definition, answer by answer.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "test.h"

#include "problem.h"

typedef struct setting {
    int objective, threshold, score;
} setting;

static const setting settings[] = {
    {CONFORMAL_PURSUIT_SIZE_NONEMPTY, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_SIZE_NONEMPTY, CONFORMAL_PURSUIT_PER_LAST, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_SIZE_NONEMPTY, CONFORMAL_PURSUIT_PER_CHAIN, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_SIZE_NONEMPTY, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_APS},
    {CONFORMAL_PURSUIT_SIZE, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_SIZE, CONFORMAL_PURSUIT_PER_LAST, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_LOGSIZE, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_LOGSIZE, CONFORMAL_PURSUIT_PER_CHAIN, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_LOGSIZE, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_APS},
    {CONFORMAL_PURSUIT_FANO, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_FANO, CONFORMAL_PURSUIT_PER_LAST, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_FANO, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_APS},
    {CONFORMAL_PURSUIT_FANO_LOCAL, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_FANO_LOCAL, CONFORMAL_PURSUIT_PER_CHAIN, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_FANO_LOCAL, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_APS},
    {CONFORMAL_PURSUIT_PVALUES, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_PAPER, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC},
    {CONFORMAL_PURSUIT_PAPER_ENTROPY, CONFORMAL_PURSUIT_PER_LENGTH, CONFORMAL_PURSUIT_LAC},
};
enum { SETTINGS = sizeof settings / sizeof *settings, PROBLEMS = 40 };

/* A session somewhere in the middle, and what is known of it. */
typedef struct middle {
    problem r;
    setting how;
    double alpha, gamma[MOST_QUERIES + 1], tau[MOST_QUERIES + 1];
    uint64_t seed, case_id;
    size_t draws, k;
    conformal_pursuit_answer h[MOST_QUERIES + 1];
    const double *tau_last;
} middle;

static double binary_entropy(double d)
{
    return d > 0 && d < 1 ? -d * log2(d) - (1 - d) * log2(1 - d) : 0;
}

/* All classes that are not more probable, by APS. */
static void tails(const double *p, size_t n, double *t)
{
    for (size_t y = 0; y < n; y++) {
        t[y] = 0;
        for (size_t z = 0; z < n; z++)
            t[y] += p[z] <= p[y] * (1 + 1e-12) ? p[z] : 0;
    }
}

/* p(true), or its tail, of the calibration rows: after their chain, or the session's queries. */
static void scores(const middle *m, size_t k, int32_t last, bool tail, double *s)
{
    const problem *r = &m->r;
    for (size_t i = 0; i < r->first.rows; i++) {
        conformal_pursuit_answer h[MOST_QUERIES + 1];
        double p[MOST_CLASSES], t[MOST_CLASSES];
        for (size_t j = 0; j < k; j++) {
            int32_t q = last < 0      ? r->chains[i * r->queries + j]
                        : j + 1 < k   ? m->h[j].query
                                      : last;
            h[j].query = q;
            h[j].answer = r->answers[i * r->queries + (size_t)q];
        }
        posterior(r, h, k, m->gamma[k], p);
        tails(p, r->classes, t);
        s[i] = tail ? t[r->labels[i]] : p[r->labels[i]];
    }
}

/* The set after an answer. */
static size_t members(const middle *m, size_t q, const double *p, bool *in)
{
    const problem *r = &m->r;
    double s[MOST_ROWS], t[MOST_CLASSES], threshold = m->tau[m->k + 1];
    bool aps = m->how.score == CONFORMAL_PURSUIT_APS;
    size_t n = 0;
    if (m->how.threshold == CONFORMAL_PURSUIT_PER_LAST) {
        threshold = m->tau_last[(m->k + 1) * r->queries + q];
    } else if (m->how.threshold == CONFORMAL_PURSUIT_PER_CHAIN || aps) {
        scores(m, m->k + 1, aps ? -1 : (int32_t)q, aps, s);
        threshold = order_statistic(s, r->first.rows, m->alpha);
    }
    tails(p, r->classes, t);
    for (size_t y = 0; y < r->classes; y++)
        n += in[y] = (aps ? t[y] : p[y]) >= threshold * (1 - 1e-9);
    return n;
}

static double sum_pvalues(const middle *m, const double *p)
{
    double s[MOST_ROWS], sum = 0;
    scores(m, m->k + 1, -1, false, s);
    for (size_t y = 0; y < m->r.classes; y++) {
        double at_most = 1;
        for (size_t i = 0; i < m->r.first.rows; i++)
            at_most += s[i] <= p[y] * (1 + 1e-9);
        sum += at_most / ((double)m->r.first.rows + 1);
    }
    return sum;
}

static double log2_of(size_t n)
{
    return n > 1 ? log2((double)n) : 0;
}

/* Rows drawn whatever the history. */
static double paper(middle *m, size_t q)
{
    const problem *r = &m->r;
    double h = 0, log_in = 0, log_out = 0, in = 0, out = 0, n = (double)m->draws;
    for (size_t i = 0; i < m->draws; i++) {
        double u = conformal_uniform(m->seed, (m->case_id + 1) << 8 | CONFORMAL_STREAM_PURSUIT,
                                     1000000 + m->k * 256 + i);
        size_t row = (size_t)(u * (double)r->first.rows);
        double p[MOST_CLASSES];
        bool member[MOST_CLASSES];
        m->h[m->k].query = (int32_t)q;
        m->h[m->k].answer = r->answers[row * r->queries + q];
        posterior(r, m->h, m->k + 1, m->gamma[m->k + 1], p);
        size_t size = members(m, q, p, member);
        for (size_t y = 0; y < r->classes; y++)
            h -= fmax(p[y], 1e-5) * log2(fmax(p[y], 1e-5)) / n;
        if (member[r->labels[row]]) {
            in++;
            log_in += log2_of(size);
        } else {
            out++;
            log_out += log2_of(r->classes - size);
        }
    }
    if (m->how.objective == CONFORMAL_PURSUIT_PAPER_ENTROPY)
        return h;
    return binary_entropy(m->alpha) +
           (1 - m->alpha + 1 / (n + 1)) * (in > 0 ? log_in / in : 0) +
           m->alpha * (out > 0 ? log_out / out : 0);
}

/* The table of the objectives in the specification, line by line. */
static double objective(middle *m, size_t q, double *expected_entropy)
{
    const problem *r = &m->r;
    double now[MOST_CLASSES], total = 0, value = 0, entropy = 0;
    double in = 0, out = 0, log_in = 0, log_out = 0;
    posterior(r, m->h, m->k, m->gamma[m->k], now);
    for (size_t a = 0; a < r->n_answers[q]; a++) {
        double pa = 0, d = 0, p[MOST_CLASSES];
        bool member[MOST_CLASSES];
        for (size_t y = 0; y < r->classes; y++)
            pa += now[y] * r->chance[(r->row[q] + a) * r->classes + y];
        m->h[m->k].query = (int32_t)q;
        m->h[m->k].answer = (int32_t)a;
        posterior(r, m->h, m->k + 1, m->gamma[m->k + 1], p);
        size_t n = members(m, q, p, member);
        for (size_t y = 0; y < r->classes; y++)
            d += member[y] ? 0 : p[y];
        total += pa;
        entropy += pa * entropy_of(p, r->classes);
        in += pa * (1 - d);
        out += pa * d;
        log_in += pa * (1 - d) * log2_of(n);
        log_out += pa * d * log2_of(r->classes - n);
        switch (m->how.objective) {
        case CONFORMAL_PURSUIT_SIZE_NONEMPTY:
            value += pa * (double)(n > 0 ? n : r->classes);
            break;
        case CONFORMAL_PURSUIT_SIZE:
            value += pa * (double)n;
            break;
        case CONFORMAL_PURSUIT_LOGSIZE:
            value += pa * log2_of(n);
            break;
        case CONFORMAL_PURSUIT_FANO_LOCAL:
            value += pa * (binary_entropy(d) + (1 - d) * log2_of(n) +
                           d * log2_of(r->classes - n));
            break;
        case CONFORMAL_PURSUIT_PVALUES:
            value += pa * sum_pvalues(m, p);
            break;
        default:
            break;
        }
    }
    *expected_entropy = entropy / total;
    if (m->how.objective >= CONFORMAL_PURSUIT_PAPER)
        return paper(m, q);
    if (m->how.objective == CONFORMAL_PURSUIT_FANO)
        return binary_entropy(m->alpha) +
               (1 - m->alpha + 1 / ((double)r->first.rows + 1)) * log_in / fmax(in, 1e-12) +
               m->alpha * log_out / fmax(out, 1e-12);
    value /= total;
    return m->how.objective <= CONFORMAL_PURSUIT_SIZE ? log2(fmax(value, 1e-300)) : value;
}

/* The least value; of equally good ones the least entropy, then the lowest code. */
static void check_choice(const middle *m, const conformal_pursuit_choice *c, const double *value,
                         const double *entropy)
{
    double least = HUGE_VAL, sum = 0, squares = 0, left = 0;
    int32_t best = -1;
    for (size_t q = 0; q < m->r.queries; q++)
        if (value[q] < HUGE_VAL) {
            least = fmin(least, value[q]);
            sum += value[q];
            left++;
        }
    for (size_t q = 0; q < m->r.queries; q++)
        if (value[q] < HUGE_VAL) {
            squares += (value[q] - sum / left) * (value[q] - sum / left);
            if (value[q] <= least + 1e-9 * fabs(least) + 1e-12 &&
                (best < 0 || entropy[q] < entropy[best] * (1 - 1e-9)))
                best = (int32_t)q;
        }
    ck_assert_int_eq(c->query, best);
    assert_near(c->objective, least, 1e-11);
    assert_near(c->sd, sqrt(squares / left), 1e-7);
}

static void check_middle(middle *m, conformal_pursuit_selector selector, bool temperature)
{
    conformal_pursuit_options o = options_of(selector, m->alpha);
    o.objective = (conformal_pursuit_objective)m->how.objective;
    o.threshold = (conformal_pursuit_threshold)m->how.threshold;
    o.score = (conformal_pursuit_score)m->how.score;
    o.seed = m->seed;
    o.draws = m->draws;
    o.temperature = temperature;
    conformal_pursuit_policy *p = policy_of(&o, m->r.model, &m->r.first, NULL, m->r.chains);
    conformal_pursuit_calibration c = conformal_pursuit_calibration_of(p);
    memcpy(m->gamma, c.gamma, (m->r.queries + 1) * sizeof *m->gamma);
    memcpy(m->tau, c.tau, (m->r.queries + 1) * sizeof *m->tau);
    m->tau_last = c.tau_last;
    conformal_pursuit_session *s = session_of(p, m->case_id);
    double values[MOST_QUERIES], entropy[MOST_QUERIES], want[MOST_QUERIES];
    for (size_t i = 0; i < m->k; i++)
        give(s, m->h[i].query, m->h[i].answer);
    conformal_pursuit_choice choice = next_of(s, values, entropy);
    for (size_t q = 0; q < m->r.queries; q++) {
        double expected_entropy;
        bool asked = false;
        for (size_t i = 0; i < m->k; i++)
            asked = asked || (size_t)m->h[i].query == q;
        want[q] = asked ? HUGE_VAL : objective(m, q, &expected_entropy);
        if (asked)
            ck_assert(isinf(values[q]) && isinf(entropy[q]));
        else if (selector == CONFORMAL_PURSUIT_IP)
            assert_near(values[q], want[q] = expected_entropy, 1e-11);
        else
            assert_near(values[q], want[q], 1e-11);
        if (!asked && m->how.objective < CONFORMAL_PURSUIT_PAPER)
            assert_near(entropy[q], expected_entropy, 1e-11);
    }
    check_choice(m, &choice, want, entropy);
    conformal_pursuit_close(s);
    conformal_pursuit_policy_free(p);
}

/* A history of random queries, some of whose answers are not known. */
static void draw_middle(middle *m, uint64_t seed, setting how)
{
    uint64_t at = 1000;
    size_t order[MOST_QUERIES];
    draw_problem(&m->r, seed);
    m->how = how;
    m->alpha = 0.05 + 0.4 * draw(seed, &at);
    m->seed = seed;
    m->case_id = draw_below(seed, &at, 9);
    m->draws = 1 + draw_below(seed, &at, 8);
    m->k = draw_below(seed, &at, m->r.queries);
    assert_ok(conformal_permutation(seed, 5, m->r.queries, order, err));
    for (size_t i = 0; i < m->k; i++) {
        m->h[i].query = (int32_t)order[i];
        m->h[i].answer = (int32_t)draw_below(seed, &at, m->r.n_answers[order[i]] + 1) - 1;
    }
}

START_TEST(objectives_are_their_definitions)
{
    for (uint64_t seed = 0; seed < PROBLEMS; seed++) {
        middle m;
        draw_middle(&m, 1000 * (uint64_t)_i + seed, settings[_i]);
        check_middle(&m, CONFORMAL_PURSUIT_CIP, seed % 3 == 0);
        free_problem(&m.r);
    }
}
END_TEST

START_TEST(information_pursuit_is_its_definition)
{
    for (uint64_t seed = 0; seed < 5 * PROBLEMS; seed++) {
        middle m;
        draw_middle(&m, 50000 + seed, settings[0]);
        check_middle(&m, CONFORMAL_PURSUIT_IP, seed % 2);
        free_problem(&m.r);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pursuit objectives");
    TCase *tc = tcase_create("pursuit objectives");
    tcase_set_timeout(tc, 0);
    tcase_add_loop_test(tc, objectives_are_their_definitions, 0, SETTINGS);
    tcase_add_test(tc, information_pursuit_is_its_definition);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
