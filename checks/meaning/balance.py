"""When the zero-current equation makes a positive density without current: asked before it proves or confirms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from ...derivations.domain import Domain
from ...derivations.ranges import Positive, Range, Real
from ...derivations.statements.detailed_balance import DetailedBalance
from ..judgement.definedness import definedness
from ..judgement.domain_signs import strict_sign
from ..witness import Task

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Functions whose derivative, where it exists, does not tell that they jump.
_JUMPING = (sp.Piecewise, sp.sign, sp.Heaviside, sp.floor, sp.ceiling)
#: Functions that may have a kink, in a slope of log p that is to be differentiable.
_KINKED = (sp.Abs, sp.Max, sp.Min)


def no_balance(statement: DetailedBalance, required: sp.Matrix, task: Task) -> str:
    """Return why the equation does not make a positive density without current; empty where it does.

    The field must be defined everywhere, the tensor positive definite and the density positive without jumps.
    """
    density = sp.Integer(1) if statement.density is None else statement.density
    fields = [*required, *statement.force, *statement.tensor, density]
    if any(sp.sympify(e).has(*_JUMPING) for e in fields):
        return "a coefficient or the density may jump"
    if any(sp.sympify(e).has(*_KINKED) for e in required):
        return "the slope of log p may have a kink"
    plain, domain = _plain(fields, task)
    defined = definedness(plain, domain)
    if defined.status != "everywhere":
        return f"the field is not seen to be defined everywhere: {defined.reason}"
    d = len(statement.state)
    minors = _plain([statement.tensor[:k, :k].det() for k in range(1, d + 1)], task)[0]
    if any(strict_sign(m, domain, 1.0) != "positive" for m in minors):
        return "the tensor is not seen to be positive definite"
    factors = [f for f in sp.Mul.make_args(plain[-1]) if not isinstance(f, sp.exp)]
    if any(strict_sign(f, domain, 1.0) != "positive" for f in factors):
        return "the density is not seen to be positive"
    return ""


def _plain(fields: Sequence[Any], task: Task) -> tuple[list[sp.Expr], Domain]:
    """Return expressions with every undefined function, derivative and integral as a symbol, and their domain."""
    ranges: dict[str, Range] = {s.name: r for s, r in task.claim.domain.ranges.items()}
    symbols: dict[sp.Basic, sp.Symbol] = {}

    def symbol(node: sp.Basic) -> sp.Symbol:
        if node not in symbols:
            name = f"function_{len(symbols)}"
            given: Range = Positive if node.is_positive else Real
            ranges[name] = given
            symbols[node] = sp.Symbol(name, **given.assumptions)
        return symbols[node]

    found = [
        # a definite integral may diverge
        sp.sympify(e).replace(
            lambda n: (
                isinstance(n, sp.Derivative | AppliedUndef)
                or (isinstance(n, sp.Integral) and all(len(given) == 1 for given in n.limits))
            ),
            symbol,
        )
        for e in fields
    ]
    return found, Domain(**ranges)
