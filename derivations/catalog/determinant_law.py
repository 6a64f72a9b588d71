"""The determinant of the stacked weights under label noise: document 000, (4)-(6)."""

from __future__ import annotations

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..matrices.matrix_flow import MatrixFlow
from ..ranges import AtLeast, Integers, Positive
from ..statements.determinant import DeterminantDrift, DeterminantNoiseFree, DeterminantPath
from ..symbols import dimension, positive

p, k, n = dimension("p k n")
eta, delta, gram = positive("eta delta gram")
t = sp.Symbol("t", nonnegative=True)

SHAPES = {"p": Integers(1), "k": Integers(1), "n": Integers(1), "gram": Positive}
NOISY = Domain(eta=Positive, delta=Positive, **SHAPES)
GRAM = "gram stands for tr(X^T X); X has n rows and p columns, Y has k columns"

noisy = MatrixFlow(p, k, n, eta * delta, gram)
noise_free = MatrixFlow(p, k, n, sp.Integer(0), gram)
rate = -2 * eta * delta * k * gram

claim(
    "000.eq5",
    "The determinant of Theta^T Theta is conserved under (4).",
    source=Source("000", "(5)"),
    statement=DeterminantDrift(noisy, sp.Integer(0)),
    domain=NOISY,
    given=(GRAM, "the noise of (4) in the Ito sense"),
    reading="the process (4) with delta > 0, directly after which (5) is displayed",
    note="(5) and (6) have the same left side, and the print names no other process than (4): the words 'without label "
    "noise' are missing, with which it stands: 000.eq5.repaired.",
    printed=r"\frac{d}{dt} \det(\Theta^\top \Theta) = 0",
)
claim(
    "000.eq5.repaired",
    "Without label noise, delta = 0, the determinant of Theta^T Theta is conserved.",
    source=Source("000", "(5)"),
    statement=DeterminantDrift(noise_free, sp.Integer(0)),
    domain=Domain(**SHAPES),
    given=(GRAM, "gradient flow: (4) with delta = 0"),
    repairs="000.eq5",
)
claim(
    "000.eq6",
    "Under label noise the determinant decays at the rate 2 eta delta k tr(X^T X).",
    source=Source("000", "(6)"),
    statement=DeterminantDrift(noisy, rate),
    domain=NOISY,
    given=(GRAM, "the noise of (4) in the Ito sense"),
    printed=r"\frac{d}{dt} \det(\Theta^\top \Theta) = -2\eta\delta k \operatorname{tr}(X^\top X) "
    r"\det(\Theta^\top \Theta)",
)
claim(
    "000.eq6.pathwise",
    "Although Theta is stochastic, its determinant obeys a deterministic differential equation.",
    source=Source("000", "text after (6)"),
    statement=DeterminantNoiseFree(noisy),
    domain=NOISY,
    given=(GRAM,),
    printed=r"\text{the determinant satisfies a deterministic differential equation}",
)
claim(
    "000.eq6.solution",
    "The determinant decays exponentially: det(0) exp(-2 eta delta k tr(X^T X) t).",
    source=Source("000", "after (6)"),
    statement=DeterminantPath(noisy, t, sp.exp(rate * t)),
    domain=Domain(eta=Positive, delta=Positive, **SHAPES, t=AtLeast(0)),
    given=(GRAM, "the noise of (4) in the Ito sense"),
    printed=r"\det(\Theta(t)^\top \Theta(t)) = \det(\Theta_0^\top \Theta_0) "
    r"\exp[-2\eta\delta k \operatorname{tr}(X^\top X) t]",
)
