"""Mean escape times as the noise vanishes: Laplace's method on the potential, and quadrature of scale and speed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy import integrate

from ....derivations.domain import Domain, Point
from ....derivations.errors import NumericsError
from ....derivations.positivity import sign_on
from ....derivations.ranges import Between
from ....derivations.statements.passage import EscapeTime
from ....numerics.diffusions.first_passage import mean_exit_time
from ...evidence import Finding, Kind, Outcome
from ...judgement.exact import Residual, judge
from ...judgement.findings import proved, refuted, undecided
from ...judgement.ladder import holds
from ...meaning.processes import meaning
from ...meaning.values import with_values
from ...witness import Task, witness
from ..stationary.limits import settled
from ..stationary.numerics import CAUTION, parameter_points

Array = NDArray[np.float64]

#: Seconds for one question to the ladder.
_SECONDS = 6.0
#: Relative rounding of a time by quadrature.
_ROUNDING = 1e-12
#: Heights of the barrier in units of the noise, each twice as large as the one before.
_HEIGHTS = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0)


class _Open(Exception):
    """Why the method does not apply."""


@dataclass(frozen=True)
class _Growth:
    """A mean time ``prefactor * exp(exponent / small)``, with factors that tend to 1 left out."""

    prefactor: sp.Expr
    exponent: sp.Expr


@witness(
    "Laplace's method",
    kind=Kind.ALGEBRA,
    statement=EscapeTime,
    starts_from="drift and variance rate of the equation, and the signs of the drift on the way",
)
def laplace(statement: EscapeTime, task: Task) -> Finding:
    r"""Compare the value with the leading term of :math:`2\int\int e^{(\Phi(y) - \Phi(z))/\epsilon}/(\epsilon v(z))`.

    The equation is :math:`dx = b\,dt + \sqrt{\epsilon v}\,dB` with polynomials b and v > 0, and
    :math:`\Phi' = -2b/v`. Where b is positive up to the start, negative up to the barrier and positive beyond it, the
    integrand over low < z < y < level is largest at z = start, y = barrier only; with slopes of b that do not vanish
    there, the double integral is equivalent to its Gaussian integral at that point, which is an inner one.
    """
    domain = task.claim.domain
    try:
        found = _leading_term(statement, domain)
        stated = _growth(statement.value, statement.small, domain)
    except _Open as error:
        return undecided(f"Laplace's method: {error}.")
    finding = judge(
        [
            Residual("the exponent, times the strength of the noise", stated.exponent, found.exponent),
            Residual("the prefactor", stated.prefactor, found.prefactor),
        ],
        task,
        method="Laplace's method",
    )
    if finding.outcome is not Outcome.PROVED:
        return finding
    finding = meaning([statement.value], domain) or proved(
        f"Laplace's method: the mean time is equivalent to {found.prefactor} times exp(({found.exponent})/"
        f"{statement.small})."
    )
    places = (statement.low, statement.start, statement.barrier, statement.level)
    return with_values(finding, [*statement.sde.drift, *statement.sde.diffusion, *places], statement.sde.state, domain)


def _leading_term(statement: EscapeTime, domain: Domain) -> _Growth:
    """Return the leading term of the mean time; _Open where a condition of the method is not seen to hold."""
    x, drift, rate = statement.sde.scalar()
    v = sp.cancel(rate / statement.small)
    if drift.has(statement.small) or v.has(statement.small):
        raise _Open("the drift depends on the strength of the noise, or the variance rate is not proportional to it")
    if not (drift.is_polynomial(x) and v.is_polynomial(x)):
        raise _Open("drift and variance rate are no polynomials")
    low, start, barrier, level = statement.low, statement.start, statement.barrier, statement.level
    for one, two in ((low, start), (start, barrier), (barrier, level)):
        _require(two - one, domain, f"{one} < {two}")
    for place in (start, barrier):
        if sp.cancel(drift.subs(x, place)) != 0:
            raise _Open(f"the drift is not seen to vanish at {place}")
    for one, two, sign in ((low, start, 1), (start, barrier, -1), (barrier, level, 1)):
        way, y = _between(domain, x, one, two)
        _require((sign * drift).subs(x, y), way, f"a drift of sign {sign} between {one} and {two}")
        _require(v.subs(x, y), way, f"noise between {one} and {two}")
    for place in (low, start, barrier, level):
        _require(v.subs(x, place), domain, f"noise at {place}")
    slope = sp.cancel(-2 * drift / v)
    curvatures = [sp.cancel(sp.diff(slope, x).subs(x, place)) for place in (start, barrier)]
    _require(curvatures[0], domain, f"a minimum at {start} that is not flat")
    _require(-curvatures[1], domain, f"a maximum at {barrier} that is not flat")
    prefactor = 4 * sp.pi / (v.subs(x, start) * sp.sqrt(-curvatures[0] * curvatures[1]))
    return _Growth(prefactor, _rise(slope, v, x, (start, barrier)))


def _between(domain: Domain, x: sp.Symbol, one: sp.Expr, two: sp.Expr) -> tuple[Domain, sp.Symbol]:
    fixed = {s.name: given for s, given in domain.ranges.items() if s.name != x.name}
    way = Domain(**fixed, **{x.name: Between(one, two)})
    return way, way.symbol(x.name)


def _require(expr: sp.Expr, domain: Domain, what: str) -> None:
    if sign_on(domain, expr) == "positive":
        return
    if holds(sp.Gt(expr, 0, evaluate=False), domain, _SECONDS).answer is not True:
        raise _Open(f"{what} is not seen on the whole domain")


def _rise(slope: sp.Expr, v: sp.Expr, x: sp.Symbol, ends: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    """Return the integral between the ends of a polynomial, or of c v'/v with v > 0 on the way."""
    if slope.is_polynomial(x):
        potential = sp.Poly(slope, x).integrate(x).as_expr()
        return sp.cancel(potential.subs(x, ends[1]) - potential.subs(x, ends[0]))
    factor = sp.cancel(slope * v / sp.diff(v, x))
    if factor.has(x):
        raise _Open("the potential is neither a polynomial nor a multiple of the logarithm of the variance rate")
    return factor * sp.log(sp.cancel(v.subs(x, ends[1]) / v.subs(x, ends[0])))


def _growth(value: sp.Expr, small: sp.Symbol, domain: Domain) -> _Growth:
    """Split a product of powers and exponentials into prefactor and exponent; every base must be positive."""
    prefactor, exponent = sp.Integer(1), sp.Integer(0)
    for factor in sp.Mul.make_args(sp.powsimp(sp.sympify(value))):
        base, power = (sp.E, factor.exp) if isinstance(factor, sp.exp) else factor.as_base_exp()
        if base.has(small):
            raise _Open(f"the factor {factor} of the value is no power of something that is free of {small}")
        if not power.has(small):
            prefactor *= factor
            continue
        steep = sp.cancel(sp.together(small * power).subs(small, 0))
        flat = sp.cancel(sp.together(power - steep / small))
        if flat.has(small) or steep.has(sp.zoo, sp.nan, sp.oo):
            raise _Open(f"the power {power} of the value is no constant plus a constant over {small}")
        if base != sp.E:
            _require(base, domain, f"a positive base {base}")
        prefactor *= base**flat
        exponent += steep * sp.log(base)
    return _Growth(prefactor, exponent)


@witness(
    "mean times at vanishing noise",
    kind=Kind.DETERMINISTIC,
    statement=EscapeTime,
    starts_from="scale function and speed measure of the equation at six strengths of the noise, by quadrature",
)
def times_at_vanishing_noise(statement: EscapeTime, task: Task) -> Finding:
    """Follow the ratio of mean time and value; refute where it has settled elsewhere than at 1, never confirm."""
    closest = 0.0
    for point in parameter_points(task, [statement.small, *statement.sde.state], task.effort.points):
        times = mean_times(statement, point)
        ratios, errors = zip(*(_ratio(statement, point, *known) for known in times), strict=True)
        small, time, _ = times[-1]
        if all(0 < ratio < math.inf for ratio in ratios):
            growth = settled([known[0] * math.log(ratio) for known, ratio in zip(times, ratios, strict=True)])
            if abs(growth.value) > CAUTION * growth.left + _ROUNDING:
                return refuted(
                    f"mean passage times: their growth has settled within {growth.left:.1e} of its limit.",
                    {**point, statement.small: f"{small:.8g}"},
                    f"{statement.small} log(mean time) = {small * math.log(time) - growth.value:.8g}",
                    f"{statement.small} log(mean time) = {small * math.log(time):.8g}",
                    f"{growth.value:.4g}",
                    quantity="growth of the mean time at vanishing noise",
                )
        found = settled(ratios, errors)
        gap = abs(found.value - 1)
        if gap > CAUTION * found.left and gap > 1e-9:
            return refuted(
                f"mean passage times: the ratio to the value has settled within {found.left:.1e} of its limit.",
                {**point, statement.small: f"{small:.8g}"},
                f"mean time = {time / ratios[-1]:.8g}, up to factors that tend to 1",
                f"mean time = {time:.8g}",
                f"the ratio tends to {found.value:.6g}",
                effect=min(gap, 1.0),
                quantity="mean time at vanishing noise",
            )
        closest = max(closest, gap)
    return undecided(
        f"at every point the ratio of mean time and value comes within {closest:.2g} of 1 at barriers of "
        f"{_HEIGHTS[-1]:.0f} times the noise; values near a limit do not confirm it."
    )


def _at(coefficient: Callable[[Array, float], Any], small: float) -> Callable[[Array], Array]:
    """Return a coefficient at one strength of the noise."""

    def values(y: Array) -> Array:
        return np.asarray(coefficient(y, small) + 0 * y, dtype=np.float64)

    return values


def _ratio(statement: EscapeTime, point: Point, small: float, time: float, error: float) -> tuple[float, float]:
    """Return mean time over value, with its error."""
    ratio = time / float(sp.N(statement.value.subs(point).subs(statement.small, small)))
    return ratio, abs(ratio) * (error + _ROUNDING)


def mean_times(statement: EscapeTime, point: Point) -> list[tuple[float, float, float]]:
    """Return strength of the noise, mean time and its relative error, at growing heights of the barrier over it."""
    x, drift, rate = statement.sde.scalar()
    low, start, barrier, level = (
        float(sp.N(sp.sympify(e).subs(point)))
        for e in (statement.low, statement.start, statement.barrier, statement.level)
    )
    coefficients = [sp.lambdify((x, statement.small), sp.sympify(e).subs(point), "numpy") for e in (drift, rate)]
    unit, _ = integrate.quad(lambda y: -2 * coefficients[0](y, 1.0) / coefficients[1](y, 1.0), start, barrier)
    if not (math.isfinite(unit) and unit > 0):
        raise NumericsError(f"the barrier has the height {unit} in units of the noise; it must be positive")
    found = []
    for height in _HEIGHTS:
        small = unit / height
        b, v = (_at(f, small) for f in coefficients)
        time = mean_exit_time(b, v, low=low, start=start, high=level, reflecting=True)
        found.append((small, time.value, time.error))
    return found
