"""The witnesses, a module for each kind of evidence and type of statement; importing registers all of them."""

import importlib
import pkgutil

for _module in sorted(m.name for m in pkgutil.walk_packages(__path__, f"{__name__}.")):
    importlib.import_module(_module)
