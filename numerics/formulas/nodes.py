"""Functions that SymPy lacks and that formulas need where they would cancel or overflow, each with its derivative."""

from __future__ import annotations

from typing import Any

import sympy as sp

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class Exprel(sp.Function):  # type: ignore[misc]
    """``Exprel(n, u)``, the integral of s**n*exp(u*s) over s in [0, 1]: (exp(u) - 1)/u for n = 0, with all derivatives.

    It is positive, has a value at u = 0, and its derivative by u is ``Exprel(n + 1, u)``: nothing cancels.
    """

    @classmethod
    def eval(cls, n: sp.Expr, u: sp.Expr) -> sp.Expr | None:
        if not (n.is_Integer and n >= 0):
            raise ValueError(f"n is {n}; give an integer >= 0")
        return 1 / (n + 1) if u.is_zero else None

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        if argindex != 2:
            raise sp.core.function.ArgumentIndexError(self, argindex)
        return Exprel(self.args[0] + 1, self.args[1])

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[1].is_real else None

    def _eval_rewrite_as_exp(self, n: sp.Expr, u: sp.Expr, **_: Any) -> sp.Expr:
        value = (sp.exp(u) - 1) / u
        for k in range(1, int(n) + 1):
            value = (sp.exp(u) - k * value) / u
        return value


class Erfcx(sp.Function):  # type: ignore[misc]
    """The scaled complementary error function ``exp(x**2)*erfc(x)``, which neither overflows nor vanishes for x > 0."""

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.Integer(1) if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 2 * self.args[0] * self - 2 / sp.sqrt(sp.pi)

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _eval_rewrite_as_exp(self, x: sp.Expr, **_: Any) -> sp.Expr:
        return sp.exp(x**2) * sp.erfc(x)
