"""Mass concentration, exit times, stationary laws and their speed in the review: document 000, (13), (14), lists."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import AtLeast, Between, Integers, Positive, Real
from ...statements.extrema import Inequality
from ...statements.processes import LongTimeLimit
from ...symbols import dimension, positive, real

# Drift regime. Without noise, from x0 at time 0, the loss lam x^2/2 gives |x(t)| = R0 exp(-lam (t - t0)), R0 = |x(t0)|

R0, lam, t, t0, later, epsilon, sigma, alpha, a = positive("R0 lam t t0 s epsilon sigma alpha a")
BOX = Source("000", "boxed drift-regime theorem")
_still = (
    "Q = 0, which the box allows, the loss lam x^2/2 in one dimension, and all mass at one point, which has the "
    "distance R0 at t0: the inequality holds, with any beta < 1, exactly when that point is in the ball"
)
_box_printed = (
    r"\int_{|x| \leq R_0 e^{-\frac{\lambda}{2}(t-t_0)}} \rho(t, x) dx \geq \int_{|x| \leq R_0} \rho(t_0, x) dx "
    r"- \beta \quad \text{for } 0 < t < t_0 + T_\varepsilon"
)


def in_ball(elapsed: sp.Expr) -> Inequality:
    """Return the assertion that the point is in the ball of the box, `elapsed` after t0."""
    return Inequality(sp.Le(R0 * sp.exp(-lam * elapsed), R0 * sp.exp(-lam * elapsed / 2), evaluate=False))


claim(
    "000.drift.window",
    "The mass inequality of the box holds for all 0 < t < t0 + T.",
    source=BOX,
    statement=in_ball(t - t0),
    domain=Domain(R0=Positive, lam=Positive, t0=Positive, t=Between(0, t0)),
    given=(_still, "times before t0, which the printed window contains"),
    note="Before t0 the mass has still to come in; the window is t0 < t < t0 + T.",
    printed=_box_printed,
)
claim(
    "000.drift.window.repaired",
    "The mass inequality of the box holds for t0 < t < t0 + T.",
    source=BOX,
    statement=in_ball(later),
    domain=Domain(R0=Positive, lam=Positive, s=Positive),
    given=(_still, "s = t - t0 > 0"),
    repairs="000.drift.window",
)

# With noise, from a point at the rim: the loss lam x^2/2 and Q = sigma give a Gaussian law

deviation = epsilon * sp.sqrt(sigma * (1 - sp.exp(-2 * lam * later)) / lam)
margin = R0 * (sp.exp(-lam * later / 2) - sp.exp(-lam * later))
tolerance: Any = positive("beta")
claim(
    "000.drift.mass",
    "With any tolerance beta, the mass that is in the ball at t0 is in the shrinking ball soon afterwards, up to beta.",
    source=BOX,
    statement=Inequality(sp.Ge((1 + sp.erf(margin / (sp.sqrt(2) * deviation))) / 2, 1 - tolerance, evaluate=False)),
    domain=Domain(
        R0=Positive,
        lam=Positive,
        sigma=Positive,
        epsilon=Between(0, sp.Rational(1, 100)),
        beta=Between(0, sp.Rational(1, 2)),
        s=Between(0, epsilon**2 * sigma / (R0 * lam) ** 2),
    ),
    given=(
        "the loss lam x^2/2 and Q = sigma in one dimension, all mass at the rim x = R0 at t0; s = t - t0 is below "
        "epsilon^2 sigma/(R0 lam)^2, which T exceeds for every a and alpha once epsilon is small enough",
        "the left side, one-sided, is an upper bound of the mass in the ball",
    ),
    reading="every tolerance beta > 0 and every law at t0; the box does not say what beta is",
    printed=_box_printed,
    note="At the rim the drift gains a distance of order s, the noise one of order sqrt(s).",
)
reach: Any = positive("q")
claim(
    "000.drift.mass.repaired",
    "What is in the ball of half the radius at t0 is in the shrinking ball of the box up to beta, as long as "
    "T = (2/lam) log(R0/(a epsilon)) says, with a = 2 sqrt(sigma/(lam beta)).",
    source=BOX,
    statement=Inequality(
        sp.Le(
            epsilon**2 * sigma * (1 - reach**4) / lam,
            4 * sigma / (lam * a**2) * (R0 * reach - R0 * reach**2 / 2) ** 2,
            evaluate=False,
        )
    ),
    domain=Domain(
        R0=Positive,
        lam=Positive,
        sigma=Positive,
        a=Positive,
        epsilon=Between(0, R0 / a),
        q=Between(a * epsilon / R0, 1),
    ),
    given=(
        "the loss lam x^2/2 and Q <= sigma in one dimension, any start with |x| <= R0/2",
        "q = exp(-lam (t - t0)/2), so that t < t0 + T is q > a epsilon/R0; beta = 4 sigma/(lam a^2)",
        "Chebyshev's inequality: the variance of X is at most epsilon^2 sigma (1 - q^4)/lam, and its mean q^2 x is "
        "R0 q - R0 q^2/2 or more away from the rim R0 q",
    ),
    repairs="000.drift.mass",
)

scale, c = positive("z c")
duration = 2 / lam * sp.log(R0 * scale**alpha / a)
HORIZON = Source("000", "text after the boxed drift theorem")
claim(
    "000.drift.horizon",
    "The time T over which the box keeps the mass near the minimum is exponentially long in 1/epsilon.",
    source=HORIZON,
    statement=LongTimeLimit(duration * sp.exp(-c * scale), scale, sp.Integer(1)),
    domain=Domain(lam=Positive, R0=Positive, a=Positive, alpha=Positive, c=Positive),
    given=("z = 1/epsilon; T = (2/lam) log(R0/(a epsilon^alpha)) as in the box", "T ~ exp(c z) for some c > 0"),
    reading="'hence': the time T of the box",
    note="T grows like the logarithm of 1/epsilon; that the mass stays much longer is true, but not said by the box.",
    printed=r"T_\varepsilon = \frac{2}{\lambda} \log\left(\frac{R_0}{a\varepsilon^\alpha}\right), \quad "
    r"\text{an \emph{exponentially long} time in } \varepsilon",
)
claim(
    "000.drift.horizon.repaired",
    "The time T of the box grows like (2 alpha/lam) log(1/epsilon).",
    source=HORIZON,
    statement=LongTimeLimit(duration - 2 * alpha / lam * sp.log(scale), scale, 2 / lam * sp.log(R0 / a)),
    domain=Domain(lam=Positive, R0=Positive, a=Positive, alpha=Positive),
    given=("z = 1/epsilon; T = (2/lam) log(R0/(a epsilon^alpha)) as in the box",),
    repairs="000.drift.horizon",
)

# Diffusion regime: V bounds the mean exit time from below (above) where its generator is at least (at most) -1

inward, slack = sp.Symbol("g", nonnegative=True), sp.Symbol("f", nonnegative=True)
dimensions: Any = dimension("d")
_dynkin = (
    "Dynkin's formula: a function that vanishes on the rim, and whose generator is {} -1 inside, is {} the mean exit "
    "time; generator = -grad L . grad + epsilon^2 tr(Q Hess)"
)
claim(
    "000.eq13",
    "The mean exit time from a ball about the minimum of a convex loss is at least (R0^2 - r^2)/(2 epsilon^2 sigma d).",
    source=Source("000", "(13)"),
    statement=Inequality(
        sp.Ge(
            (2 * inward - 2 * epsilon**2 * (sigma * dimensions - slack)) / (2 * epsilon**2 * sigma * dimensions),
            -1,
            evaluate=False,
        )
    ),
    domain=Domain(g=AtLeast(0), f=AtLeast(0), epsilon=Positive, sigma=Positive, d=Integers(1)),
    given=(
        _dynkin.format("at least", "at most"),
        "the function (R0^2 - |x - x0|^2)/(2 epsilon^2 sigma d); g = (x - x0).grad L >= 0 at a minimum x0 of a convex "
        "loss, and tr Q = sigma d - f with f >= 0",
    ),
    reading="with the assumptions of item 1, which introduces sigma: the loss is convex in the ball, with minimum x0",
    printed=r"\mathbb{E}[\tau_x^{B_{R_0}}] \geq \frac{R_0^2 - r^2}{2\varepsilon^2 \sigma d}",
)
push: Any = positive("m")
claim(
    "000.eq13.any-loss",
    "Whatever the loss is, the mean exit time from a ball is at least (R0^2 - r^2)/(2 epsilon^2 sigma d).",
    source=Source("000", "(13)"),
    statement=Inequality(
        sp.Ge(
            R0 / push * sp.tanh(push * R0 / (2 * epsilon**2 * sigma)), R0**2 / (2 * epsilon**2 * sigma), evaluate=False
        )
    ),
    domain=Domain(R0=Positive, m=Positive, epsilon=Positive, sigma=Positive),
    given=("the loss -m x in one dimension, Q = sigma, from the centre: the left side is the mean exit time",),
    reading="any loss and any ball: the line of (13) names no assumption",
    stated=False,
)
radius, beta, Lam = positive("R0 beta Lam")
s: Any = real("s")
stronger: Any = sp.Symbol("e", nonnegative=True)
weaker: Any = sp.Symbol("k", nonnegative=True)
kappa = Lam / (2 * beta * epsilon**2)
bound = 2 / Lam * (sp.exp(kappa * radius**2) - sp.exp(kappa * s**2))
claim(
    "000.eq14",
    "The printed upper bound holds for the mean exit time from |v.x| < R0 at |v.x| = r.",
    source=Source("000", "(14)"),
    statement=Inequality(
        sp.Le(
            sp.simplify(-s * (Lam - weaker) * sp.diff(bound, s) * sp.exp(-kappa * s**2))
            + sp.simplify(epsilon**2 * (beta + stronger) * sp.diff(bound, s, 2) * sp.exp(-kappa * s**2)),
            -sp.exp(-kappa * s**2),
            evaluate=False,
        )
    ),
    domain=Domain(s=Real, k=AtLeast(0), e=AtLeast(0), Lam=Positive, beta=Positive, epsilon=Positive),
    given=(
        _dynkin.format("at most", "at least"),
        "the function (2/Lam)(exp(Lam R0^2/(2 beta epsilon^2)) - exp(Lam s^2/(2 beta epsilon^2))) of s = v.x; its "
        "generator, both sides times exp(-Lam s^2/(2 beta epsilon^2))",
        "v.grad L = s (Lam - k) with k >= 0 and v.Q v = beta + e with e >= 0, as the conditions of (14) say",
    ),
    reading="Omega = {|v.x| < R0} and r = |v.x|; the line does not define Omega",
    note="The bound is not sharp: 1/Lam in place of 2/Lam is enough.",
    printed=r"\mathbb{E}[\tau_x^\Omega] \leq \frac{2}{\Lambda} \left(e^{\frac{\Lambda R_0^2}{2\beta\varepsilon^2}} "
    r"- e^{\frac{\Lambda r^2}{2\beta\varepsilon^2}} \right)",
)
claim(
    "000.eq14.sharper",
    "The mean exit time from |v.x| < R0 at |v.x| = r is at most half of the printed bound.",
    source=Source("000", "(14)"),
    statement=Inequality(
        sp.Le(
            sp.simplify(-s * (Lam - weaker) * sp.diff(bound / 2, s) * sp.exp(-kappa * s**2))
            + sp.simplify(epsilon**2 * (beta + stronger) * sp.diff(bound / 2, s, 2) * sp.exp(-kappa * s**2)),
            -sp.exp(-kappa * s**2),
            evaluate=False,
        )
    ),
    domain=Domain(s=Real, k=AtLeast(0), e=AtLeast(0), Lam=Positive, beta=Positive, epsilon=Positive),
    given=("as for 000.eq14, with 1/Lam in place of 2/Lam",),
    reading="a sharper bound, which the document does not print",
    stated=False,
)
top: Any = positive("b")
pull: Any = real("p")
noise: Any = positive("beta")
exponent = (top + 1) / (epsilon**2 * noise)
claim(
    "000.onedir",
    "Noise that does not vanish in one direction gives a finite mean exit time, however degenerate it is otherwise.",
    source=Source("000", "text after (14)"),
    statement=Inequality(sp.Le(pull - epsilon**2 * (noise + stronger) * exponent, -1, evaluate=False)),
    domain=Domain(
        b=Positive,
        p=Between(-top, top),
        epsilon=Positive,
        beta=Positive,
        e=AtLeast(0),
    ),
    given=(
        _dynkin.format("at most", "at least"),
        "the finite function (exp(2 K R0) - exp(K (s + R0)))/K of s = v.x with K = (b + 1)/(epsilon^2 beta)",
        "|p| < b with p = v.grad L, which is bounded in a bounded set; v.Q v = beta + e with e >= 0; the generator is "
        "the left side times exp(K (s + R0)), which is at least 1",
    ),
    reading="one fixed direction v, as in (14)",
    printed=r"\text{Even very degenerate noise gives finite escape times as soon as it is non-zero in \emph{one} "
    r"direction.}",
)
