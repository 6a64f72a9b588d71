"""Arguments about limits: leading terms at large times, rates of decay, ratios at a point, Laplace's method."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from ....derivations.calculus.limits import leading_term, limit_at_infinity, ratio_at_point
from ....derivations.domain import Domain
from ....derivations.expressions import canonical
from ....derivations.processes.fokker_planck import laplace_parts
from ....derivations.processes.ito import canonical_sde, generator, noise
from ....derivations.statements.expansions import LocalBehaviour, RootExpansion, SmallNoiseGaussian, StationaryExpansion
from ....derivations.statements.processes import AlmostSureDecay, LongTimeLimit
from ..model import Step
from ..wording import spelled
from .lines import compared, line, shorter

#: Parts of an expression whose leading terms are written out, and how deep they are looked for.
_PARTS, _DEEP = 8, 2


def long_time(statement: LongTimeLimit, domain: Domain) -> Iterator[Step]:
    """Yield the leading terms of the parts of an expression, and the limit that they give."""
    expression, t = canonical(statement.expression), statement.time
    value = limit_at_infinity(expression, t, domain)
    if value is None:
        return
    told = 0
    for part in _parts(expression, t, _DEEP):
        term = leading_term(part, t, domain)
        if term is not None and term != part and told < _PARTS:
            told += 1
            yield line(f"for large {t}", f"{spelled(sp.latex(part))} \\sim {spelled(sp.latex(term))}")
    if value in (sp.oo, -sp.oo):
        yield line("the limit as stated", canonical(statement.limit))
        yield line("the limit by leading terms", value)
    else:
        yield from compared("the limit", statement.limit, value, "by leading terms")


def _parts(e: sp.Expr, t: sp.Symbol, deep: int) -> Iterator[sp.Expr]:
    """Yield an expression and the parts of it that move with t, the inner ones first."""
    if deep and e != t:
        inside = sp.fraction(e) if e.is_Mul else e.args
        for part in dict.fromkeys(p for p in inside if p.has(t) and p not in (t, e)):
            yield from _parts(part, t, deep - 1)
    yield e


def decay(statement: AlmostSureDecay, domain: Domain) -> Iterator[Step]:
    """Yield drift and noise of log|f| by Ito's formula, where they are constants."""
    sde, f = canonical_sde(statement.sde), canonical(statement.function)
    growth = sp.cancel(sp.together(generator(sde, f) / f))
    row = [sp.cancel(sp.together(c / f)) for c in noise(sde, f)]
    yield line("generator of f over f", shorter(growth))
    for k, c in enumerate(row, 1):
        yield line(f"noise {k} of f over f" if len(row) > 1 else "noise of f over f", c)
    if not any(c.has(*sde.state) for c in (growth, *row)):
        rate = shorter(sp.expand(growth - sum(c**2 for c in row) / 2))
        yield line("drift of log|f|, a Brownian motion with a drift, which is to be negative", rate)


def ratios(statement: LocalBehaviour, domain: Domain) -> Iterator[Step]:
    """Yield the limit of each expression over its equivalent, on both sides of the point."""
    x = statement.variable
    for expression, equivalent in statement.pairs:
        yield line("expression", expression)
        yield line("over its stated equivalent", equivalent)
        for side in statement.sides():
            value = ratio_at_point((expression, equivalent), x, statement.point, side, domain)
            if value is not None:
                yield line(f"their ratio near the point, from {'above' if side > 0 else 'below'}", value)


def laplace(statement: StationaryExpansion | SmallNoiseGaussian, domain: Domain) -> Iterator[Step]:
    """Yield the slopes of the exponents of the density without flux, and the first moments about its peak."""
    x, centre = statement.sde.state[0], statement.centre
    phi, psi = laplace_parts(statement.sde, statement.parameter)
    yield line("slope of Φ in the density exp(Φ/ε + Ψ) without flux", shorter(phi))
    yield line("slope of Ψ", shorter(psi))
    yield from compared("the slope of Φ at the peak", sp.Integer(0), phi.subs(x, centre), "there")
    variance = shorter(sp.cancel(sp.together(-1 / sp.diff(phi, x).subs(x, centre))))
    yield line("its curvature there gives the variance, over ε,", variance)
    if isinstance(statement, SmallNoiseGaussian):
        yield from compared("the variance", statement.variance, variance, "of the limit")
    elif statement.observable == "mean":
        third = sp.diff(phi, x, 2).subs(x, centre)
        shift = third * variance**2 / 2 + psi.subs(x, centre) * variance
        yield from compared("the first-order coefficient", statement.first, shift, "with the third derivative of Φ")
    else:
        yield from compared("the first-order coefficient", statement.first, variance, "of the variance")


def root(statement: RootExpansion, domain: Domain) -> Iterator[Step]:
    """Yield the function and its slopes at the unperturbed zero, and the shift that these give."""
    at = {statement.parameter: 0, statement.variable: statement.zeroth}
    f = statement.function
    slope, along = (shorter(sp.diff(f, s).subs(at)) for s in (statement.variable, statement.parameter))
    yield from compared("the function at the unperturbed zero", sp.Integer(0), f.subs(at), "there")
    yield line(f"its slope in {statement.variable} there", slope)
    yield line(f"its slope in {statement.parameter} there", along)
    if slope != 0:
        yield from compared("the first-order shift", statement.first, -along / slope, "by implicit differentiation")
