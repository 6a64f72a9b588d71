"""Experiments of the documents that can be repeated, at reduced size, beside what the verified formulas predict."""

from __future__ import annotations

import importlib
import pkgutil

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
