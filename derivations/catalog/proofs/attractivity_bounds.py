"""Theorem 4.2 and the probabilities in the proofs of Theorems 4.1 and E.1: document 004, Appendices E and F."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, AtLeast, Between, Integers, Positive, Real
from ...statements.classes.near_points import EscapesNear, LocalDiffusion, Starts
from ...statements.classes.suprema import SupremumBound
from ...statements.extrema import Inequality
from ...statements.function_limits import FunctionLimit, Jet
from ...statements.networks import AllOf, MatrixIdentity
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

delta, g, q, c, eps, lam, r, s, xi = positive("delta g q c eps lam r s xi")
t: sp.Symbol = positive("t")
theta, ell, s0, t0, l0, c1, c2 = real("theta ell s0 t0 l0 c1 c2")
zero = sp.Integer(0)

# Theorem 4.2: the drift of l^delta next to the set, in any dimension.

claim(
    "004.thm4.2",
    "In any dimension, (6) makes the drift of l^delta negative next to A, so that A is stochastically attractive.",
    source=Source("004", "Theorem 4.2"),
    statement=Inequality(sp.Lt(delta * (-ell + t + (delta - 2) * g), 0, evaluate=False)),
    domain=Domain(delta=Positive, g=Above(delta / 2), t=AtLeast(g), ell=Above(t - 2 * (1 - delta) * g)),
    given=(
        "at distance rho along n: n^T D n = g rho^2, Tr D_perp = t rho^2, n^T grad L = ell rho to leading order; then "
        "2 g > delta and (6) is ell - t + 2 (1 - delta) g > 0",
        "the drift of l^delta over l^delta to leading order (004.e1.distance.repaired); second derivatives are "
        "L-Lipschitz and 2 g > delta, so that it is negative within one distance of all of A",
        "l^delta is then a supermartingale up to that distance, and 004.e1.doob bounds its supremum",
    ),
    printed=r"\nabla_{\hat{n}}^2 \left(\mathcal{L} - \frac{1}{2} \text{Tr} D_\perp + (1 - \delta) \hat{n}^\top D "
    r"\hat{n} \right) > 0",
)

# Theorem E.1: values of its functions, and what the invariance of A gives.

d = dimension("d")
mu, diffusion = sp.MatrixSymbol("mu", d, 1), sp.MatrixSymbol("D", d, d)
direction = sp.MatrixSymbol("c", d, 1)
claim(
    "004.thme1.types",
    "The drift mu, with values in R, has as many entries as theta in R^d, to whose change it is added.",
    source=Source("004", "Theorem E.1"),
    statement=Identity(sp.Integer(1), d),
    domain=Domain(d=Integers(1)),
    given=("(25): d theta = mu dt + sqrt(2 D) dW with theta in R^d",),
    note="D is printed with values in R^(m x m), where m is not introduced and d is meant.",
    printed=r"\mu : A_c \rightarrow \mathbb{R} \ldots D : A_c \rightarrow \mathbb{R}^{m \times m}",
)
claim(
    "004.thme1.types.repaired",
    "With mu in R^d and D in R^(d x d), drift and variance of theta along any direction c in R^d are numbers.",
    source=Source("004", "Theorem E.1"),
    statement=AllOf(
        (
            MatrixIdentity(direction.T * mu, mu.T * direction),
            MatrixIdentity(direction.T * (diffusion * direction), (direction.T * diffusion.T) * direction),
        )
    ),
    domain=Domain(d=Integers(1)),
    repairs="004.thme1.types",
)
push, spread = sp.Function("s")(xi), sp.Function("T")(xi)
claim(
    "004.e1.invariant",
    "On A the drift of l^2 is 2 Tr D_perp and that of n^T theta is n^T mu; where A is invariant both are 0, so that "
    "D_perp = 0 and P mu = 0.",
    source=Source("004", "E.1, after (28)"),
    statement=FunctionLimit(
        c1 * (2 * xi * push + 2 * spread) + c2 * push, xi, (Jet(push, (s0,)), Jet(spread, (t0,))), 2 * c1 * t0 + c2 * s0
    ),
    domain=Domain(s0=Real, t0=Real, c1=Real, c2=Real),
    given=(
        "at distance xi along n: n^T mu = s(xi), Tr D_perp = T(xi), both continuous; both drifts at once, with any "
        "weights c1 and c2",
        "while the process is in A, l^2 = 0 and P theta is constant, so that their drifts are 0; a positive "
        "semi-definite D_perp of trace 0 is 0",
    ),
    printed=r"\tilde{A}l^2(x) = 0 \text{ holds for any } x \in A. \text{ Therefore, we obtain } \text{Tr} D_\perp(x) = "
    r"0 \ldots P_\perp \mu(x) = 0 \text{ for any } x \in A",
)

# Maximal inequalities.

start, level = s * sp.exp(-r), sp.exp(-r)
near = Domain(delta=Between(0, 1), r=Positive, s=Between(0, 1))
doob_given = (
    "the drift of l^delta is not positive up to the exit from A_epsilon: stopped there, l^delta is a supermartingale",
)
_SECOND = (
    r"\text{Equivalently, for any } \epsilon' < \epsilon^{1/\delta}\text{, } \mathbb{P}[\sup_{t \geq 0} "
    r"l(\tilde{\theta}_t) \geq \epsilon' | \theta_0 = x] \leq \frac{l^{\delta}(x)}{\epsilon'^{1/\delta}}"
)
claim(
    "004.e1.doob",
    "P[sup l^delta >= eps'] <= l^delta(x)/eps'.",
    source=Source("004", "E.1, first maximal inequality"),
    statement=SupremumBound(delta, s * eps ** (1 / delta), eps ** (1 / delta), (s * eps ** (1 / delta)) ** delta / eps),
    domain=Domain(delta=Positive, eps=Positive, s=Between(0, 1)),
    given=(*doob_given, "l^delta >= eps' is l >= eps'^(1/delta); the start is s times that, 0 < s < 1"),
    printed=r"\mathbb{P}[\sup_{t \geq 0} l^{\delta}(\tilde{\theta}_t) \geq \epsilon' | \tilde{\theta}_0 = x] \leq "
    r"\frac{l^{\delta}(x)}{\epsilon'}",
)
claim(
    "004.e1.doob.second",
    "P[sup l >= eps'] <= l^delta(x)/eps'^(1/delta), for eps' and delta below 1.",
    source=Source("004", "E.1, second maximal inequality"),
    statement=SupremumBound(delta, start, level, start**delta / level ** (1 / delta)),
    domain=near,
    given=(*doob_given, "eps' = exp(-r), l(x) = s eps'; delta < 1, as the display before takes it"),
    reading="the bound follows from the first, for small eps' and delta",
    printed=_SECOND,
)
claim(
    "004.e1.doob.equivalent",
    "l^delta(x)/eps'^(1/delta) is the bound of the first inequality, with eps'^delta for its eps'.",
    source=Source("004", "E.1, second maximal inequality"),
    statement=Identity(start**delta / level**delta, start**delta / level ** (1 / delta)),
    domain=near,
    given=("eps' = exp(-r), l(x) = s eps'",),
    reading="'equivalently' means the same bound for the same event; that the second follows is 004.e1.doob.second",
    stated=False,
    printed=_SECOND,
)
claim(
    "004.e1.doob.equivalent.repaired",
    "P[sup l >= eps'] <= l^delta(x)/eps'^delta, for every delta and eps'.",
    source=Source("004", "E.1, second maximal inequality"),
    statement=SupremumBound(delta, s * eps, eps, s**delta),
    domain=Domain(delta=Positive, eps=Positive, s=Between(0, 1)),
    given=(*doob_given, "l(x) = s eps'"),
    repairs="004.e1.doob.equivalent",
)
_LEMMA = (
    r"\mathbb{P} \left[\sup_{t \geq 0} l(\theta_{t \wedge \tau}) \geq \epsilon' \mid \theta_0 = x \right] \leq "
    r"\frac{l^\lambda(x)}{\epsilon'}"
)
lemma_given = ("the drift of l^lambda is not positive up to the exit from A_epsilon; l(x) = s eps', 0 < s < 1",)
claim(
    "004.lemf1.bound",
    "P[sup l >= eps'] <= l^lambda(x)/eps', for eps' and lambda below 1.",
    source=Source("004", "Lemma F.1, proof"),
    statement=SupremumBound(lam, start, level, start**lam / level),
    domain=Domain(lam=Between(0, 1), r=Positive, s=Between(0, 1)),
    given=(*lemma_given, "eps' = exp(-r)"),
    reading="'with small enough epsilon > 0 and lambda > 0', as the line before has it",
    printed=_LEMMA,
)
claim(
    "004.lemf1.bound.any",
    "P[sup l >= eps'] <= l^lambda(x)/eps', for every lambda and eps'.",
    source=Source("004", "Lemma F.1, proof"),
    statement=SupremumBound(lam, s * eps, eps, (s * eps) ** lam / eps),
    domain=Domain(lam=Positive, eps=Positive, s=Between(0, 1)),
    given=lemma_given,
    reading="for every lambda for which the drift of l^lambda is not positive, also above 1, as Theorem E.1 has delta",
    stated=False,
    printed=_LEMMA,
)
claim(
    "004.lemf1.bound.any.repaired",
    "P[sup l >= eps'] <= l^lambda(x)/eps'^lambda, for every lambda and eps'.",
    source=Source("004", "Lemma F.1, proof"),
    statement=SupremumBound(lam, s * eps, eps, s**lam),
    domain=Domain(lam=Positive, eps=Positive, s=Between(0, 1)),
    given=lemma_given,
    repairs="004.lemf1.bound.any",
)

# E.2: the exit time.

loss, noise = sp.Function("L")(theta), sp.Function("D")(theta)
repelled = LocalDiffusion(
    theta, -sp.diff(loss, theta), 2 * noise, (Jet(loss, (l0, zero, -c)), Jet(noise, (zero, zero, q)))
)
for name, starts, words, repairs in (
    ("004.e2.tau", Starts.REAL, "any start in R", None),
    ("004.e2.tau.repaired", Starts.POSITIVE, "any start above 0", "004.e2.tau"),
):
    claim(
        name,
        f"Where L''(0) + D''(0)/2 < 0 there is eps > 0 such that the process reaches eps almost surely, from {words}.",
        source=Source("004", "E.2, first display"),
        statement=EscapesNear(repelled, starts),
        domain=Domain(q=Positive, c=Above(q / 2), l0=Real),
        given=("L'(0) = D(0) = D'(0) = 0, D''(0) = q > 0, L''(0) = -c",),
        repairs=repairs,
        note="From below 0 the same holds of -eps. A start above 0 is all that the conclusion needs."
        if repairs
        else "The proof follows Y, which is defined for starts above 0.",
        printed=r"\text{there exists } \epsilon > 0 \text{ such that the hitting time } \tau := \inf\{t \in \mathbb{R} "
        r": \theta_t \geq \epsilon\} \text{ is finite almost surely for any } x \in \mathbb{R}"
        if not repairs
        else "",
    )
