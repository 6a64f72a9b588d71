"""Exact algebra on processes: Ito's formula for transforms, and on the extended state of a Brownian functional."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

from ....derivations.expressions import canonical
from ....derivations.processes.ito import generator, noise
from ....derivations.statements.processes import PathSolution, SDETransform
from ...evidence import Finding, Kind, Outcome
from ...judgement.comparison import compare
from ...judgement.exact import Residual, judge, value_text
from ...judgement.findings import refuted, undecided
from ...meaning.local_times import local_time, range_fault, smooth_at
from ...meaning.processes import ImageProcess, image_process, path_image, unsettled
from ...witness import Task, witness


@witness(
    "Ito's formula",
    kind=Kind.ALGEBRA,
    statement=SDETransform,
    starts_from="the source equation and the function, through Ito's formula",
)
def ito_formula(statement: SDETransform, task: Task) -> Finding:
    """Compare generator and squared noise of f(X) with the asserted drift and variance rate at Z = f(X).

    A kink of f that the noise crosses, and an end of the image's range that the asserted equation crosses, refute.
    """
    z = image_process(statement.source, statement.function, statement.target, task.claim.domain)
    source, asserted = ((*sde.drift, *sde.diffusion) for sde in (statement.source, statement.target))
    parts = [statement.function, *source, *(e.subs(statement.image, statement.function) for e in asserted)]
    return _examined(z, residuals_of(z), parts, task, "Ito's formula")


def residuals_of(z: ImageProcess) -> list[Residual]:
    """Return drift and variance rate of f(X), asserted and by Ito's formula, where f has two derivatives."""
    row = noise(z.source, z.function)
    return [
        Residual("the drift", _in_powers(z.at_image(z.drift)), generator(z.source, z.function)),
        Residual("the variance rate", _in_powers(z.at_image(z.variance)), sp.expand((row * row.T)[0, 0])),
    ]


def _in_powers(e: sp.Expr) -> sp.Expr:
    """Write hyperbolic functions of logarithms by exponentials, which undo the logarithms."""
    return e.replace(
        lambda n: isinstance(n, HyperbolicFunction) and n.has(sp.log), lambda n: n.rewrite(sp.exp, deep=False)
    )


def _examined(z: ImageProcess, residuals: list[Residual], parts: list[sp.Expr], task: Task, method: str) -> Finding:
    """Judge an image process: by local times, by residuals on the smooth parts, by its range, then its meaning."""
    found = local_time(z)
    if found is not None:
        return found
    if z.smooth.kinks:
        return _beside_the_kinks(z, task, method)
    finding = judge(residuals, task, method=method)
    if finding.outcome is Outcome.REFUTED:
        return finding
    ranged = range_fault(z)
    if ranged is not None and ranged.outcome is Outcome.REFUTED:
        return ranged
    doubts = [doubt for doubt in (unsettled(z, parts), ranged) if doubt is not None]
    doubts.sort(key=lambda doubt: doubt.outcome is not Outcome.UNDEFINED)
    decisive = doubts and (doubts[0].outcome is Outcome.UNDEFINED or finding.outcome is Outcome.PROVED)
    return doubts[0] if decisive else finding


def _beside_the_kinks(z: ImageProcess, task: Task, method: str) -> Finding:
    """Look for a certified gap where the absolute values of f have a sign; without one nothing is decided."""
    for point in z.domain.points(4 * task.effort.points):
        sides = smooth_at(z, point)
        if sides is None:
            continue
        for r in residuals_of(replace(z, function=z.function.xreplace(sides))):
            there = compare(r.stated, r.found, point)
            if there.outcome == "differ":
                return refuted(
                    f"{method}: {r.what} differs from the statement by a certified non-zero amount.",
                    point,
                    f"{r.what} = {value_text(r.stated, point)}",
                    f"{r.what} = {value_text(r.found, point)}",
                    value_text(r.difference, point),
                    effect=there.effect,
                    certified=True,
                )
    kinks = ", ".join(f"|{u}|" for u in z.smooth.kinks)
    return range_fault(z) or undecided(f"{method}: {z.function} has the kinks of {kinks}; no local time was certified.")


@witness(
    "extended path state",
    kind=Kind.ALGEBRA,
    statement=PathSolution,
    starts_from="the equation; Ito's formula on (t, B, integrals of the path)",
)
def extended_state(statement: PathSolution, task: Task) -> Finding:
    """Compare drift, noise and initial value of the functional with those of the equation, wherever paths may go."""
    moved, path, z = path_image(statement, task.claim.domain)
    noisy = canonical(moved.sde.diffusion[0, 0])
    zero = {moved.time: 0, path.brownian: 0, **dict.fromkeys(path.integrals, 0)}
    residuals = [
        Residual("the initial value", z.function.subs(zero), statement.start),
        Residual("the drift", generator(path.sde, z.function), z.at_image(z.drift)),
        Residual("the noise", noise(path.sde, z.function)[0, 0], z.at_image(noisy)),
    ]
    wide = replace(task, claim=replace(task.claim, domain=z.domain, statement=moved))
    finding = _examined(z, residuals, [path.value, *path.integrands], wide, "Ito's formula on the extended path state")
    if finding.outcome is Outcome.UNDEFINED and path.integrals:
        return undecided(f"paths are not shown to reach a point without a value: {finding.detail}")
    return finding
