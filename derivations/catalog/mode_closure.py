"""Whether modes evolve on their own and stay balanced and aligned: document 003, sections 2.4, 3 and 5."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..processes.sde import SDE
from ..ranges import Positive
from ..statements.fokker_planck_form import FokkerPlanckForm
from ..statements.modes import ModeCoefficient, ModeDependence, ModeQuantity, ModeTarget
from ..symbols import dimension
from .modewise_sde import (
    GIVEN,
    NOTE,
    ONE,
    PAIR,
    TWO,
    L,
    coupling,
    e1,
    ej,
    eta_b,
    modes_domain,
    own_ito_drift,
    s1,
    s2,
    sigma,
    sj,
    stilde1,
    stilde2,
    stildej,
)

k: Any = dimension("k")
PLACE_A = "2.4 (A1)-(A2), section 3"

claim(
    "003.prop3.5.decoupled",
    "Each mode evolves independently: the drift of its amplitude is a function of that amplitude alone.",
    source=Source("003", "abstract, 1.1, Proposition 3.5"),
    statement=ModeDependence(ModeTarget(TWO, ModeQuantity.DRIFT), (L, s1, stilde1, stilde2, sigma, eta_b)),
    domain=modes_domain(TWO),
    given=GIVEN,
    note="Examined with two modes; the print has any number. " + NOTE,
    printed=r"\text{each mode amplitude evolves independently according to the scalar Itô SDE (4)}",
)

claim(
    "003.prop3.5.decoupled.repaired",
    "The drift of a mode is gradient flow plus an Ito drift to which every other mode adds a coupling term.",
    source=Source("003", "abstract, 1.1, Proposition 3.5"),
    statement=ModeCoefficient(
        ModeTarget(ONE, ModeQuantity.DRIFT),
        L * s1 ** (2 - 2 / L) * (stilde1 - s1) + own_ito_drift(),
        coupling(sj, stildej),
    ),
    domain=modes_domain(ONE),
    given=GIVEN,
    repairs="003.prop3.5.decoupled",
    note="For any number of modes. The coupling is of order eta_b and vanishes with the gap of either mode, so that "
    "at leading order in eta_b the modes do evolve independently; it holds at points of the manifold, which the SDE "
    "leaves (003.a1.sde, 003.a2.sde). " + NOTE,
)

claim(
    "003.prop5.1.mode",
    "With no cross-modes and balanced weights the mode density obeys a closed one-dimensional Fokker-Planck equation.",
    source=Source("003", "Proposition 5.1"),
    statement=ModeDependence(ModeTarget(TWO, ModeQuantity.DRIFT), (L, s1, stilde1, stilde2, sigma, eta_b)),
    domain=modes_domain(TWO),
    given=GIVEN,
    reading="from (A1) and (A2) alone. The print says 'the mode amplitude satisfies the Ito SDE, and thus': it takes "
    "(4) from Proposition 3.5, and the step from there is 003.prop5.1.mode.form",
    stated=False,
    note="The mistake of 003.prop3.5.decoupled, counted there. The mean of an amplitude started at a sure point moves "
    "at the rate of its drift; an equation in that amplitude alone allows one rate. " + NOTE,
)

state = (s1, s2)
a1, a2, q = (sp.Function(name, real=True)(*state) for name in ("a1", "a2", "q"))
D1, D2 = sp.Function("D1", real=True)(s1), sp.Function("D2", real=True)(s2)
claim(
    "003.prop5.1.mode.repaired",
    "The joint density of two amplitudes with drifts of both and uncorrelated noises, each of its own amplitude, obeys "
    "dq/dt = sum_i (-d_i (a_i q) + d_i^2 (D_i q)/2), without mixed derivatives.",
    source=Source("003", "Proposition 5.1"),
    statement=FokkerPlanckForm(
        SDE(state, [a1, a2], sp.diag(sp.sqrt(D1), sp.sqrt(D2))),
        q,
        -sp.diff(a1 * q, s1) - sp.diff(a2 * q, s2) + sp.diff(D1 * q, s1, 2) / 2 + sp.diff(D2 * q, s2, 2) / 2,
    ),
    domain=Domain(s1=Positive, s2=Positive),
    given=(
        "two modes; every further one adds its own two terms",
        "a_i of 003.prop3.5.decoupled.repaired, D_i of 003.eq7; the noises are uncorrelated (003.eq7.cross)",
    ),
    repairs="003.prop5.1.mode",
    note="At leading order in eta_b the drifts are those of gradient flow, each of its own amplitude.",
)

claim(
    "003.a2.sde",
    "(A2) for all times: cross-mode amplitudes stay zero under the SDE; the variance rate of c12 is 0.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(ModeTarget(PAIR, ModeQuantity.COVARIATION, (1, 2), (1, 2)), sp.Integer(0)),
    domain=modes_domain(PAIR),
    given=GIVEN,
    reading="that (A2), which the paper assumes, can hold along (1); the paper does not say that it does",
    stated=False,
    note="An amplitude that stays zero has no variance rate; this consequence, at a point of the manifold, is what is "
    "examined.",
)

claim(
    "003.a2.sde.repaired",
    "Cross-mode amplitudes are driven off zero: the exact variance rate of c12 on the manifold.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(
        ModeTarget(PAIR, ModeQuantity.COVARIATION, (1, 2), (1, 2)),
        eta_b * (e1**2 + sigma**2) * sp.Sum(s1 ** (2 * (L - k) / L) * s2 ** (2 * (k - 1) / L), (k, 1, L)) ** 2,
    ),
    domain=modes_domain(PAIR),
    given=GIVEN,
    repairs="003.a2.sde",
    note="Whatever the further modes are. " + NOTE,
)

_IMBALANCE = "all widths equal to the number of modes"


def imbalance(layer: int) -> ModeTarget:
    """Return the Ito drift of the first diagonal entry of the imbalance of a layer and the one after it."""
    return ModeTarget(ONE, ModeQuantity.IMBALANCE_DRIFT, (1, 1), layer=layer)


claim(
    "003.a1.sde",
    "(A1) for all times: balancedness is preserved under the SDE; W2^T W2 - W1 W1^T has no Ito drift.",
    source=Source("003", PLACE_A),
    statement=ModeCoefficient(imbalance(1), sp.Integer(0)),
    domain=modes_domain(ONE),
    given=(*GIVEN, _IMBALANCE),
    reading="that (A1), which the paper assumes, can hold along (1); the paper states it for gradient flow only",
    stated=False,
    note="A balance that is kept has no drift; gradient flow contributes none, so the Ito drift is examined.",
)

for layer, name in ((1, "003.a1.sde.repaired"), (2, "003.a1.sde.second-layer")):
    claim(
        name,
        "The noise unbalances the layers: the exact Ito drift of the first diagonal entry of "
        f"W{layer + 1}^T W{layer + 1} - W{layer} W{layer}^T.",
        source=Source("003", PLACE_A),
        statement=ModeCoefficient(
            imbalance(layer),
            sp.Integer(0),
            eta_b * sj ** (2 * (L - layer - 1) / L) * s1 ** (2 * sp.Integer(layer) / L) * (ej**2 + sigma**2)
            - eta_b * s1 ** (2 * (L - layer) / L) * sj ** (2 * sp.Integer(layer - 1) / L) * (e1**2 + sigma**2),
        ),
        domain=modes_domain(ONE, layer + 1),
        given=(*GIVEN, _IMBALANCE),
        repairs="003.a1.sde",
        note="A sum over the other modes, of any number; a single mode stays balanced in the mean. With l in place of "
        f"{layer} the same holds at every layer. " + NOTE,
    )
