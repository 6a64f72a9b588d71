"""Irreversibility of linear models: rotation of the current and entropy production, document 002."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, Positive, Real
from ...statements.detailed_balance import StationaryRotation
from ...statements.scalar import Identity
from ...symbols import positive, real
from .moments import B, eta, h11, h22, hessian, noise, plane, valley

IRREVERSIBLE = Source("002", "list of statistics, entropy production and rotational current")
_PRINTED = (
    r"\text{Entropy production rate and rotational probability current to quantify irreversibility and test detailed "
    r"balance assumptions}"
)
_ASKED = "Derived: the proposal names the statistic."
_valley = (
    "d theta = -H theta dt + sqrt(eta/B) S dB with H positive definite and Sigma = S S^T, S lower triangular with a "
    "positive diagonal"
)
commutator = (hessian * noise - noise * hessian)[0, 1]
claim(
    "002.stat.current",
    "Two-dimensional Ornstein-Uhlenbeck process: the stationary current turns at the rate (eta/B) (H Sigma - Sigma "
    "H)_12/tr H.",
    source=IRREVERSIBLE,
    statement=StationaryRotation(valley, sp.factor(eta / B * commutator) / (h11 + h22)),
    domain=Domain(**plane, eta=Positive, B=Positive),
    given=(_valley,),
    note=f"{_ASKED} Without a current exactly where H and Sigma commute.",
    printed=_PRINTED,
)
# in coordinates along the eigenvectors of H
h1, h2, c1, c2 = positive("h1 h2 c1 c2")
c12: Any = real("c12")
curvature, spread = sp.diag(h1, h2), sp.Matrix([[c1, c12], [c12, c2]])
diffusion = eta / B * spread / 2
second = sp.Matrix(2, 2, lambda i, j: eta / B * spread[i, j] / (curvature[i, i] + curvature[j, j]))
field = diffusion * second.inv() - curvature
claim(
    "002.stat.entropy",
    "Two-dimensional Ornstein-Uhlenbeck process: entropy is produced at the rate (H Sigma - Sigma H)_12^2/(tr H det "
    "Sigma), whatever eta/B is.",
    source=IRREVERSIBLE,
    statement=Identity(
        (diffusion.inv() * field * second * field.T).trace(),
        c12**2 * (h1 - h2) ** 2 / ((h1 + h2) * (c1 * c2 - c12**2)),
    ),
    domain=Domain(h1=Positive, h2=Positive, c12=Real, c1=Positive, c2=Above(c12**2 / c1), eta=Positive, B=Positive),
    given=(
        "d theta = -H theta dt + sqrt((eta/B) Sigma) dB in coordinates along the eigenvectors of H = diag(h1, h2); "
        "Sigma = [[c1, c12], [c12, c2]] is positive definite",
        "the rate is the mean of v^T D^-1 v over the stationary law, v the current over its density: for a Gaussian "
        "law of covariance C (002.stat.moments.ou.modes) it is (D C^-1 - H) theta, with D = (eta/2B) Sigma",
    ),
    note=f"{_ASKED} 0 exactly where H and Sigma commute: in detailed balance.",
    printed=_PRINTED,
)
