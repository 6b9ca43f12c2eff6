/* quantile.c - the conformal threshold.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "conformal/quantile.h"
