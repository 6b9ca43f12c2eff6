/* scan.h - where the fields and rows of a piece of CSV end.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_SCAN_H
#define CF_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Readable (not meaningful) bytes that must follow the scanned ones. */
enum { CF_SCAN_PADDING = 64 };

/* Bit i of each mask is about byte i of a block of 64. */
typedef struct cf_masks {
    uint64_t delimiter;
    uint64_t quote;
    uint64_t lf;
    uint64_t cr;
    uint64_t nul;
} cf_masks;

/* Masks of n consecutive blocks. */
typedef void cf_mask_function(const char *bytes, size_t n, char delimiter, cf_masks *masks);

/* The variants, for the tests; NULL where the processor lacks it. */
cf_mask_function *cf_masks_plain(void);
cf_mask_function *cf_masks_sse2(void);
cf_mask_function *cf_masks_avx2(void);
cf_mask_function *cf_masks_best(void);

typedef struct cf_scan {
    uint32_t *marks; /* out: positions of the delimiters and line ends outside quotes; room for
                        one a byte, plus one */
    uint32_t *ends;  /* out: which marks are line ends; the same room */
    size_t n_marks;
    size_t n_ends;
    bool quotes;     /* there was a quote */
    bool open;       /* the bytes end inside quotes */
    size_t nul;      /* position of the first NUL byte, or SIZE_MAX */
} cf_scan;

/* Scan `length` bytes that begin outside quotes. A CR that is followed by LF, even by the
 * first byte of the padding, is part of that line end and no mark. */
void cf_scan_bytes(const char *bytes, size_t length, char delimiter, cf_mask_function *masks,
                   cf_scan *scan);

/* Line ends, as an editor counts them, inside and outside quotes. */
size_t cf_count_lines(const char *bytes, size_t length);

#endif
