"""What follows from the power law: document 000, power-law paper, (16), and the paragraph on gaps."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Integers, Positive, Real
from ...statements.extrema import EquivalentConditions
from ...statements.processes import LongTimeLimit
from ...symbols import dimension, positive, real
from .power_law_rates import c, from_half, h, half_given, z

outliers: Any = dimension("n")
NC = Source("000", "power-law paper, (16)")
strength: Any = positive("q")
for name, power, stated, reading in (
    ("000.mori.nc", strength + 1 - outliers / 2, True, "the exponent of the first display of the passage"),
    ("000.mori.nc.eq15", strength + (1 - outliers) / 2, False, "the exponent of (15), directly above"),
):
    claim(
        name,
        "The basin is stable, the exponent positive, exactly while n < n_c = 2 (B/(eta h) + 1).",
        source=NC,
        statement=EquivalentConditions(
            sp.Gt(power, 0, evaluate=False), sp.Lt(outliers, 2 * (strength + 1), evaluate=False)
        ),
        domain=Domain(n=Integers(1), q=Positive),
        given=("q = B/(eta h)", "the escape rate decreases with L_s/L_0 exactly where the exponent is positive"),
        reading=reading,
        stated=stated,
        printed=r"n < n_c := 2\left(\frac{B}{\eta h_e^*} + 1\right)",
    )

# The paragraph on gaps: anisotropy and power laws

GAP = Source("000", "Important gap paragraph")
slope: Any = positive("k")
power_any: Any = real("p")
claim(
    "000.powerlaw",
    "With constant anisotropic noise the mean escape time is a power law of the height.",
    source=GAP,
    statement=LongTimeLimit((sp.exp(z) - 1) / (2 * slope * z) / z**power_any, z, c),
    domain=Domain(k=Positive, p=Real, c=Positive),
    given=(
        "three parameters, constant noise: of temperature T in the first two, of any other in the third; the loss is "
        "k (x^2 + y^2)/2 plus any function of the third, the height DeltaL = z T is that of the circle to be reached",
        "the derivative in z of the mean time from the minimum, as in 000.kramers.radial; that of a power law is "
        "c z^p with some other p and c",
    ),
    reading="anisotropic noise that is constant; the mean escape time as a function of the height DeltaL",
    stated=False,
    note="The anisotropic noise of the document depends on the state, as in (2) and (6); with noise in proportion to "
    "the loss it stands, isotropic or not: 000.powerlaw.repaired.",
    printed=r"\text{If anisotropy is present we should observe a power law as opposed to a linear relationship.}",
)
claim(
    "000.powerlaw.repaired",
    "With noise proportional to the loss, the same in n equal directions, the mean escape time is a power law: "
    "B/(eta h) = n/2.",
    source=GAP,
    statement=LongTimeLimit(from_half / z, z, 1 / (2 * h)),
    domain=Domain(h=Positive),
    given=half_given,
    reading="noise that grows with the loss, as in (6)",
    repairs="000.powerlaw",
    printed=r"\text{If anisotropy is present we should observe a power law as opposed to a linear relationship.}",
)
