"""Whether a linear process with constant noise has a stationary law everywhere on a domain."""

from __future__ import annotations

import sympy as sp

from ...derivations.domain import Domain
from ...derivations.processes.sde import SDE
from ..judgement.definedness import definedness
from ..judgement.domain_signs import strict_sign

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def no_linear_law(sde: SDE, domain: Domain, seconds: float) -> str:
    """Return why a process in the plane with drift A x is not seen to have a stationary law; empty where it is.

    Coefficients have to be defined, and the eigenvalues of A to have negative real parts, on the whole domain: the
    trace of A is negative and its determinant positive.

    Parameters
    ----------
    sde : SDE
        Two coordinates, linear drift, constant noise.
    domain : Domain
        Where.
    seconds : float
        Limit of CPU time of one question to the ladder.
    """
    parameters = Domain(**{s.name: r for s, r in domain.ranges.items() if s not in sde.state})
    drift = sp.Matrix(sde.ito_drift).jacobian(sp.Matrix(sde.state))
    defined = definedness((*drift, *sde.diffusion), parameters)
    if defined.status != "everywhere":
        return f"drift and noise are not seen to be defined everywhere: {defined.reason}"
    for what, number in (("minus the trace", -drift.trace()), ("the determinant", drift.det())):
        if strict_sign(sp.expand(number), parameters, seconds) != "positive":
            return f"{what} of the drift is not seen to be positive, so that there may be no stationary law"
    return ""


def no_stationary_law(slopes: sp.Matrix, noise: sp.Matrix, discrete: bool, domain: Domain, seconds: float) -> str:
    """Return why a linear process of any dimension is not seen to have one stationary law; empty where it is.

    Entries have to be defined on the whole domain, and Hurwitz's determinants of the characteristic polynomial to be
    positive there; for steps, of that polynomial in z = (1 + w)/(1 - w), which maps the unit disc to a half plane.

    Parameters
    ----------
    slopes, noise : Matrix
        A and S of dX = A X dt + S dB, or of X -> A X + S z.
    discrete : bool
        Whether the process makes steps.
    domain : Domain
        Ranges of the parameters.
    seconds : float
        Limit of CPU time of one question to the ladder.
    """
    defined = definedness((*slopes, *noise), domain)
    if defined.status != "everywhere":
        return f"drift and noise are not seen to be defined everywhere: {defined.reason}"
    for number, minor in enumerate(stability_conditions(slopes, discrete)):
        if strict_sign(minor, domain, seconds) != "positive":
            return f"condition {number} of stability, {minor} > 0, is not seen to hold, so that there may be no law"
    return ""


def stability_conditions(slopes: sp.Matrix, discrete: bool) -> list[sp.Expr]:
    """Return expressions that are all positive exactly where the process of these slopes is stable."""
    size = slopes.rows
    coefficients = slopes.charpoly().all_coeffs()
    if discrete:
        w = sp.Dummy("w")
        terms = (c * (1 + w) ** (size - k) * (1 - w) ** k for k, c in enumerate(coefficients))
        image = sp.expand(sp.Add(*terms))
        coefficients = [image.coeff(w, size - k) for k in range(size + 1)]
    hurwitz = sp.Matrix(
        size,
        size,
        lambda i, j: coefficients[2 * j - i + 1] if 0 <= 2 * j - i + 1 <= size else sp.Integer(0),
    )
    minors = [hurwitz[:k, :k].det(method="berkowitz") for k in range(1, size + 1)]
    return [sp.factor(sp.expand(e)) for e in (coefficients[0], *minors)]
