"""Bounds of mean exit times in the review: document 000, (13), (14) and the text after them."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import AtLeast, Between, Integers, Positive, Real
from ...statements.extrema import Inequality
from ...symbols import dimension, positive, real

# Diffusion regime: V bounds the mean exit time from below (above) where its generator is at least (at most) -1

R0, epsilon, sigma = positive("R0 epsilon sigma")
dimensions: Any = dimension("d")
inward, slack = sp.Symbol("g", nonnegative=True), sp.Symbol("f", nonnegative=True)
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
