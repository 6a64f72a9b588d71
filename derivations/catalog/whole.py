"""Importing this module registers every claim of the catalog."""

import importlib
import pkgutil

from . import __name__ as _package
from . import __path__ as _folders

for _module in sorted(m.name for m in pkgutil.walk_packages(_folders, f"{_package}.")):
    importlib.import_module(_module)
