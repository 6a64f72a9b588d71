"""Witnesses of a printed Fokker-Planck equation: the adjoint operator, and its weak form by quadrature."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp
from sympy.core.function import AppliedUndef

from ....derivations.statements.fokker_planck_form import FokkerPlanckForm, substitute_functions
from ....numerics.diffusions.generator import weak_gap
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import Ledger, generic_points
from ...judgement.exact import Residual, certified_gap, judge
from ...judgement.findings import proved, undecided
from ...judgement.normal_forms import vanishes
from ...meaning.processes import meaning
from ...meaning.values import with_values
from ...witness import Task, witness


def adjoint(statement: FokkerPlanckForm) -> sp.Expr:
    """Return -div(b p) + 1/2 sum d_i d_j ((S S^T)_ij p) for the density of the statement."""
    sde, p = statement.sde, statement.density
    found = -sum(sp.diff(b * p, x) for b, x in zip(sde.ito_drift, sde.state, strict=True))
    covariance = sde.covariance
    return found + sum(
        sp.diff(covariance[i, j] * p, x, y) / 2 for i, x in enumerate(sde.state) for j, y in enumerate(sde.state)
    )


@witness(
    "adjoint operator",
    kind=Kind.ALGEBRA,
    statement=FokkerPlanckForm,
    starts_from="the equation: the adjoint of its Ito generator",
)
def adjoint_operator(statement: FokkerPlanckForm, task: Task) -> Finding:
    """Compare -div(b p) + 1/2 sum d_i d_j ((S S^T)_ij p) with the printed right side for a symbolic p.

    A certified gap is sought after every undefined function has been replaced by a concrete one, simplest first,
    which is a member of the stated family.
    """
    found = adjoint(statement)
    for chosen in statement.members():
        residual = Residual(
            "the right side",
            substitute_functions(statement.right_side, chosen),
            substitute_functions(found, chosen),
        )
        if certified_gap(residual.difference, task.claim.domain, task.effort.points // 2) is None:
            continue  # a member cannot prove the claim, and what it hides shows at a few points of another
        finding = judge([residual], task, method="adjoint operator")
        if finding.outcome is Outcome.REFUTED and finding.counterexample is not None:
            point = {**finding.counterexample.point, **{str(k): str(v) for k, v in chosen.items()}}
            return replace(finding, counterexample=replace(finding.counterexample, point=point))
    # normal forms of a difference that does not vanish may take forever, so they come after the search for a gap
    if vanishes(sp.expand((found - statement.right_side).doit())):
        written = [*statement.sde.drift, *statement.sde.diffusion, statement.right_side]
        functions = [f for e in written for f in e.atoms(AppliedUndef)]
        finding = with_values(
            proved("adjoint operator: both sides are the same differential expression in p and in the coefficients."),
            written,
            [*statement.sde.state, *functions],
            task.claim.domain,
        )
        if finding.outcome is not Outcome.PROVED:
            return finding
        known = [e for e in (*statement.sde.drift, *statement.sde.diffusion) if not e.atoms(AppliedUndef)]
        return meaning(known, task.claim.domain) or finding
    return undecided("adjoint operator: no normal form and no certified gap.")


@witness(
    "weak form",
    kind=Kind.DETERMINISTIC,
    statement=FokkerPlanckForm,
    starts_from="averages of test functions over a density and one Euler step, by Gauss-Hermite quadrature",
)
def weak_form(statement: FokkerPlanckForm, task: Task) -> Finding:
    """Compare the integral of phi times the right side with the measured rate of E[phi] for concrete functions."""
    ledger = Ledger(task, "weak form with a Gaussian density")
    point = next(generic_points(task.claim.domain, 1))
    state = statement.sde.state
    tests = [state[0] ** 2, sum(x**3 for x in state) + state[0] * state[-1] + state[0]]
    for chosen in statement.members():
        named = {**point, **chosen}
        for test in tests:
            stated, measured = weak_gap(statement, chosen, test, point)
            scale = max(abs(stated), abs(measured), 1e-2)
            found = ledger.compare(
                f"d/dt E[{test}]",
                {k: v for k, v in named.items() if k not in state},
                stated,
                measured,
                1e-9 * scale,
                scale,
            )
            if found:
                return found
    return ledger.finding()
