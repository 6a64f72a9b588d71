"""Stochastic collapse in the review: invariant sets, attraction, modes: document 000, list before (SC 1) to (SC 4)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import AtLeast, Positive, Real
from ...statements.attractivity import Attractive
from ...statements.processes import PathSolution, SDETransform
from ...statements.sets.invariant_sets import Activation, FeedForward, SilentNeuron, TiedNeurons
from ...statements.sets.symmetry_sets import FixedSetInvariant, MatrixKind
from ...symbols import positive, real
from ..neuron_sign_set import activation, activation_slope
from ..student_dynamics import mode, slice_weight, w

zero, one = sp.Integer(0), sp.Integer(1)
SETS = Source("000", "item 2 of the stochastic-collapse list")
_weights = "incoming weights include the bias; any depth, any widths, any data"
_sign_printed = r"w_{\text{in}} = w_{\text{out}} = 0 \text{ (sparsity)}"
claim(
    "000.sc.sign-set",
    "The set on which all weights into and out of a neuron vanish is invariant under SGD.",
    source=SETS,
    statement=SilentNeuron(FeedForward(Activation.ANY), zero, zero, zero),
    domain=Domain(),
    given=(_weights,),
    reading="any activation; item 2 names neither a network nor an activation",
    stated=False,
    printed=_sign_printed,
    note="With sigma(0) != 0 the outgoing weights leave 0. The condition is missing at (SC 3), which prints sigma: it "
    "is counted there, at 000.sc3.",
)
claim(
    "000.sc.sign-set.repaired",
    "With an activation that passes through the origin, the set on which all weights into and out of a neuron vanish "
    "is invariant under SGD.",
    source=SETS,
    statement=SilentNeuron(FeedForward(Activation.ORIGIN_PASSING), zero, zero, zero),
    domain=Domain(),
    given=(_weights,),
    repairs="000.sc.sign-set",
    printed=_sign_printed,
)
claim(
    "000.sc.perm-set",
    "The set on which two neurons have the same weights in and out is invariant under SGD.",
    source=SETS,
    statement=TiedNeurons(FeedForward(Activation.ANY), one, one, one),
    domain=Domain(),
    given=(_weights,),
    printed=r"w_{\text{in},p} = w_{\text{in},q}, w_{\text{out},p} = w_{\text{out},q} \text{ (rank-reduction)}",
)
claim(
    "000.sc.reflection",
    "The points that a reflection Q leaves fixed form an invariant set of every loss that is symmetric near them.",
    source=SETS,
    statement=FixedSetInvariant(MatrixKind.SYMMETRIC_OR_ORTHOGONAL),
    domain=Domain(),
    given=("a reflection is symmetric and orthogonal; the loss is the same at Q theta and theta up to o(distance)",),
    printed=r"\text{satisfy } Q\theta = \theta \text{ for a reflection matrix } Q",
)

# The criterion in one dimension (its threshold itself is 000.sc2)

theta, l2 = real("theta l2")
d2, extra = positive("d2 e")
start: Any = real("theta_0")
time: Any = sp.Symbol("t", nonnegative=True)
B: Any = sp.Function("B", real=True)
CRITERION = Source("000", "(SC 2)")
_linear = ("the linearised flow with l2 = L''(0), d2 = D''(0) > 0", "attractive as in document 004, Definition 4.1")
claim(
    "000.sc2.equality",
    "At equality, L''(0) + D''(0)/2 = 0, the paths are theta_0 exp(sqrt(D''(0)) B_t): they come back to any distance, "
    "and the origin does not attract.",
    source=CRITERION,
    statement=PathSolution(
        SDE(theta, d2 / 2 * theta, sp.sqrt(d2) * theta),
        start * sp.exp(sp.sqrt(d2) * B(time)),
        time,
        B,
        start,
    ),
    domain=Domain(d2=Positive, theta_0=Real, t=AtLeast(0)),
    given=(*_linear, "l2 = -d2/2; Brownian motion exceeds every level, and returns to 0, almost surely"),
    printed=r"L''(0) + \frac{1}{2}D''(0) > 0",
)
claim(
    "000.sc2.noise",
    "Stronger noise broadens the set of attractive curvatures: what attracts with D''(0) attracts with a larger one.",
    source=Source("000", "text after (SC 2)"),
    statement=Attractive(
        SDE(theta, -l2 * theta, sp.sqrt(d2 + extra) * theta), (0,), sp.Gt(l2 + d2 / 2, 0, evaluate=False), "if"
    ),
    domain=Domain(l2=Real, d2=Positive, e=Positive),
    given=(*_linear, "the noise has D''(0) = d2 + e, the condition is that of d2"),
    printed=r"\text{stronger noise broadens the set of attractive curvatures}",
)

# (SC 3) as printed: nothing is said of sigma(0); two samples, the loss is half the sum of the squared errors

w1, w2, x2, y1, y2, g, c2, c3, offset = real("w1 w2 x2 y1 y2 g c2 c3 c0")
x1, eta, zeta = positive("x1 eta zeta")
inputs, targets = (x1, x2), (y1, y2)
gaps = [w2 * (offset + activation(w1 * x)) - y for x, y in zip(inputs, targets, strict=True)]
slopes = [(w2 * x * activation_slope(w1 * x), offset + activation(w1 * x)) for x in inputs]
neuron = SDE(
    (w1, w2),
    [-sum((r * s[k] for r, s in zip(gaps, slopes, strict=True)), sp.Integer(0)) for k in range(2)],
    sp.sqrt(eta) * zeta * sp.Matrix(2, 2, lambda k, i: slopes[i][k]),
)
claim(
    "000.sc3",
    "The sign set of a single neuron attracts if sigma'(0) eta zeta^2/2 > |sum x y| / sum x^2.",
    source=Source("000", "(SC 3)"),
    statement=Attractive(
        neuron,
        (0, 0),
        sp.Gt(g * eta * zeta**2 / 2, sp.Abs(x1 * y1 + x2 * y2) / (x1**2 + x2**2), evaluate=False),
        "if",
    ),
    domain=Domain(
        x1=Positive, x2=Real, y1=Real, y2=Real, c0=Real, g=Real, eta=Positive, zeta=Positive, c2=Real, c3=Real
    ),
    given=(
        "two samples, x1 > 0; the loss is half the sum of the squared errors, as the list after (9) defines it",
        "sigma(v) = c0 + g v + c2 v^2/2 + c3 v^3/6 with g = sigma'(0); label noise of variance zeta^2",
    ),
    reading="any activation: nothing is said of sigma(0)",
    note="With sigma(0) != 0 label noise moves w_2 away from 0: a condition is missing. With sigma(0) = 0 it stands.",
    printed=r"\frac{\sigma'(0)\eta\zeta^2}{2} > \frac{|\sum_i x_i y_i|}{\sum_i x_i^2}",
)

claim(
    "000.sc4",
    "The singular value s = w^2 of a balanced mode under label noise obeys (SC 4).",
    source=Source("000", "(SC 4)"),
    statement=SDETransform(slice_weight, w**2, mode),
    domain=Domain(w=Positive, stilde=Positive, eta=Positive, zeta=Positive),
    given=(
        "each of the two layers has the same entry w in the mode; label-noise steps on half the squared error, "
        "whitened inputs (document 004, I.2)",
    ),
    printed=r"ds_i = 2s_i((\tilde{s}_i + \frac{1}{2}\eta\zeta^2) - s_i)dt + 2\sqrt{\eta\zeta^2} s_i dB_t",
)
