"""Arguments about stationary laws: slopes of log p, the flux, what happens at the ends."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from ....checks.meaning.local_laws import LocalLaw, local_laws
from ....checks.witnesses.stationary.algebra import required_slopes, residuals_of
from ....checks.witnesses.stationary.rotation_algebra import covariance_and_rotation
from ....derivations.domain import Domain
from ....derivations.statements.classes.linear_covariances import StationaryCovariance
from ....derivations.statements.detailed_balance import DetailedBalance, StationaryRotation
from ....derivations.statements.long_time_laws import LimitInLaw, StationaryMean
from ....derivations.statements.passage import EscapeTime, MeanTimeOrder
from ....derivations.statements.stationary import NormalisableWhen, StationaryLaw, pieces
from ..model import Step
from ..wording import spelled
from .lines import compared, line, shorter

#: Pieces of a support that are written out.
_PIECES = 2


def _parameters(domain: Domain, x: sp.Symbol) -> Domain:
    return Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})


def _ends(law: LocalLaw) -> Iterator[Step]:
    for end in law.ends:
        condition = law.integrable(end)
        words = {sp.true: "integrable", sp.false: "not integrable"}.get(condition)
        fates = sorted(map(str, law.fates(end)))
        fate = fates[0] if len(fates) == 1 else "what happens there depends on the parameters"
        yield Step(
            f"at the end {end.place} the density is {words or f'integrable where {condition}'}, by its exponent there; "
            f"by Feller's test {fate}",
            "",
        )


def stationary(statement: StationaryLaw | LimitInLaw, domain: Domain) -> Iterator[Step]:
    """Yield the slope of log p, stated and without flux, the flux itself, and the ends."""
    if isinstance(statement, LimitInLaw):
        if statement.density is None:
            return
        statement = statement.stationary()
    x = statement.sde.state[0]
    laws = local_laws(statement.sde, statement.support, _parameters(domain, x), statement.density)
    for law in laws[:_PIECES]:
        where = f" on {law.piece}" if len(laws) > 1 else ""
        yield line(f"drift{where}", law.drift)
        yield line(f"variance rate{where}", law.rate)
        yield Step("without flux, for drift b and variance rate v,", r"(\log p)' = \frac{2 b - v'}{v}")
        balanced = sp.cancel(sp.together((2 * law.drift - sp.diff(law.rate, x)) / law.rate))
        yield from compared("slope of log p", law.slope, balanced, "without flux")
        yield from _ends(law)


def normalisable(statement: NormalisableWhen, domain: Domain) -> Iterator[Step]:
    """Yield the slope of the density without flux and what integrability asks for at each end."""
    x = statement.sde.state[0]
    for interval in pieces(statement.support)[:_PIECES]:
        for law in local_laws(statement.sde, interval, _parameters(domain, x))[:_PIECES]:
            yield line("slope of log p without flux", shorter(sp.cancel(sp.together(law.balanced_slope))))
            yield from _ends(law)
    yield line("the stated condition", statement.condition)


def balance(statement: DetailedBalance, domain: Domain) -> Iterator[Step]:
    """Yield the slopes of log p that a vanishing flux asks for, and those of the stated density or their partials."""
    required = required_slopes(statement)
    for x, slope in zip(statement.state, required, strict=True):
        yield line(f"slope of log p in {x} that no flux asks for", shorter(sp.cancel(sp.together(slope))))
    for r in residuals_of(statement, required):
        yield from compared(
            r.what, r.stated, r.found, "in the other order" if statement.density is None else "asked for"
        )


def covariance(statement: StationaryCovariance, domain: Domain) -> Iterator[Step]:
    """Yield the matrices of the linear process, the equation of its stationary covariance, and the entry asked for."""
    slopes, noise = statement.linear()
    rate, size = noise * noise.T, slopes.rows
    yield line("A", slopes)
    yield line("Q = S Sᵀ", rate)
    c = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"c_{min(i, j) + 1}{max(i, j) + 1}"))
    gap = slopes * c * slopes.T + rate - c if statement.discrete else slopes * c + c * slopes.T + rate
    yield Step("the stationary covariance C solves", "C = A C A^\\top + Q" if statement.discrete else
               "A C + C A^\\top + Q = 0")  # fmt: skip
    (solved,) = sp.linsolve(list(gap), *sorted(c.free_symbols, key=str))
    entries = dict(zip(sorted(c.free_symbols, key=str), map(sp.cancel, map(sp.together, solved)), strict=True))
    for name, value in entries.items():
        yield line("which has the entry", f"{sp.latex(name)} = {spelled(sp.latex(shorter(value)))}")
    one, two = (statement.process.state.index(x) for x in (statement.first, statement.second))
    if not statement.discrete or statement.lag == 0:
        stated = statement.value if statement.lag == 0 else statement.value.subs(statement.lag, 0)
        yield from compared("the covariance without a lag", stated, c[one, two].subs(entries))


def rotation(statement: StationaryRotation, domain: Domain) -> Iterator[Step]:
    """Yield the stationary covariance of a linear process, and the mean of x b_y - y b_x that it gives."""
    one, two = statement.sde.state
    *moments, found = covariance_and_rotation(statement)
    yield Step("the stationary covariance C solves", r"A C + C A^\top + S S^\top = 0")
    for what, value in zip((one**2, one * two, two**2), moments, strict=True):
        yield line(f"which gives the mean of {what}", shorter(sp.cancel(sp.together(value))))
    b = statement.sde.ito_drift
    yield line("the current turns at the rate of the mean of", one * b[1] - two * b[0])
    yield from compared("the rate", statement.value, sp.cancel(found), "by the covariance")


def passages(statement: MeanTimeOrder, domain: Domain) -> Iterator[Step]:
    """Yield the starts and levels of two passages of one process, or the drifts of two flows on one way."""
    quick, slow = statement.quicker, statement.slower
    if quick.level != slow.level:
        return
    if quick.noiseless and slow.noiseless:
        if quick.start != slow.start:
            return
        drifts = [p.sde.scalar()[1] for p in (quick, slow)]
        yield Step(f"both flows go from {slow.start} to {slow.level}", "")
        yield line("drift of the one that is said to be quicker", drifts[0])
        yield line("drift of the other one", drifts[1])
        yield line("their difference, to be positive all the way", shorter(sp.expand(drifts[0] - drifts[1])))
        return
    if (quick.sde.drift, quick.sde.diffusion) != (slow.sde.drift, slow.sde.diffusion):
        return
    yield line("start of the passage that is said to be slower", slow.start)
    yield line("start of the other one, through which the way to the same level leads", quick.start)
    yield line("their difference, to be positive", shorter(quick.start - slow.start))
    for law in local_laws(quick.sde, sp.Interval.open(0, sp.oo), domain)[:_PIECES]:
        yield from list(_ends(law))[:1]


def escape(statement: EscapeTime, domain: Domain) -> Iterator[Step]:
    """Yield the potential, its curvatures, and the leading term of the mean time by Laplace's method."""
    x, drift, rate = statement.sde.scalar()
    v = sp.cancel(rate / statement.small)
    slope = sp.cancel(-2 * drift / v)
    yield line("slope of the potential, for noise of the variance rate ε v", slope)
    bends = [sp.cancel(sp.diff(slope, x).subs(x, at)) for at in (statement.start, statement.barrier)]
    yield line(f"its curvature at {statement.start}", bends[0])
    yield line(f"its curvature at {statement.barrier}", bends[1])
    if not slope.is_polynomial(x):
        return
    potential = sp.Poly(slope, x).integrate(x).as_expr()
    rise = sp.cancel(potential.subs(x, statement.barrier) - potential.subs(x, statement.start))
    yield line("its rise from the start to the barrier", rise)
    yield Step(
        "by Laplace's method at the start and at the barrier the mean time is equivalent to",
        r"\frac{4\pi}{v \sqrt{-\Phi''(\text{start})\, \Phi''(\text{barrier})}} e^{\Delta\Phi/\varepsilon}",
    )
    prefactor = 4 * sp.pi / (v.subs(x, statement.start) * sp.sqrt(-bends[0] * bends[1]))
    yield from compared("the mean time", statement.value, prefactor * sp.exp(rise / statement.small))


def mean(statement: StationaryMean, domain: Domain) -> Iterator[Step]:
    """Yield a test function whose generator is a constant and a multiple of the observable."""
    x, drift, rate = statement.sde.scalar()
    for exponent in map(sp.Rational, (-2, 0, 2, -1, 1, -4, 4, -3, 3), [2] * 9):
        slope = x**exponent
        image = sp.expand(drift * slope + rate * sp.diff(slope, x) / 2)
        beta = sp.cancel(sp.together(sp.diff(image, x) / sp.diff(statement.observable, x)))
        alpha = sp.cancel(sp.together(sp.expand(image - beta * statement.observable)))
        if beta != 0 and not beta.has(x) and not alpha.has(x):
            yield line("generator of a function with this derivative", slope)
            yield line("which is", image)
            yield line("its mean is 0 under the stationary law, so that the mean of the observable is", -alpha / beta)
            yield from compared("the mean", statement.value, -alpha / beta)
            return
