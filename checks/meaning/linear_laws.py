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
