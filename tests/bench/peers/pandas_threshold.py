# The everyday way from a CSV to the conformal threshold: pandas.read_csv, numpy.partition.
# SPDX-License-Identifier: GPL-3.0-or-later
import math
import sys

import numpy as np
import pandas as pd

d = pd.read_csv(sys.argv[1], usecols=["y", "yhat"])
score = np.abs(d["y"].to_numpy() - d["yhat"].to_numpy())
k = math.ceil((len(score) + 1) * 0.9)
print(np.partition(score, k - 1)[k - 1])
