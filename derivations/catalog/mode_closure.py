"""Whether modes evolve on their own and stay balanced and aligned: document 003, sections 2.4, 3 and 5."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..statements.modes import ModeCoefficient, ModeDependence, ModeQuantity, ModeTarget
from ..symbols import dimension
from .modewise_sde import (
    GIVEN,
    NOTE,
    SINGLE,
    TWO,
    L,
    coupling,
    e1,
    e2,
    eta_b,
    modes_domain,
    own_ito_drift,
    s1,
    s2,
    sigma,
    stilde1,
    stilde2,
)

k: Any = dimension("k")
PLACE_A = "2.4 (A1)-(A2), section 3"

claim(
    "003.prop3.5.decoupled",
    "Each mode evolves independently: the drift of its amplitude is a function of that amplitude alone.",
    source=Source("003", "Proposition 3.5, abstract"),
    statement=ModeDependence(ModeTarget(TWO, ModeQuantity.DRIFT), (L, s1, stilde1, stilde2, sigma, eta_b)),
    domain=modes_domain(2, 2),
    given=GIVEN,
    note=NOTE,
)

claim(
    "003.prop3.5.decoupled.repaired",
    "The drift of a mode is gradient flow plus an Ito drift through which all modes couple.",
    source=Source("003", "Proposition 3.5, abstract"),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.DRIFT),
        L * s1 ** (2 - 2 / L) * (stilde1 - s1) + own_ito_drift() + coupling(s2, stilde2),
    ),
    domain=modes_domain(2, 2),
    given=GIVEN,
    repairs="003.prop3.5.decoupled",
    note="The coupling is of order eta_b and vanishes with the gap of either mode; it holds at points of the "
    "manifold, which the SDE leaves (003.a1.sde, 003.a2.sde). " + NOTE,
)

claim(
    "003.prop5.1.mode",
    "With no cross-modes and balanced weights the mode density obeys a closed one-dimensional Fokker-Planck equation.",
    source=Source("003", "Proposition 5.1"),
    statement=ModeDependence(ModeTarget(TWO, ModeQuantity.DRIFT), (L, s1, stilde1, stilde2, sigma, eta_b)),
    domain=modes_domain(2, 2),
    given=GIVEN,
    note="The mean of an amplitude started at a sure point moves at the rate of its drift; an equation in that "
    "amplitude alone allows one rate, so the drift must not depend on the other amplitudes. " + NOTE,
)

claim(
    "003.prop5.1.mode.repaired",
    "With a single mode the drift and the variance rate of its amplitude are functions of it, so that (31) is closed.",
    source=Source("003", "Proposition 5.1"),
    statement=ModeCoefficient(
        ModeTarget(SINGLE, ModeQuantity.DRIFT),
        L * s1 ** (2 - 2 / L) * (stilde1 - s1) + own_ito_drift(),
    ),
    domain=modes_domain(1, 2),
    given=(*GIVEN, "student and teacher have one mode"),
    repairs="003.prop5.1.mode",
    note="With n modes the density of all n amplitudes obeys an n-dimensional equation (003.prop5.1.full), with the "
    "drifts of 003.prop3.5.decoupled.repaired. " + NOTE,
)

claim(
    "003.a2.sde",
    "(A2) for all times: cross-mode amplitudes stay zero under the SDE; the variance rate of c12 is 0.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 2), (1, 2)), sp.Integer(0)),
    domain=modes_domain(2, 2),
    given=GIVEN,
    note="The paper assumes (A2) for all times and states preservation for gradient flow only. An amplitude that stays "
    "zero has no variance rate; this consequence, at a point of the manifold, is what is examined.",
)

claim(
    "003.a2.sde.repaired",
    "Cross-mode amplitudes are driven off zero: the exact variance rate of c12 on the manifold.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.COVARIATION, (1, 2), (1, 2)),
        eta_b * (e1**2 + sigma**2) * sp.Sum(s1 ** (2 * (L - k) / L) * s2 ** (2 * (k - 1) / L), (k, 1, L)) ** 2,
    ),
    domain=modes_domain(2, 2),
    given=GIVEN,
    repairs="003.a2.sde",
    note=NOTE,
)

claim(
    "003.a1.sde",
    "(A1) for all times: balancedness is preserved under the SDE; W2^T W2 - W1 W1^T has no Ito drift.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(ModeTarget(TWO, ModeQuantity.IMBALANCE_DRIFT, (1, 1), layer=1), sp.Integer(0)),
    domain=modes_domain(2, 2),
    given=(*GIVEN, "all widths equal to the number of modes, two"),
    note="The paper assumes (A1) for all times and states preservation for gradient flow only. A balance that is kept "
    "has no drift; gradient flow contributes none, so the Ito drift is examined.",
)

claim(
    "003.a1.sde.repaired",
    "The noise unbalances the layers: the exact Ito drift of the first diagonal entry of W2^T W2 - W1 W1^T.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(
        ModeTarget(TWO, ModeQuantity.IMBALANCE_DRIFT, (1, 1), layer=1),
        eta_b * s1 ** (2 / L) * (s2 ** (2 - 4 / L) * (e2**2 + sigma**2) - s1 ** (2 - 4 / L) * (e1**2 + sigma**2)),
    ),
    domain=modes_domain(2, 2),
    given=(*GIVEN, "all widths equal to the number of modes, two"),
    repairs="003.a1.sde",
    note=NOTE,
)
