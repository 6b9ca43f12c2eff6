#!/bin/sh
# Information pursuit: a step, and calibration with replay, beside NumPy (python3-numpy).
#   pursuit.sh [TEXT]         default all; TEXT: only the jobs with it in their title
set -eu
here=$(dirname "$0")
: "${BUILDDIR:=.}"
python=${PYTHON:-python3}
$python -c 'import numpy' 2> /dev/null || python=/usr/bin/python3
if ! $python -c 'import numpy' 2> /dev/null; then
    echo " NumPy: SKIPPED: python3 with numpy was not found (Debian: python3-numpy)"
    exec "$BUILDDIR/tests/bench/pursuit"
fi
OPENBLAS_NUM_THREADS=1 # one thread on both sides
OMP_NUM_THREADS=1
export OPENBLAS_NUM_THREADS OMP_NUM_THREADS
exec "$BUILDDIR/tests/bench/pursuit" "$python" "$here/peers" "${1:-}"
