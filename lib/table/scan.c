/* scan.c - where the fields and rows of a piece of CSV end.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "table/scan.h"

enum {
    BATCH = 64
}; /* blocks whose masks are made at once: they stay in the first-level cache */

/* Bit i: an odd number of quotes in bits 0..i. */
static uint64_t prefix_xor(uint64_t x)
{
    for (int shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

static uint64_t below(size_t bits)
{
    return bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
}

void cf_scan_bytes(const char *bytes, size_t length, char delimiter, cf_mask_function *make,
                   cf_scan *scan)
{
    cf_masks masks[BATCH];
    uint32_t *marks = scan->marks, *ends = scan->ends;
    size_t n_marks = 0, n_ends = 0;
    uint64_t inside = 0, any_quote = 0; /* inside: all ones while in quotes */
    scan->nul = SIZE_MAX;

    for (size_t at = 0; at < length; at += 64 * BATCH) {
        size_t rest = length - at, blocks = (rest + 63) / 64;
        if (blocks > BATCH)
            blocks = BATCH;
        make(bytes + at, blocks, delimiter, masks);
        for (size_t b = 0; b < blocks; b++) {
            size_t base = at + 64 * b;
            uint64_t valid = below(length - base);
            const cf_masks *m = &masks[b];
            uint64_t hidden = inside, quote = m->quote & valid;
            if (quote != 0) {
                any_quote = 1;
                hidden = prefix_xor(quote) ^ inside;
                inside = (uint64_t)((int64_t)hidden >> 63);
            }
            if ((m->nul & valid) != 0 && scan->nul == SIZE_MAX)
                scan->nul = base + (size_t)__builtin_ctzll(m->nul & valid);
            uint64_t line_end = m->lf;
            if (m->cr != 0)
                line_end |= m->cr & ~(m->lf >> 1 | (uint64_t)(bytes[base + 64] == '\n') << 63);
            line_end &= valid & ~hidden;
            uint64_t left = line_end | (m->delimiter & valid & ~hidden);
            while (left != 0) {
                marks[n_marks] = (uint32_t)(base + (size_t)__builtin_ctzll(left));
                ends[n_ends] = (uint32_t)n_marks++;
                n_ends += (left & (0 - left) & line_end) != 0;
                left &= left - 1;
            }
        }
    }
    scan->n_marks = n_marks;
    scan->n_ends = n_ends;
    scan->quotes = any_quote != 0;
    scan->open = inside != 0;
}

size_t cf_count_lines(const char *bytes, size_t length)
{
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n' ||
                 (bytes[i] == '\r' && !(i + 1 < length && bytes[i + 1] == '\n'));
    return lines;
}
