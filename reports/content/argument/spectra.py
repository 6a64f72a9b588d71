"""Arguments about singular values of large matrices: the equation of the transform, its root, its discriminant."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from ....checks.witnesses.random_matrices.transforms import edge, secular
from ....derivations.domain import Domain
from ....derivations.positivity import sign_on
from ....derivations.statements.classes.overlaps import SpikedOverlap
from ....derivations.statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from ..model import Step
from .lines import compared, line, shorter

_l, _h = sp.symbols("l h")


def spike(statement: SpikedSingularValue | SpikedOverlap, domain: Domain) -> Iterator[Step]:
    """Yield where the transform has its outlier, the values there, and the stated one."""
    aspect, size = statement.aspect, statement.spike
    level, other, h = secular(size, aspect)
    yield line("the transform h of pure noise solves", rf"l = {sp.latex(level)}")
    yield line("an outlier is where l h g = 1/s², at h =", h)
    beyond = shorter(sp.simplify(h + 1 / edge(aspect)))
    yield line("h at the outlier less h at the edge; there is an outlier where this is positive", beyond)
    if isinstance(statement, SpikedSingularValue):
        what, squared, without = "the limit, squared,", sp.factor(level.subs(_h, h)), edge(aspect)
    else:
        slope = sp.diff(level * _h * other, _h) / sp.diff(level, _h)
        squared = sp.factor(sp.cancel(sp.together((_h * other / (size**2 * slope) ** 2).subs(_h, h))))
        what, without = "the product of the overlaps, squared,", sp.Integer(0)
    sign = sign_on(domain, beyond)
    if sign == "positive":
        yield from compared(what, statement.value**2, squared, "at the outlier")
    elif sign in ("negative", "nonpositive", "zero"):
        yield from compared("the limit", statement.value, without, "without an outlier")


def noise(statement: NoiseSingularValues, domain: Domain) -> Iterator[Step]:
    """Yield the quadratic for the transform, its discriminant, and the ends where that vanishes."""
    aspect, s = statement.aspect, statement.variable
    quadratic = sp.Poly(sp.expand(_l * _h * (1 + _h) + (1 + _h) - aspect * _h), _h)
    yield line("the transform h of pure noise is a root of", quadratic.as_expr())
    yield line("the bulk is where its discriminant is negative", sp.factor(quadratic.discriminant()))
    yield line("which vanishes at the squares of 1 + √A and of", 1 - sp.sqrt(aspect))
    yield line("the lower end as stated", statement.low)
    yield line("the upper end as stated", statement.high)
    yield line("the mass at 0 as stated, which is that of the larger side's zeros,", statement.atom)
    found = 2 * s * sp.sqrt(sp.expand(-quadratic.discriminant().subs(_l, s**2))) / (2 * s**2 * sp.pi * aspect)
    yield line("the density from the imaginary part of h", found)
    yield line("the density as stated", statement.density)
