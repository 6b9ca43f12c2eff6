/* sha256_blocks.h - the compression function.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CF_SHA256_BLOCKS_H
#define CF_SHA256_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/* Fold n blocks of 64 bytes into the state, by the fastest variant this processor has. */
void cf_sha256_blocks(uint32_t state[8], const unsigned char *blocks, size_t n);

/* The variants, for the tests. The second returns 0 when the processor lacks it. */
void cf_sha256_blocks_plain(uint32_t state[8], const unsigned char *blocks, size_t n);
int cf_sha256_blocks_native(uint32_t state[8], const unsigned char *blocks, size_t n);

#endif
