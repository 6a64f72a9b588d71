"""Further steps of the proof of Theorem E.1, and what noise does to a distance: document 004, E.1 and abstract."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, AtLeast, Between, Integers, Positive, Real
from ...statements.extrema import Inequality
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

lam, ell, g, xi, eps, L, delta = positive("lambda ell g xi epsilon L delta")
F, t, s1, a, b, h, rho = real("F t s1 a b h rho")
r: sp.Symbol = dimension("r")

claim(
    "004.e1.factor",
    "The drift of l^lambda is 2 lambda l^(lambda-2) G (F/(2 G) - 1 + lambda/2).",
    source=Source("004", "E.1, after (28)"),
    statement=Identity(
        lam * ell ** (lam - 2) * F + lam * (lam - 2) * ell ** (lam - 4) * (ell**2 * g),
        2 * lam * ell ** (lam - 2) * g * (F / (2 * g) - 1 + lam / 2),
    ),
    domain=Domain(**{"lambda": Positive}, ell=Positive, g=Positive, F=Real),
    given=("(28) with F = -x^T P mu + Tr D_perp, and x^T D_perp x = l^2 G with G = n^T D n, n = P x / l",),
    printed=r"\tilde{A}l^\lambda(x) = 2\lambda l^{\lambda-2}(x) G(x) \left(\frac{F(x)}{2G(x)} - 1 + \lambda/2 \right)",
)
claim(
    "004.eq30.bound",
    "(27) makes the limit (30) smaller than 1 - delta.",
    source=Source("004", "E.1 (30), inequality"),
    statement=Inequality(sp.Lt((-2 * s1 + t) / (2 * g), 1 - delta, evaluate=False)),
    domain=Domain(delta=Positive, g=Above(delta), t=Real, s1=Above(t / 2 - (1 - delta) * g)),
    given=(
        "grad_n n^T mu = s1, grad_n^2 Tr D_perp = t, grad_n^2 n^T D n = g > delta by (26)",
        "(27) as printed: s1 - t/2 + (1 - delta) g > 0; F of the proof has the sign of the printed drift of l^lambda",
    ),
    printed=r"\frac{-2\nabla_{\hat{n}} \hat{n}^\top \mu(x_{\parallel}) + \nabla_{\hat{n}}^2 \text{Tr } "
    r"D_{\perp}(x_{\parallel})}{2\hat{n}^\top \nabla_{\hat{n}}^2 D(x_{\parallel}) \hat{n}} < 1 - \delta",
)

# Lipschitz constants of the second derivatives of F and of its quotient with G.

second = Source("004", "E.1, after (30)")
along_normal = Domain(
    L=Positive,
    xi=Positive,
    r=Integers(1),
    a=Between(-L * xi, L * xi),
    b=Between(-L, L),
    h=Between(-r * L * xi, r * L * xi),
)
second_given = (
    "along a normal n: F = -xi s + T with s = n^T mu, T = Tr D_perp, a sum of r entries of D, r the codimension of A",
    "a, h: changes of s' and of T'' from 0 to xi; b = s''. First derivatives of mu and second derivatives of "
    "entries of D are L-Lipschitz",
    "F'' = -2 s' - xi s'' + T''",
)
for suffix, factor, words in (("", sp.Integer(1), "L"), (".repaired", 3 + r, "(3 + r) L")):
    claim(
        f"004.e1.second{suffix}",
        f"Along a normal the second derivative of F changes by at most {words} times the distance.",
        source=second,
        statement=Inequality(sp.Le(sp.Abs(-2 * a - xi * b + h), factor * L * xi, evaluate=False)),
        domain=along_normal,
        given=second_given,
        repairs="004.e1.second" if suffix else None,
        note="" if suffix else "With mu = L x^2/2 in one dimension the change is 3 L xi.",
        printed=""
        if suffix
        else r"\text{By the assumed Lipschitz property of the derivatives of } \mu \text{ and } D, \nabla_{\hat{n}}^2 "
        r"F(x) \text{ and } \nabla_{\hat{n}}^2 G(x) \text{ are } L\text{-Lipschitz}",
    )
denominators = Domain(
    g=Positive, L=Positive, epsilon=Between(0, g / L), xi=Between(0, eps), rho=Between(-L * xi**3 / 6, L * xi**3 / 6)
)
denominators_given = (
    "G vanishes at A with its first derivative, and its second derivative, g at A, is L-Lipschitz: G = g xi^2/2 + rho "
    "with abs(rho) <= L xi^3/6",
    "0 < xi < epsilon, with epsilon so small that g - L epsilon > 0",
)
for suffix, bound, words in (
    ("", (g - L * eps) * eps**2, "(grad_n^2 G - L epsilon) epsilon^2"),
    (".repaired", (g - L * xi) * xi**2 / 2, "(grad_n^2 G - L xi) xi^2/2"),
):
    claim(
        f"004.e1.denominator{suffix}",
        f"At the distance xi from A, G is at least {words}.",
        source=Source("004", "E.1, long display, first inequality"),
        statement=Inequality(sp.Ge(g * xi**2 / 2 + rho, bound, evaluate=False)),
        domain=denominators,
        given=denominators_given,
        repairs="004.e1.denominator" if suffix else None,
        printed=""
        if suffix
        else r"\left| \frac{G \nabla_{\hat{n}} F - F \nabla_{\hat{n}} G}{G^2} \right| \leq \frac{\ldots}{"
        r"((\nabla_{\hat{n}}^2 G(x_{\parallel}) - L\epsilon)\epsilon^2)^2}",
    )

# More noise, more attraction: by the drift of the logarithm of the distance.

trace: sp.Symbol = positive("t")
shares_given = (
    "at distance l along n: n^T D n = g l^2, Tr D_perp = t l^2; the noise adds t - 2 g to the drift of log l, as "
    "-zeta^2/2 for geometric Brownian motion",
)
claim(
    "004.abstract.noise",
    "Noise that vanishes on A adds a negative drift to the logarithm of the distance from A.",
    source=Source("004", "abstract"),
    statement=Inequality(sp.Lt(trace - 2 * g, 0, evaluate=False)),
    domain=Domain(g=Positive, t=AtLeast(g)),
    given=(
        *shares_given,
        "six losses theta^T (1 + k G) theta/2 in R^4, G = +-G_1, +-G_2, +-G_3 symmetric with G_i G_j + G_j G_i = 2 for "
        "i = j and 0 otherwise, have t >= 3 g in every direction",
    ),
    reading="for every invariant set, as the abstract names no condition; what it reports are sets in one dimension "
    "and a scalar neuron",
    stated=False,
    printed=r"\text{Remarkably, we find that an increased level of noise strengthens attractivity}",
)
claim(
    "004.abstract.noise.repaired",
    "Noise adds a negative drift to the logarithm of the distance where Tr D_perp < 2 n^T D n, as in one dimension.",
    source=Source("004", "abstract"),
    statement=Inequality(sp.Lt(trace - 2 * g, 0, evaluate=False)),
    domain=Domain(g=Positive, t=Between(g / 2, 2 * g)),
    given=(*shares_given, "with one normal direction t = g"),
    repairs="004.abstract.noise",
)
