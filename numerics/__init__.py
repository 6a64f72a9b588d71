"""From formulas to fast functions: generated kernels, simulators, deterministic solvers, estimators."""

import os

# numba also takes settings from a file in the working folder, which may be a stranger's: not where its cache lies
for _setting in ("NUMBA_CACHE_DIR", "NUMBA_CACHE_LOCATOR_CLASSES"):
    os.environ.setdefault(_setting, "")
