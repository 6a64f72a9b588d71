"""Canonical text of values: the same in every process, and other for values that differ."""

from __future__ import annotations

import dataclasses
import enum
import functools
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .sources import NoKey

if TYPE_CHECKING:
    from ...derivations.claim import Claim


def claim_text(claim: Claim) -> tuple[str, tuple[str, ...]] | None:
    """Return a canonical text of what the claim asserts, and the modules that give it its meaning.

    The text is the same in every process. None when some part has no canonical text (an array, an open file).
    """
    writer = _Writer()
    try:
        text = f"{claim.id}\n{writer.text(claim.statement)}\n{writer.text(claim.domain)}"
    except (NoKey, RecursionError):
        return None
    return text, tuple(sorted(writer.modules))


class _Writer:
    """Writes values as text that does not depend on the process, and notes the modules of their classes."""

    def __init__(self) -> None:
        self.modules: set[str] = set()

    def text(self, value: Any) -> str:
        import sympy as sp

        if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
            return repr(value)
        if isinstance(value, enum.Enum):
            return f"{self._named(type(value))}.{value.name}"
        if isinstance(value, (sp.Basic, sp.MatrixBase)):
            return self._expression(value)
        if isinstance(value, type):
            if isinstance(value, sp.core.function.UndefinedFunction):
                return f"Function({value.__name__}, {self.text(dict(value._kwargs))})"
            return self._named(value)
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{self.text(k)}: {self.text(v)}" for k, v in value.items()) + "}"
        if isinstance(value, (tuple, list)):
            return f"{type(value).__name__}[{', '.join(map(self.text, value))}]"
        if isinstance(value, (set, frozenset)):
            return f"set[{', '.join(sorted(map(self.text, value)))}]"
        if isinstance(value, functools.partial):
            return f"partial({self.text(value.func)}, {self.text(value.args)}, {self.text(value.keywords)})"
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, types.BuiltinFunctionType):
            return f"{value.__module__}.{value.__qualname__}"
        return self._object(value)

    def _named(self, kind: type) -> str:
        for base in kind.__mro__:
            self.modules.add(base.__module__)
        return f"{kind.__module__}.{kind.__qualname__}"

    def _function(self, value: types.FunctionType) -> str:
        self.modules.add(value.__module__)
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        code = value.__code__
        place = f"{value.__module__}.{value.__qualname__}:{code.co_code.hex()}"
        return f"{place}({self.text(code.co_names)}, {self.text(value.__defaults__)}, {self.text(cells)})"

    def _object(self, value: Any) -> str:
        kind = type(value)
        if dataclasses.is_dataclass(value):
            parts = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        elif hasattr(value, "__dict__") and kind.__module__ != "builtins":
            cached = {n for k in kind.__mro__ for n, a in vars(k).items() if isinstance(a, functools.cached_property)}
            parts = {n: v for n, v in sorted(vars(value).items()) if n not in cached}
            if any(vars(k).get("__slots__") for k in kind.__mro__):
                raise NoKey
        else:
            raise NoKey
        return f"{self._named(kind)}({self.text(parts)})"

    def _expression(self, value: Any) -> str:
        import sympy as sp

        known: dict[Any, str] = {}
        functions: dict[str, Any] = {}

        def text(node: Any) -> str:
            if node not in known:
                known[node] = written(node)
            return known[node]

        def written(node: Any) -> str:
            kind = type(node)
            if isinstance(node, sp.Rational):
                return f"{node.p}/{node.q}"
            if isinstance(node, sp.Dummy):  # its number differs from process to process
                number = sum(isinstance(other, sp.Dummy) for other in known)
                return f"Dummy{number}({node.name!r}, {sorted(node._assumptions_orig.items())})"
            if not isinstance(node, sp.Basic):
                return self.text(node)
            if not node.args:
                return str(sp.srepr(node))
            if isinstance(kind, sp.core.function.UndefinedFunction):
                functions[kind.__name__] = dict(kind._kwargs)
            elif not kind.__module__.startswith("sympy."):
                self._named(kind)
            parts = [text(arg) for arg in node.args]
            if node.is_Add or (node.is_Mul and node.is_commutative):  # the order of terms and factors says nothing
                parts.sort()
            return f"{kind.__name__}({', '.join(parts)})"

        if isinstance(value, sp.MatrixBase):
            return f"{type(value).__name__}({text(value.as_immutable())})"
        found = text(value)
        return f"{found} with {sorted(functions.items())}" if functions else found
