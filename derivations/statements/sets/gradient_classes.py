"""Bounds that hold for all bounded Lipschitz gradients, and for all positive semi-definite matrices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp

from ...errors import ClaimError
from ...statement import Implication, Statement


class GradientQuantity(StrEnum):
    """What is bounded: of g_1, ..., g_n at one point, or the norm of its change between two points."""

    MEAN_SIZE = "the norm of the mean gradient"
    MEAN_CHANGE = "the change of the mean gradient"
    DEVIATION_SIZE = "the norm of a gradient minus the mean"
    DEVIATION_CHANGE = "the change of a gradient minus the mean"
    ENTRY_CHANGE = "the change of an entry of the covariance"
    COVARIANCE_CHANGE = "the change of the covariance in operator norm"
    ROOT_CHANGE = "the change of the root of the covariance in Frobenius norm"


@dataclass(frozen=True)
class GradientBound(Statement):
    r"""For all gradients that are bounded by `size` and Lipschitz with constant `lipschitz`, `quantity` <= `bound`.

    That is, for all n, d >= 1 and all differentiable l_1, ..., l_n on R^d with :math:`|\nabla l_i| \le` `size` and
    :math:`|\nabla l_i(x) - \nabla l_i(y)| \le` `lipschitz` :math:`|x - y|`, at every point, or at all two points whose
    distance is `distance`. The covariance is :math:`\frac1n\sum_i (\nabla l_i - \bar g)(\nabla l_i - \bar g)^T`.

    Parameters
    ----------
    quantity : GradientQuantity
        What is bounded.
    lipschitz, size, distance : Symbol
        Positive parameters; the first two may be the same.
    bound : sympy.Expr
        In these.
    """

    quantity: GradientQuantity
    lipschitz: sp.Symbol
    size: sp.Symbol
    distance: sp.Symbol
    bound: sp.Expr

    def __post_init__(self) -> None:
        for name in ("lipschitz", "size", "distance"):
            if not getattr(self, name).is_positive:
                raise ClaimError(f"{name} is {getattr(self, name)}; give a positive symbol")

    def asserted(self) -> tuple[str, ...]:
        return ("bound",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return (Implication(sp.Gt(self.distance, 0, evaluate=False), sp.Ge(other.bound, self.bound, evaluate=False)),)

    def free_symbols(self) -> set[sp.Symbol]:
        return {self.lipschitz, self.size, self.distance} | set(self.bound.free_symbols)

    def latex(self) -> str:
        lip, size, far = (sp.latex(s) for s in (self.lipschitz, self.size, self.distance))
        given = rf"|\nabla\ell_i| \le {size},\; \mathrm{{Lip}}(\nabla\ell_i) \le {lip},\; |x - y| = {far}"
        return rf"\text{{{self.quantity}}} \le {sp.latex(self.bound)} \quad \text{{for all}}\; {given}"

    def formula(self) -> sp.Expr | None:
        return self.bound


@dataclass(frozen=True)
class RootDistance(Statement):
    r"""For all positive semi-definite A, B of size d, :math:`\|\sqrt A - \sqrt B\|_p \le c \sqrt{\|A - B\|_q}`.

    Parameters
    ----------
    dimension : Symbol
        d, a positive integer.
    root_norm, norm : sympy.Expr
        Indices p >= 2 and q >= 1 of Schatten norms, numbers or oo: 1 is the sum of the singular values, 2 the Frobenius
        norm, oo the operator norm.
    factor : sympy.Expr
        c, in d.
    """

    dimension: sp.Symbol
    root_norm: sp.Expr
    norm: sp.Expr
    factor: sp.Expr

    def __post_init__(self) -> None:
        if not (self.dimension.is_integer and self.dimension.is_positive):
            raise ClaimError(f"dimension is {self.dimension}; give a positive integer symbol")
        for name, least in (("root_norm", 2), ("norm", 1)):
            if sp.sympify(getattr(self, name) >= least) != sp.true:
                raise ClaimError(f"{name} is {getattr(self, name)}; give a number of at least {least}, or oo")

    def asserted(self) -> tuple[str, ...]:
        return ("factor",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        larger = sp.Ge(other.factor, self.factor, evaluate=False)
        return (Implication(sp.Gt(self.dimension, 0, evaluate=False), larger),)

    def free_symbols(self) -> set[sp.Symbol]:
        return {self.dimension} | set(self.factor.free_symbols)

    def latex(self) -> str:
        left = rf"\|\sqrt{{A}} - \sqrt{{B}}\|_{{{sp.latex(self.root_norm)}}}"
        right = rf"{sp.latex(self.factor)} \sqrt{{\|A - B\|_{{{sp.latex(self.norm)}}}}}"
        return rf"{left} \le {right} \quad \text{{for all}}\; A, B \succeq 0"

    def formula(self) -> sp.Expr | None:
        return self.factor
