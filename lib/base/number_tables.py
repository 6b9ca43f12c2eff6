#!/usr/bin/env python3
"""number_tables.py - the power tables of number_read.c and number_write.c, from big integers.
SPDX-License-Identifier: GPL-3.0-or-later

    python3 lib/base/number_tables.py > lib/base/number_tables.c
"""


def power_of_five(q):
    """5^q as 128 bits with the top bit set: truncated for q >= 0, rounded up for q < 0
    (Lemire 2021, sec. 5: the reciprocals need 2b + 128 bits of precision)."""
    if q >= 0:
        c = 5**q
        while c < 1 << 127:
            c <<= 1
        while c >= 1 << 128:
            c >>= 1
        return c
    p, z = 5**-q, 0
    while 1 << z < p:
        z += 1
    if q >= -27:
        return (1 << (z + 127)) // p + 1
    c = (1 << (2 * z + 128)) // p + 1
    while c >= 1 << 128:
        c >>= 1
    return c


def power_of_ten(k):
    """g = floor(10^k 2^-r) + 1 with 2^127 <= g < 2^128, exact where 10^k fits
    (Giulietti 2020, sec. 9.5)."""
    if k >= 0:
        n = 10**k
        s = n.bit_length() - 128
        g, exact = (n << -s, True) if s < 0 else (n >> s, (n >> s) << s == n)
    else:
        d = 10**-k
        s = 127 + d.bit_length()
        g, exact = (1 << s) // d, False
    g += not exact
    assert 1 << 127 <= g < 1 << 128
    return g


def table(name, values):
    print(f"const uint64_t {name}[{len(values)}][2] = {{")
    for v in values:
        print(f"    {{UINT64_C(0x{v >> 64:016x}), UINT64_C(0x{v & (1 << 64) - 1:016x})}},")
    print("};")


print("""/* number_tables.c - powers of five and ten to 128 bits; made by number_tables.py.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number_tables.h"
""")
table("cf_power5", [power_of_five(q) for q in range(-342, 309)])
print()
table("cf_power10", [power_of_ten(k) for k in range(-292, 325)])
