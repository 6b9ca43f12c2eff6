/* conformal.h - the whole public interface of libconformal.
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * This is the only header to include; the files under conformal/ exist to be
 * read one topic at a time. */
#ifndef CONFORMAL_H
#define CONFORMAL_H

#include "conformal/array.h"
#include "conformal/batch.h"
#include "conformal/calibrate.h"
#include "conformal/error.h"
#include "conformal/evaluate.h"
#include "conformal/groups.h"
#include "conformal/number.h"
#include "conformal/plan.h"
#include "conformal/predict.h"
#include "conformal/pursuit.h"
#include "conformal/quantile.h"
#include "conformal/random.h"
#include "conformal/report.h"
#include "conformal/score.h"
#include "conformal/store.h"
#include "conformal/table.h"
#include "conformal/testing.h"
#include "conformal/version.h"

#endif
