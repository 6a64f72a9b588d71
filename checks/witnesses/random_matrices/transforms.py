"""Singular values of large matrices from the self-consistent equation of the Stieltjes transform.

Let h(l) be the limit of Tr (E^T E - l)^-1 / n. It solves l = -1/h + A/(1 + h) (Silverstein and Bai 1995). The bulk is
where that quadratic for h has no real root; a spike s makes an outlier at s'^2 = l where l h g = 1/s^2, with g the
transform of E E^T, A g = h + (1 - A)/l (Benaych-Georges and Nadakuditi 2012, secular determinant). The residue of the
resolvent at the outlier gives the overlaps of the singular vectors (the same, Theorem 2.10).
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from ....derivations.domain import Domain
from ....derivations.ranges import Between
from ....derivations.statements.classes.overlaps import SpikedOverlap
from ....derivations.statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from ...evidence import Finding, Kind, Outcome
from ...judgement.domain_signs import ladder_seconds
from ...judgement.exact import Residual, judge
from ...judgement.findings import undecided
from ...judgement.ladder import holds
from ...witness import Task, witness

_l, _h = sp.symbols("l h")


def edge(aspect: sp.Expr) -> sp.Expr:
    """Return the upper end of the bulk: the larger double root of the quadratic for h, in singular values."""
    return 1 + sp.sqrt(aspect)


@witness(
    "secular equation of the spike",
    kind=Kind.ALGEBRA,
    statement=SpikedSingularValue,
    starts_from="the self-consistent equation of the transform of pure noise and the secular determinant of a spike",
)
def secular_equation(statement: SpikedSingularValue, task: Task) -> Finding:
    """Solve for the outlier, and compare it, or the edge where there is none, with the stated value."""
    aspect = statement.aspect
    level, _, h = secular(statement.spike, aspect)
    found = _branch(h, aspect, task)
    if found is None:
        return undecided(f"whether the transform is {h} at an outlier was not found on the domain")
    value = sp.sqrt(sp.factor(level.subs(_h, h))) if found else edge(aspect)
    return judge([Residual("the limit", statement.value, value)], task, method="secular equation")


def secular(spike: sp.Expr, aspect: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return l and g in terms of h, and the h at which l h g = 1/spike^2."""
    level = -1 / _h + aspect / (1 + _h)
    other = (_h + (1 - aspect) / level) / aspect
    (h,) = sp.solve(sp.numer(sp.together(level * _h * other - 1 / spike**2)), _h)
    return level, other, h


@witness(
    "residue at the spike",
    kind=Kind.ALGEBRA,
    statement=SpikedOverlap,
    starts_from="the self-consistent equation of the transform of pure noise and the residue of the resolvent",
)
def residue_at_the_spike(statement: SpikedOverlap, task: Task) -> Finding:
    """The squared overlaps are g/(-s^2 (l h g)') and h/(-s^2 (l h g)'), up to sign, with ' = d/dl at the outlier."""
    spike, aspect = statement.spike, statement.aspect
    level, other, h = secular(spike, aspect)
    found = _branch(h, aspect, task)
    if found is None:
        return undecided(f"whether the transform is {h} at an outlier was not found on the domain")
    if not found:
        return judge([Residual("the limit", statement.value, sp.Integer(0))], task, method="no outlier")
    slope = sp.diff(level * _h * other, _h) / sp.diff(level, _h)
    squared = sp.factor(sp.cancel(sp.together((_h * other / (spike**2 * slope) ** 2).subs(_h, h))))
    return judge([Residual("the limit", statement.value, sp.sqrt(squared))], task, method="residue at the spike")


def _branch(h: sp.Expr, aspect: sp.Expr, task: Task) -> bool | None:
    """Return whether there is an outlier on the whole domain (True) or nowhere on it (False); None when unknown.

    The transform increases from its value at the edge, -1/(1 + sqrt A), to 0 as l grows: beyond it there is an outlier.
    """
    beyond, domain = sp.simplify(h + 1 / edge(aspect)), task.claim.domain
    outlier = holds(sp.Gt(beyond, 0, evaluate=False), domain, ladder_seconds(task) / 3)
    if outlier.answer:
        return True
    inside = holds(sp.Le(beyond, 0, evaluate=False), domain, ladder_seconds(task) / 3)
    return False if inside.answer else None


@witness(
    "self-consistent equation of the noise",
    kind=Kind.ALGEBRA,
    statement=NoiseSingularValues,
    starts_from="the self-consistent equation of the transform of pure noise: where it has no real root",
)
def noise_law(statement: NoiseSingularValues, task: Task) -> Finding:
    """Compare ends, atom and density with the imaginary part of the transform on the real line."""
    aspect, s = statement.aspect, statement.variable
    quadratic = sp.Poly(sp.expand(_l * _h * (1 + _h) + (1 + _h) - aspect * _h), _h)
    discriminant = sp.factor(quadratic.discriminant())
    ends = [1 - sp.sqrt(aspect), 1 + sp.sqrt(aspect)]
    assert all(sp.expand(discriminant.subs(_l, e**2)) == 0 for e in ends)
    low, high = sp.Abs(ends[0]), ends[1]
    # the n eigenvalues of E^T E are those of E E^T and n - m zeros, or m - n fewer zeros
    forms = [(low, sp.Max(0, 1 - 1 / aspect))]
    if holds(sp.Le(aspect, 1, evaluate=False), task.claim.domain, ladder_seconds(task) / 3).answer:
        forms.append((ends[0], sp.Integer(0)))
    for low, atom in forms:
        residuals = [
            Residual("the lower end", statement.low, low),
            Residual("the upper end", statement.high, high),
            Residual("the mass at 0", statement.atom, atom),
        ]
        finding = judge(residuals, task, method="self-consistent equation")
        if finding.outcome is not Outcome.UNDECIDED:
            break
    if finding.outcome is not Outcome.PROVED:
        return finding
    # Im h / pi is the density of the eigenvalues of E^T E, A times that of those of E E^T; d(s^2) = 2 s ds
    u = sp.Symbol("u(s)", positive=True)  # which no parameter is called
    place = low + (high - low) * u
    found = 2 * s * sp.sqrt(sp.expand(-discriminant.subs(_l, s**2))) / (2 * s**2 * sp.pi * aspect)
    sides = [_tidy(e.subs(s, place)) for e in (statement.density, found)]
    domain = Domain(**{x.name: r for x, r in task.claim.domain.ranges.items()}, **{u.name: Between(0, 1)})
    inner = replace(task, claim=replace(task.claim, domain=domain))
    return judge([Residual("the density", sides[0], sides[1])], inner, method="self-consistent equation")


def _tidy(e: sp.Expr) -> sp.Expr:
    """Return `e` with radicands multiplied out, so that equal ones look alike."""
    tidy: sp.Expr = e.replace(lambda n: n.is_Pow and not n.exp.is_Integer, lambda n: sp.expand(n.base) ** n.exp)
    return tidy
