"""Means under the stationary law of a scalar process: a test function whose generator gives them, and a solved law."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import sympy as sp

from ....derivations.domain import Domain
from ....derivations.errors import NumericsError
from ....derivations.processes.boundary_classification import Fate
from ....derivations.processes.fokker_planck import integrable_at
from ....derivations.processes.sde import SDE
from ....derivations.statements.long_time_laws import StationaryMean
from ....numerics.codegen import compile_expressions
from ....numerics.diffusions.scalar_diffusion import ScalarDiffusion
from ....numerics.diffusions.stationary import stationary_law
from ....numerics.exact.balls import midpoint
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import Ledger
from ...judgement.exact import Residual, judge
from ...judgement.findings import as_text, proved, undecided
from ...judgement.ladder import holds
from ...meaning.local_laws import LocalLaw, local_laws
from ...meaning.state_pieces import Unresolved
from ...meaning.values import with_values
from ...witness import Task, witness
from .numerics import parameter_points

#: Exponents of the derivatives of the test functions that are tried: logarithm, square root, linear and so on.
_EXPONENTS = tuple(sp.Rational(k, 2) for k in (-2, 0, 2, -1, 1, -4, 4, -3, 3))
#: Seconds for one question to the ladder.
_SECONDS = 4.0


@witness(
    "balance of a test function",
    kind=Kind.ALGEBRA,
    statement=StationaryMean,
    starts_from="the equation: the generator has mean 0 under the stationary law, where no flux is left at the ends",
)
def balance(statement: StationaryMean, task: Task) -> Finding:
    r"""Find psi with L psi = alpha + beta phi, so that the mean of phi is -alpha/beta.

    With zero current :math:`p\,L\psi = \frac12(S^2\psi'p)'`. The flux tends to 0 at an end where it, divided by a
    distance whose inverse is not integrable there, is integrable; it has a limit because its derivative is integrable.
    """
    domain, x = task.claim.domain, statement.sde.state[0]
    problem = _no_law(statement, domain)
    if problem:
        return undecided(problem)
    (law,) = local_laws(statement.sde, statement.support, _parameters(statement, domain))
    if (statement.support.start, statement.support.end) != (0, sp.oo):
        return undecided("only processes on (0, oo) are examined.")
    for exponent, alpha, beta in _test_functions(statement, law):
        flux = law.balanced_slope + sp.diff(law.rate, x) / law.rate + (exponent - 1) / x
        if _integrable(_weighted(statement, law), law, domain) and _integrable(flux, law, domain):
            finding = judge(
                [Residual("the stationary mean", statement.value, -alpha / beta)],
                task,
                method="balance of a test function",
            )
            if finding.outcome is Outcome.PROVED:
                found = proved(f"The test function with derivative {x**exponent} gives the mean {-alpha / beta}.")
                return with_values(found, [statement.observable], (x,), domain)
            return finding
    return undecided("no power was found whose generator is the observable up to constants, without flux at the ends.")


def _no_law(statement: StationaryMean, domain: Domain) -> str:
    """Return why there is not seen to be one stationary law on the open support; empty where there is."""
    try:
        laws = local_laws(statement.sde, statement.support, _parameters(statement, domain))
    except Unresolved as error:
        return f"the noise is not seen to be positive on the support: {error}"
    if len(laws) > 1:
        return f"at {laws[1].piece.low} the coefficients vanish or change their formula."
    for end in laws[0].ends:
        kept = laws[0].fates(end) <= {Fate.INACCESSIBLE, Fate.KEPT}
        if not kept or not _holds(laws[0].integrable(end), domain):
            return f"the stationary law is not seen to exist at {end.place} on the whole domain."
    return ""


def _weighted(statement: StationaryMean, law: LocalLaw) -> sp.Expr:
    """Return the logarithmic derivative of the observable times the density."""
    phi: sp.Expr = statement.observable
    return law.balanced_slope + sp.diff(phi, law.piece.x) / phi


def _integrable(slope: sp.Expr, law: LocalLaw, domain: Domain) -> bool:
    """Return whether a function of this logarithmic derivative is seen to be integrable at both ends of the support."""
    plain = sp.cancel(sp.together(slope))
    return all(_holds(integrable_at(plain, law.piece.x, end, domain), domain) for end in law.ends)


def _parameters(statement: StationaryMean, domain: Domain) -> Domain:
    return Domain(**{s.name: r for s, r in domain.ranges.items() if s != statement.sde.state[0]})


def _test_functions(statement: StationaryMean, law: LocalLaw) -> Iterator[tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """Yield (k, alpha, beta) with b x^k + v (x^k)'/2 = alpha + beta phi, beta not 0."""
    x, phi = statement.sde.state[0], statement.observable
    for exponent in _EXPONENTS:
        slope = x**exponent
        image = sp.expand(law.drift * slope + law.rate * sp.diff(slope, x) / 2)
        beta = sp.cancel(sp.together(sp.diff(image, x) / sp.diff(phi, x)))
        alpha = sp.cancel(sp.together(sp.expand(image - beta * phi)))
        if beta != 0 and not beta.has(x) and not alpha.has(x):
            yield exponent, alpha, beta


def _holds(condition: object, domain: Domain) -> bool:
    return condition == sp.true or (
        isinstance(condition, sp.core.relational.Relational) and bool(holds(condition, domain, _SECONDS).answer)
    )


@witness(
    "mean of the solved law",
    kind=Kind.DETERMINISTIC,
    statement=StationaryMean,
    starts_from="the SDE: its stationary law by finite volumes on two grids, and an integral over it",
)
def solved_mean(statement: StationaryMean, task: Task) -> Finding:
    """Compare the asserted mean with that of the solved law at points of the domain."""
    x, sde = statement.sde.state[0], statement.sde
    ledger = Ledger(task, "mean of the solved law", [statement.value])
    for point in parameter_points(task, [x], task.effort.points):
        support = statement.support.subs(point)
        here = SDE(sde.state, sde.drift.subs(point), sde.diffusion.subs(point), sde.calculus)
        problem = _no_law(replace(statement, sde=here, support=support), Domain())
        if problem:
            return undecided(f"mean of the solved law: at {as_text(point)} {problem}")
        phi = compile_expressions((x,), [statement.observable.subs(point)], "numpy")
        try:
            process = ScalarDiffusion(statement.sde, point, support=(float(support.start), float(support.end)))
            value, error = stationary_law(process, cells=2000).mean(lambda at, phi=phi: np.asarray(phi(at)[0]))  # type: ignore[misc]
        except NumericsError as why:
            return undecided(f"mean of the solved law: {why}")
        stated = midpoint(statement.value, point)
        found = ledger.compare("the stationary mean", point, stated, value, error, max(abs(value), abs(stated)))
        if found is not None:
            return found
    finding, domain = ledger.finding(), task.claim.domain
    if finding.outcome is not Outcome.CONFIRMED:
        return finding
    problem = _no_law(statement, domain)
    if not problem:
        (law,) = local_laws(statement.sde, statement.support, _parameters(statement, domain))
        if not _integrable(_weighted(statement, law), law, domain):
            problem = "the observable is not seen to be integrable on the whole domain."
    return undecided(f"{finding.detail} But {problem}") if problem else finding
