"""A ``sitecustomize`` module for test runs in processes of their own, which need little of the package.

The catalog and the witnesses import all their modules, which takes seconds in each of many processes.
"""

from collections.abc import Sequence

_FINDER = """
import importlib, sys, types
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder

PARTS = {parts!r}


class Part(MetaPathFinder, Loader):
    def find_spec(self, name, path, target=None):
        if name in PARTS:
            folders = PathFinder.find_spec(name, path).submodule_search_locations
            spec = ModuleSpec(name, self, is_package=folders is not None)
            spec.submodule_search_locations = folders
            return spec

    def exec_module(self, module):
        for part in PARTS[module.__name__]:
            importlib.import_module(part)


sys.meta_path.insert(0, Part())
"""
_NO_TORCH = """
sys.modules["torch"] = types.ModuleType("torch")
sys.modules["torch"].set_num_threads = lambda number: None
"""


def sitecustomize(catalog: Sequence[str] = (), witnesses: Sequence[str] = (), *, torch: bool = True) -> str:
    """Return the source of a module after which the catalog and the witnesses consist of these modules only.

    Without `torch`, an empty module takes its place.
    """
    claims, judges = "crossproof.derivations.catalog", "crossproof.checks.witnesses"
    parts = {f"{claims}.whole": [f"{claims}.{m}" for m in catalog], judges: [f"{judges}.{m}" for m in witnesses]}
    return _FINDER.format(parts=parts) + ("" if torch else _NO_TORCH)
