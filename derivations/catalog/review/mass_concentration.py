"""Mass concentration near a minimum: document 000, boxed drift-regime theorem and the text after it."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import AtLeast, Between, Integers, Positive
from ...statements.extrema import Inequality
from ...statements.processes import LongTimeLimit
from ...symbols import dimension, positive

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


point: Any = positive("x0")
convexity: Any = sp.Symbol("k", nonnegative=True)
claim(
    "000.drift.window",
    "The mass inequality of the box holds for all 0 < t < t0 + T.",
    source=BOX,
    statement=Inequality(sp.Le(R0 * sp.exp(-lam * (t - t0)), R0 * sp.exp(-lam * (t - t0) / 2), evaluate=False)),
    domain=Domain(R0=Positive, lam=Positive, t0=Positive, t=Between(0, t0)),
    given=(_still, "times before t0, which the printed window contains"),
    note="Before t0 the mass has still to come in; the window is t0 < t < t0 + T.",
    printed=_box_printed,
)
claim(
    "000.drift.window.repaired",
    "Without noise, Q = 0, the mass inequality of the box holds for t0 < t, for any lambda-convex loss.",
    source=BOX,
    statement=Inequality(
        sp.Le(point * sp.exp(-(lam + convexity) * later), R0 * sp.exp(-lam * later / 2), evaluate=False)
    ),
    domain=Domain(R0=Positive, lam=Positive, k=AtLeast(0), s=Positive, x0=Between(0, R0)),
    given=(
        "Q = 0, any dimension, minimum at 0, x.grad L >= lam |x|^2; x0 < R0 is the distance of a point of the ball at "
        "t0, s = t - t0 > 0",
        "its distance is x0 exp(-(lam + k) s), where k >= 0 is the mean over the path of x.grad L/|x|^2 - lam: what is "
        "in the ball at t0 is in the smaller ball of the box",
    ),
    repairs="000.drift.window",
)

# With noise, from a point at the rim: the loss lam x^2/2 and Q = sigma give a Gaussian law

deviation = epsilon * sp.sqrt(sigma * (1 - sp.exp(-2 * lam * later)) / lam)
margin = R0 * (sp.exp(-lam * later / 2) - sp.exp(-lam * later))
tolerance: Any = positive("beta")
claim(
    "000.drift.mass",
    "With any tolerance beta, the mass that is in the ball at t0 is in the shrinking ball soon afterwards, up to beta: "
    "a quadratic loss in one dimension.",
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
    reading="every tolerance beta < 1/2 and every law at t0",
    stated=False,
    printed=_box_printed,
    note="The box does not say what beta is: it may depend on the law at t0. At the rim the drift gains a distance of "
    "order s, the noise one of order sqrt(s), so that soon after t0 about half of the mass is outside.",
)
reach: Any = positive("q")
dimensions: Any = dimension("d")
claim(
    "000.drift.mass.repaired",
    "For an everywhere lambda-convex loss in d dimensions, what is in half of the ball at t0 is in the shrinking ball "
    "of the box up to beta, as long as T = (2/lam) log(R0/(a epsilon)) says, with a = 2 sqrt(sigma d/(lam beta)).",
    source=BOX,
    statement=Inequality(
        sp.Le(
            epsilon**2 * sigma * dimensions * (1 - reach**4) / lam,
            4 * sigma * dimensions / (lam * a**2) * (R0 * reach - R0 * reach**2 / 2) ** 2,
            evaluate=False,
        )
    ),
    domain=Domain(
        R0=Positive,
        lam=Positive,
        sigma=Positive,
        a=Positive,
        d=Integers(1),
        epsilon=Between(0, R0 / a),
        q=Between(a * epsilon / R0, 1),
    ),
    given=(
        "L is lambda-convex everywhere, with minimum 0, and Q <= sigma I; any start with |x| <= R0/2",
        "q = exp(-lam (t - t0)/2), so that t < t0 + T is q > a epsilon/R0; beta = 4 sigma d/(lam a^2)",
        "the path y without noise has |y| <= q^2 R0/2, and by Ito's formula E|X - y|^2 falls at the rate 2 lam or more "
        "and grows by 2 epsilon^2 sigma d at most, so that it is at most epsilon^2 sigma d (1 - q^4)/lam",
        "Chebyshev's inequality: y is R0 q - R0 q^2/2 or more away from the rim R0 q",
    ),
    repairs="000.drift.mass",
)

scale, c, amount = positive("z c A")
duration = 2 / lam * sp.log(R0 * scale**alpha / a)
HORIZON = Source("000", "text after the boxed drift theorem")
claim(
    "000.drift.horizon",
    "The time T over which the box keeps the mass near the minimum is exponentially long in 1/epsilon.",
    source=HORIZON,
    statement=LongTimeLimit(duration * sp.exp(-c * scale), scale, amount),
    domain=Domain(lam=Positive, R0=Positive, a=Positive, alpha=Positive, c=Positive, A=Positive),
    given=(
        "z = 1/epsilon; T = (2/lam) log(R0/(a epsilon^alpha)) as in the box",
        "T ~ A exp(c z) for some A > 0 and c > 0",
    ),
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
