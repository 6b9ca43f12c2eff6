/* number_write.c - doubles as text (interim: not yet the shortest).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "conformal/number.h"

size_t conformal_number_write(double value, char *text)
{
    return (size_t)snprintf(text, CONFORMAL_NUMBER_SIZE, "%.17g", value);
}
