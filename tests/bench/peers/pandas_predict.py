# The everyday way from a CSV to a CSV with intervals: pandas in, pandas out.
# SPDX-License-Identifier: GPL-3.0-or-later
import math
import sys

import numpy as np
import pandas as pd

cal = pd.read_csv(sys.argv[1], usecols=["y", "yhat"])
score = np.abs(cal["y"].to_numpy() - cal["yhat"].to_numpy())
k = math.ceil((len(score) + 1) * 0.9)
q = np.partition(score, k - 1)[k - 1]
test = pd.read_csv(sys.argv[2])
test["lower"] = test["yhat"] - q
test["upper"] = test["yhat"] + q
test.to_csv(sys.argv[3], index=False)
