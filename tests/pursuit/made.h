/* made.h - policies and sessions in one call each, which must succeed.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_PURSUIT_MADE_H
#define TEST_PURSUIT_MADE_H

#include <string.h>

#include "conformal/pursuit.h"
#include "test.h"

static inline conformal_pursuit_table table_of(size_t rows, size_t queries,
                                               const int32_t *answers, const int32_t *labels)
{
    conformal_pursuit_table t = CONFORMAL_PURSUIT_TABLE_INIT;
    t.rows = rows;
    t.queries = queries;
    t.answers = answers;
    t.labels = labels;
    return t;
}

/* Of information pursuit that never stops; the tests change what they are about. */
static inline conformal_pursuit_options options_of(conformal_pursuit_selector selector,
                                                   double alpha)
{
    conformal_pursuit_options o = CONFORMAL_PURSUIT_INIT;
    o.selector = selector;
    o.stop = CONFORMAL_PURSUIT_STOP_NEVER;
    o.alpha = alpha;
    return o;
}

static inline conformal_pursuit_policy *
policy_of(const conformal_pursuit_options *o, const conformal_pursuit_model *model,
          const conformal_pursuit_table *first, const conformal_pursuit_table *second,
          const int32_t *chains)
{
    conformal_pursuit_policy *p = NULL;
    assert_ok(conformal_pursuit_policy_create(o, model, first, second, chains, &p, err));
    return p;
}

static inline conformal_pursuit_session *session_of(const conformal_pursuit_policy *p,
                                                    uint64_t case_id)
{
    conformal_pursuit_session *s = NULL;
    assert_ok(conformal_pursuit_open(p, case_id, &s, err));
    return s;
}

static inline void give(conformal_pursuit_session *s, int32_t query, int32_t answer)
{
    assert_ok(conformal_pursuit_answer_query(s, query, answer, err));
}

static inline conformal_pursuit_choice next_of(conformal_pursuit_session *s, double *values,
                                               double *entropy)
{
    conformal_pursuit_choice c = {true, -7, -7, -7};
    assert_ok(conformal_pursuit_next(s, &c, values, entropy, err));
    return c;
}

static inline size_t set_of(const conformal_pursuit_session *s, conformal_pursuit_set which,
                            unsigned char *member)
{
    size_t count = 0;
    assert_ok(conformal_pursuit_set_of(s, which, member, &count, err));
    return count;
}

/* The codes of an oracle's strings: digits, '.' for -1. */
static inline int32_t code_at(const char *text, size_t i)
{
    return text[i] == '.' ? -1 : text[i] - '0';
}

static inline void read_codes(const char *text, size_t n, int32_t *codes)
{
    for (size_t i = 0; i < n; i++)
        codes[i] = code_at(text, i);
}

#endif
