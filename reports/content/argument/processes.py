"""Arguments about processes: Ito's formula written out, generators, moments of updates, exit times, thresholds."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import sympy as sp

from ....checks.judgement.straddle import excess
from ....checks.meaning.processes import image_process, path_image
from ....checks.witnesses.attractivity.algebra import derivatives
from ....checks.witnesses.attractivity.near_points import margin_near
from ....checks.witnesses.processes import algebra, euler_steps, weak_orders
from ....checks.witnesses.processes.exit_probabilities import limit_at_other_end
from ....checks.witnesses.processes.fokker_planck_form import adjoint
from ....derivations.domain import Domain
from ....derivations.expressions import canonical
from ....derivations.matrices.matrix_flow import log_determinant_rates
from ....derivations.processes.ito import canonical_sde, generator, noise
from ....derivations.processes.lyapunov import attraction_margin, boundary_exponent, exponents, linearise
from ....derivations.processes.power_problems import power_problem
from ....derivations.processes.sde import SDE
from ....derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ....derivations.statements.classes.exit_times import ExitProbability, MeanExitTime
from ....derivations.statements.classes.near_points import AttractiveNear
from ....derivations.statements.classes.weak_orders import WeakApproximation
from ....derivations.statements.determinant import DeterminantDrift, DeterminantNoiseFree, DeterminantPath
from ....derivations.statements.euler_steps import EulerStep
from ....derivations.statements.fokker_planck_form import FokkerPlanckForm
from ....derivations.statements.processes import ExpectationAtAllTimes, InitialRate, PathSolution, SDETransform
from ..model import Step
from ..wording import spelled
from .lines import compared, line, shorter, threshold


def transform(statement: SDETransform, domain: Domain) -> Iterator[Step]:
    """Yield the derivatives of f, and drift and variance rate of f(X) by Ito's formula beside the stated ones."""
    z = image_process(statement.source, statement.function, statement.target, domain)
    for x in z.source.state:
        yield line(f"first derivative in {x}", sp.diff(z.function, x))
    if len(z.source.state) == 1:
        yield line("second derivative", sp.diff(z.function, z.source.state[0], 2))
    for r in algebra.residuals_of(z):
        yield from compared(f"{r.what} at {z.image} = f", r.stated, r.found, "by Ito's formula")


def path(statement: PathSolution, domain: Domain) -> Iterator[Step]:
    """Yield Ito's formula in time, Brownian motion and integrals of the path, and the start."""
    moved, extended, z = path_image(statement, domain)
    yield line("the functional, in the time, the Brownian motion and integrals of the path", z.function)
    for name, integrand in zip(extended.integrals, extended.integrands, strict=True):
        yield line(f"{name} is the integral over the path up to the time of", integrand)
    zero = {moved.time: 0, extended.brownian: 0, **dict.fromkeys(extended.integrals, 0)}
    yield from compared("the start", statement.start, z.function.subs(zero), "of the functional at time 0")
    drift, rate = generator(extended.sde, z.function), noise(extended.sde, z.function)[0, 0]
    yield from compared("the drift", z.at_image(z.drift), drift, "by Ito's formula")
    yield from compared("the noise", z.at_image(canonical(moved.sde.diffusion[0, 0])), rate, "by Ito's formula")


def expectation(statement: ExpectationAtAllTimes, domain: Domain) -> Iterator[Step]:
    """Yield the generator of the observable, and the value in the backward equation or its slope at the start."""
    problem = power_problem(statement, domain)
    if problem is not None:
        image = sp.expand(generator(problem.sde, problem.observable))
        yield line(f"generator of {problem.observable}, whose moments are finite", shorter(image))
    sde, phi, value = canonical_sde(statement.sde), canonical(statement.observable), canonical(statement.value)
    x, t, start = sde.state[0], statement.time, statement.start
    if start.is_Symbol and not (sde.free_symbols | phi.free_symbols) & {start}:
        u = value.subs(start, x)
        yield from compared("value at time 0", u.subs(t, 0), phi, "as the observable")
        yield from compared("its derivative in time", sp.diff(u, t), generator(sde, u), "as its generator")
        return
    yield from compared("value at time 0", value.subs(t, 0), phi.subs(x, start), "as the observable at the start")
    first = sp.expand(generator(sde, phi)).subs(x, start)
    yield from compared("slope at time 0", sp.diff(value, t).subs(t, 0), first, "by the generator")


def initial_rate(statement: InitialRate, domain: Domain) -> Iterator[Step]:
    """Yield the generator of the observable at the start."""
    x, sde = statement.sde.state[0], canonical_sde(statement.sde)
    image = sp.expand(generator(sde, canonical(statement.observable)))
    yield line("generator of the observable", shorter(image))
    yield from compared("its value at the start", statement.value, image.subs(x, statement.start))


def fokker_planck(statement: FokkerPlanckForm, domain: Domain) -> Iterator[Step]:
    """Yield the adjoint of the generator on p beside the stated right side, multiplied out."""
    found, stated = adjoint(statement).doit(), sp.sympify(statement.right_side).doit()
    yield from compared("the right side, derivatives carried out,", stated, found, "by the adjoint of the generator")


def euler_step(statement: EulerStep, domain: Domain) -> Iterator[Step]:
    """Yield mean and covariance of the update over its draws beside those of a step of the equation."""
    for r in euler_steps.residuals_of(statement):
        yield from compared(f"{r.what} in a step of the equation,", r.stated, r.found, "over the draws of the update")


def exit_time(statement: MeanExitTime, domain: Domain) -> Iterator[Step]:
    """Yield the generator of the mean time, which is -1 inside, and its values where the path ends."""
    x, value = statement.sde.state[0], canonical(statement.value)
    found = yield from _generated("mean time", statement.sde, value)
    yield from compared("generator of the mean time, which Dynkin's formula asks for,", sp.Integer(-1), found, "here")
    if not value.has(sp.Integral):
        low = sp.diff(value, x) if statement.reflecting else value
        words = "its slope at the reflecting end" if statement.reflecting else "mean time from the lower end"
        yield from compared(words, sp.Integer(0), low.subs(x, statement.low), "here")
        yield from compared("mean time from the upper end", sp.Integer(0), value.subs(x, statement.high), "here")


def exit_probability(statement: ExitProbability, domain: Domain) -> Iterator[Step]:
    """Yield the generator of the probability, which vanishes inside, and its values where the path ends."""
    x, value = statement.sde.state[0], canonical(statement.value)
    found = yield from _generated("probability", statement.sde, value)
    yield from compared("generator of the probability, which is a martingale,", sp.Integer(0), found, "here")
    yield from compared("probability from the end that is reached", sp.Integer(1), value.subs(x, statement.end), "here")
    far = limit_at_other_end(statement, value, domain)
    if far is not None:
        yield from compared("its limit at the other end", sp.Integer(0), far, "by leading terms")


def _generated(what: str, sde: SDE, value: sp.Expr) -> Generator[Step, None, sp.Expr]:
    """Yield the derivatives of a value in the start, and return its image under the generator."""
    x, drift, rate = sde.scalar()
    slope = sp.diff(value, x)  # of an integral to the start, its integrand
    yield line(f"slope of the {what}", shorter(slope))
    yield line("its second derivative", shorter(sp.diff(slope, x)))
    return rate / 2 * sp.diff(slope, x) + drift * slope


def determinant(statement: DeterminantDrift | DeterminantPath, domain: Domain) -> Iterator[Step]:
    """Yield drift and noise of the logarithm of the determinant, for every shape."""
    drift, rest = log_determinant_rates(statement.flow)
    yield Step("Jacobi's formula, for every shape,", r"\log\det(I + G) = \mathrm{tr}\,G - \tfrac12 \mathrm{tr}\,G^2")
    yield line("drift of the logarithm of the determinant, whose noise is an empty trace" if not rest else
               "drift of the logarithm of the determinant", drift)  # fmt: skip
    if isinstance(statement, DeterminantPath):
        yield from compared("the factor", statement.factor, sp.exp(drift * statement.time))
    else:
        yield from compared("the relative rate", statement.rate, drift)


def noise_free(statement: DeterminantNoiseFree, domain: Domain) -> Iterator[Step]:
    """Yield the trace of the noise of the logarithm of the determinant, for every shape."""
    _, rest = log_determinant_rates(statement.flow)
    yield Step("Jacobi's formula, for every shape,", r"\log\det(I + G) = \mathrm{tr}\,G - \tfrac12 \mathrm{tr}\,G^2")
    if rest:
        yield Step(f"words are left in the trace of the noise: {len(rest)}", "")
    else:
        yield Step("the trace of the noise matrix holds no word, so that the logarithm has no noise", "")


def weak(statement: WeakApproximation, domain: Domain) -> Iterator[Step]:
    """Yield drift and covariance of the equation at a vanishing step beside the first order of the update's moments."""
    for r in weak_orders.residuals_of(statement):
        yield from compared(r.what, r.stated, r.found, "by the update, at first order")


def linearised(statement: Linearised, domain: Domain) -> Iterator[Step]:
    """Yield values, slopes and second derivatives at the point beside those of the linear equation."""
    at = dict(zip(statement.sde.state, map(sp.sympify, statement.point), strict=True))
    for r in derivatives(statement, at):
        if canonical(r.stated) != 0 or canonical(r.found) != 0:
            yield from compared(r.what, r.stated, r.found, "of the equation")


def attractive(statement: Attractive, domain: Domain) -> Iterator[Step]:
    """Yield the equation near the point, its Lyapunov exponents, and their sign against the condition."""
    linear = linearise(statement.sde, statement.point)
    yield line("drift near the point, to first order: the matrix", linear.drift)
    for k, one in enumerate(linear.noises, 1):
        yield line(f"noise {k} near the point, to first order: the matrix", one)
    found = ", ".join(spelled(sp.latex(e)) for e in exponents(linear))
    yield line("Lyapunov exponents, a - b²/2 in each direction", found)
    margin = attraction_margin(statement.sde, statement.point)
    yield from threshold(statement.condition, margin, "least rate of return", excess(statement.condition), domain)


def attractive_near(statement: AttractiveNear, domain: Domain) -> Iterator[Step]:
    """Yield the drift of -log|X| at 0, from the known derivatives, against the condition."""
    for jet in statement.process.jets:
        known = ", ".join(spelled(sp.latex(d)) for d in jet.derivatives)
        yield line(f"{jet.function} and its derivatives at 0", known)
    margin = margin_near(statement.process, domain)
    yield from threshold(statement.condition, margin, "drift of -log|X| at 0", excess(statement.condition), domain)


def collapse(statement: CollapsesWhen, domain: Domain) -> Iterator[Step]:
    """Yield the exponent of the scale density at 0, and 1 less it against the condition."""
    near = boundary_exponent(statement.sde, 0)
    x, drift, rate = statement.sde.scalar()
    yield line("2 b x/S², whose limit at 0 is the exponent of the scale density there",
               shorter(sp.cancel(sp.together(2 * drift * x / rate))))  # fmt: skip
    yield line("the exponent at 0; the scale integral converges there where it is below 1", near)
    yield from threshold(statement.condition, 1 - near, "1 less the exponent", excess(statement.condition), domain)


def small_start(statement: SmallStartLimit, domain: Domain) -> Iterator[Step]:
    """Yield drift and noise of the logarithm by Ito's formula, and their limits at 0."""
    x = statement.sde.state[0]
    drift = sp.cancel(sp.together(generator(statement.sde, sp.log(x))))
    volatility = sp.cancel(sp.together(statement.sde.diffusion[0, 0] / x))
    yield line("drift of the logarithm by Ito's formula", drift)
    yield line("noise of the logarithm", volatility)
    yield from compared("drift of the logarithm at 0", statement.rate, drift.subs(x, 0))
    yield from compared("noise of the logarithm at 0", statement.volatility, volatility.subs(x, 0))
