"""What a repair changes: the smallest parts of formulas, ranges and assumptions that differ from what it repairs."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import sympy as sp

from ...derivations.claim import Claim
from ...derivations.expressions import as_printed
from ...derivations.processes.sde import SDE
from .model import Change
from .wording import FIELDS, spelled

_MARK = sp.Symbol("changed")
#: Characters of the LaTeX of a part from which on it is not shown once more inside of the whole.
_LONGEST_MARK = 300
#: Operations of an expression from which on a common factor is looked for.
_LONG = 40


def changes(old: Claim, new: Claim) -> tuple[Change, ...]:
    """Return what differs between a claim and the one that repairs it, in the order statement, domain, assumptions."""
    found = list(dict.fromkeys(_statement(old.statement, new.statement)))
    before = {s.name: old.domain.describe(s) for s in old.domain.symbols}
    after = {s.name: new.domain.describe(s) for s in new.domain.symbols}
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name) and name in after and name in before:
            found.append(Change(f"range of {name}", before=before[name], after=after[name]))
    # a repair may name what it repairs in place of the assumptions that both have
    given = Counter(line for known in new.given for line in (old.given if known == f"as for {old.id}" else (known,)))
    gone, come = Counter(old.given) - given, given - Counter(old.given)
    found += [Change("no longer assumed", before=line) for line in gone]
    found += [Change("assumed", after=line) for line in come]
    return tuple(found)


def _statement(old: Any, new: Any) -> list[Change]:
    if type(old) is not type(new):
        return [Change("another kind of statement", spelled(old.latex()), spelled(new.latex()), formulas=True)]
    return [change for name, a, b in _fields(old, new) for change in _parts(name, a, b)]


def _fields(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    names = [f.name for f in dataclasses.fields(old)]
    return [(FIELDS.get(name, name.replace("_", " ")), getattr(old, name), getattr(new, name)) for name in names]


def _parts(name: str, a: Any, b: Any) -> list[Change]:
    """Return the changes of one field, part by part."""
    if _same(a, b):
        return []
    if isinstance(a, SDE) and isinstance(b, SDE):
        pairs = (("drift", a.drift, b.drift), ("diffusion", a.diffusion, b.diffusion))
        return [c for part, x, y in pairs for c in _parts(f"{part} of the {name}", x, y)]
    if dataclasses.is_dataclass(a) and type(a) is type(b):
        return [c for part, x, y in _fields(a, b) for c in _parts(f"{part} of the {name}", x, y)]
    if isinstance(a, sp.MatrixBase) and isinstance(b, sp.MatrixBase) and a.shape == b.shape:
        return [c for x, y in zip(a, b, strict=True) for c in _parts(name, x, y)]
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return [c for x, y in zip(a, b, strict=True) for c in _parts(name, x, y)]
    try:
        x, y = _plain(sp.sympify(a, strict=True)), _plain(sp.sympify(b, strict=True))
    except sp.SympifyError:
        return [Change(name, before=str(a), after=str(b))]
    before, after, marked = _smallest(x, y)
    if (factor := _factor(before, after)) is not None:
        return [Change(name, after=f"the printed one times {factor}")]
    inner = _underlined(after)
    whole = ""
    if marked != _MARK and len(inner) <= _LONGEST_MARK:
        whole = sp.latex(marked, symbol_names={_MARK: inner}, order="none")
    return [Change(name, spelled(as_printed(before)), spelled(as_printed(after)), spelled(whole), formulas=True)]


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, SDE) and isinstance(b, SDE):
        return _same(a.drift, b.drift) and _same(a.diffusion, b.diffusion)
    if isinstance(a, sp.Basic | sp.MatrixBase) and isinstance(b, sp.Basic | sp.MatrixBase):
        return bool(_plain(a) == _plain(b))
    return bool(a == b)


def _plain(expr: Any) -> Any:
    """Return `expr` with symbols of no assumptions: those of two claims differ in ranges only."""
    names = {s: sp.Symbol(s.name) for s in expr.free_symbols if isinstance(s, sp.Symbol)}
    return expr.xreplace(names)


def _smallest(a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Return the smallest parts in which two expressions differ, and the second with a mark in place of its part."""
    if type(a) is type(b) and isinstance(a, sp.Add | sp.Mul):
        common = Counter(a.args) & Counter(b.args)
        if common:
            rest = [list((Counter(e.args) - common).elements()) for e in (a, b)]
            left, right = (e[0] if len(e) == 1 else a.func(*e, evaluate=False) if e else a.identity for e in rest)
            before, after, marked = _smallest(left, right) if all(len(e) == 1 for e in rest) else (left, right, _MARK)
            return before, after, a.func(marked, *common.elements(), evaluate=False)
    elif type(a) is type(b) and len(a.args) == len(b.args) and a.args and not isinstance(a, sp.MatrixBase):
        different = [k for k, (x, y) in enumerate(zip(a.args, b.args, strict=True)) if x != y]
        if len(different) == 1 and isinstance(a, sp.Pow | sp.Function | sp.core.relational.Relational):
            k = different[0]
            before, after, marked = _smallest(a.args[k], b.args[k])
            args = [marked if i == k else arg for i, arg in enumerate(b.args)]
            return before, after, b.func(*args, evaluate=False)
    return a, b, _MARK


def _factor(a: Any, b: Any) -> Any:
    """Return the number by which a long expression is multiplied, if that is all that changes; else None."""
    if not (isinstance(a, sp.Expr) and isinstance(b, sp.Expr)) or a.count_ops() < _LONG or a.has(sp.Integral, sp.Sum):
        return None
    at = {s: sp.Rational(k + 2, 2 * k + 3) for k, s in enumerate(sorted(a.free_symbols | b.free_symbols, key=str))}
    one, other = a.subs(at), b.subs(at)
    if not (one.is_Rational and other.is_Rational and one != 0):
        return None
    factor = other / one
    return factor if len(str(factor)) <= 4 and sp.expand(factor * a - b) == 0 else None


def _underlined(part: Any) -> str:
    inner = as_printed(part)
    return rf"\underline{{\left({inner}\right)}}" if isinstance(part, sp.Add) else rf"\underline{{{inner}}}"
