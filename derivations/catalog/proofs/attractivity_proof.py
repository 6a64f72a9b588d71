"""The proofs behind stochastic attraction: document 004, Appendix E and Lemma F.1, step by step.

A step is a claim of its own. Where a step fails, that the theorem survives is another claim (004.thm4.1).
"""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...processes.sde import SDE
from ...ranges import Above, Between, Positive, Real
from ...statements.attractivity import Attractive
from ...statements.distances import DistanceDrift
from ...statements.extrema import Inequality
from ...statements.function_limits import FunctionLimit, Jet
from ...statements.processes import SDETransform
from ...symbols import positive, real

theta, m, m2, m3, d3, d4 = real("theta m m2 m3 d3 d4")
delta, eps, q, kappa = positive("delta eps q kappa")
half = sp.Rational(1, 2)

# Theorem E.1 and Lemma F.1: the sign of the drift. Around A = {0} on the line, grad_n n^T mu = m, the second
# derivative of n^T D n and of Tr D_perp is q.

line = SDE(theta, m * theta + m2 * theta**2 + m3 * theta**3, sp.sqrt(q) * theta * (1 + d3 * theta + d4 * theta**2))
line_domain = Domain(delta=Positive, q=Above(delta), m=Real, m2=Real, m3=Real, d3=Real, d4=Real)
line_given = (
    "one coordinate, A = {0}: mu = m x + m2 x^2 + m3 x^3, D = q x^2 (1 + d3 x + d4 x^2)^2 / 2",
    "(26): D'' = q > delta",
    "attractive in the sense of Definition 4.1",
)
as_printed = Attractive(line, (0,), sp.Gt(m + (half - delta) * q, 0, evaluate=False), "if")
with_minus = Attractive(line, (0,), sp.Gt(-m + (half - delta) * q, 0, evaluate=False), "if")

for name, place, words, sign_note in (
    ("004.thme1.cond", "Theorem E.1, (25)-(27)", "the invariant origin of a process on the line is attractive", ""),
    (
        "004.lemf1.box",
        "Lemma F.1",
        "the origin is attractive for a process on the line that is stopped where it leaves a box",
        "Rests on Theorem E.1, and fails by the same sign; stopping away from the origin changes nothing near it.",
    ),
):
    claim(
        name,
        f"If (26) and (27) hold with + grad_n n^T mu, {words}.",
        source=Source("004", place),
        statement=as_printed,
        domain=line_domain,
        given=line_given,
        note=sign_note,
        printed=r"\nabla_{\hat{n}} \hat{n}^\top \mu + \nabla_{\hat{n}}^2 \left(-\frac{1}{2} \text{Tr} D_\perp "
        r"+ (1 - \delta) \hat{n}^\top D \hat{n} \right) > 0",
    )
    claim(
        f"{name}.repaired",
        f"If (26) and (27) hold with - grad_n n^T mu, {words}.",
        source=Source("004", place),
        statement=with_minus,
        domain=line_domain,
        given=line_given,
        repairs=name,
        note="With mu = -grad L this is (6) of Theorem 4.2.",
    )

t, g, w = positive("t g w")
claim(
    "004.thme1.cond.drift",
    "In any dimension, (26) and (27) with - grad_n n^T mu make the leading term of the drift of l^delta negative.",
    source=Source("004", "E.1, after (28)"),
    statement=Inequality(
        sp.Lt(delta * ((2 * (1 - delta) * g - t - w) + t + (delta - 2) * g), 0, evaluate=False),
    ),
    domain=Domain(delta=Positive, g=Above(delta / 2), t=Positive, w=Positive),
    given=(
        "at distance r along n: D_nn = g r^2, Tr D_perp = t r^2, n^T mu = a r to leading order",
        "(26): 2 g > delta; (27) with the sign of the repair: -a - t + 2 (1 - delta) g = w > 0",
        "the generator (28) with + lambda l^(lambda-2) x^T P mu, lambda = delta",
    ),
    stated=False,
    reading="the drift of l^delta over l^delta, to leading order at A",
)

# The ratio of (29), (30): functions of the distance xi along the normal, n^T mu = s, Tr D_perp = T, G = n^T D n.

xi: sp.Symbol = positive("xi")
s1, t2 = real("s1 t2")
g2: sp.Symbol = positive("g2")
push, spread, along = sp.Function("s")(xi), sp.Function("T")(xi), sp.Function("G")(xi)
on_normal = (Jet(push, (sp.Integer(0), s1)), Jet(spread, (sp.Integer(0), sp.Integer(0), t2)))
radial = Jet(along, (sp.Integer(0), sp.Integer(0), g2))
numerator = -xi * push + spread
normal_given = (
    "x = x_par + xi n with n normal to A, so that x^T P mu = xi n^T mu; A contains the origin, as x_par^T P = 0 needs",
    "on A: P mu = 0 and D_perp = 0, and so the first derivative of Tr D_perp and n^T D n along n vanishes",
)
claim(
    "004.eq29",
    "At A, the second derivative along n of F = -x^T P mu + Tr D_perp is -2 grad_n n^T mu + grad_n^2 Tr D_perp.",
    source=Source("004", "E.1 (29)"),
    statement=FunctionLimit(
        sp.diff(numerator, xi, 2),
        xi,
        (Jet(push, (sp.Integer(0), s1, real("s2"))), Jet(spread, (sp.Integer(0), sp.Integer(0), t2))),
        -2 * s1 + t2,
    ),
    domain=Domain(s1=Real, s2=Real, t2=Real),
    given=normal_given,
    printed=r"\nabla_{\hat{n}}^2 F(x_{\parallel}) = -x_{\parallel}^{\top} P_{\perp} \nabla_{\hat{n}}^2 \mu - "
    r"2\nabla_{\hat{n}} \hat{n}^{\top} \mu + \nabla_{\hat{n}}^2 \text{Tr } D_{\perp} = -2\nabla_{\hat{n}} "
    r"\hat{n}^{\top} \mu + \nabla_{\hat{n}}^2 \text{Tr } D_{\perp}",
)
claim(
    "004.eq30",
    "F/(2G) tends to (-2 grad_n n^T mu + grad_n^2 Tr D_perp) / (2 n^T grad_n^2 D n) at A.",
    source=Source("004", "E.1 (30)"),
    statement=FunctionLimit(numerator / (2 * along), xi, (*on_normal, radial), (-2 * s1 + t2) / (2 * g2)),
    domain=Domain(s1=Real, t2=Real, g2=Positive),
    given=(*normal_given, "(26): the second derivative of G = n^T D n along n is positive"),
    printed=r"\lim_{\xi \rightarrow 0} \frac{F(x_{\parallel} + \xi \hat{n})}{2G(x_{\parallel} + \xi \hat{n})} = "
    r"\frac{-2\nabla_{\hat{n}} \hat{n}^{\top} \mu(x_{\parallel}) + \nabla_{\hat{n}}^2 \text{Tr } "
    r"D_{\perp}(x_{\parallel})}{2\hat{n}^{\top} \nabla_{\hat{n}}^2 D(x_{\parallel}) \hat{n}}",
)

# E.2: the necessary condition.

x: sp.Symbol = positive("x")
y: sp.Symbol = real("y")
steepness: sp.Symbol = positive("c")
claim(
    "004.e2.dy",
    "Y = 2^(-1/2) int D^(-1/2) obeys dY = D^(-1/2) (-L' - D'/2) dt + dW; for L' = -c x, D = q x^2/2.",
    source=Source("004", "E.2, second display"),
    statement=SDETransform(
        SDE(x, steepness * x, sp.sqrt(q) * x),
        sp.log(2 * x / eps) / sp.sqrt(q),
        SDE(y, sp.sqrt(2 / q) * (steepness - q / 2), sp.Integer(1)),
    ),
    domain=Domain(q=Positive, c=Above(q / 2), eps=Positive, x=Positive),
    given=(
        "dtheta = -L' dt + sqrt(2 D) dW on x > 0; Y(x) = 2^(-1/2) int_(eps/2)^x D^(-1/2)",
        "c > q/2, as E.2 assumes L'' + D''/2 < 0 at 0",
    ),
    printed=r"dY_t = D^{-1/2} \left(-\mathcal{L}'(\theta_{t \wedge \tau}) - \frac{1}{2}D'(\theta_{t \wedge \tau}) "
    r"\right) dt + dW_t",
)
loss, noise = sp.Function("L")(x), sp.Function("D")(x)
value_d: sp.Symbol = positive("d0")
slope_d, slope_l = real("d1 l1")
root = 1 / sp.sqrt(2 * noise)
claim(
    "004.e2.dy.repaired",
    "Y obeys dY = (2 D)^(-1/2) (-L' - D'/2) dt + dW: the drift of Y by Ito's formula, for all L and D > 0.",
    source=Source("004", "E.2, second display"),
    statement=FunctionLimit(
        -root * sp.diff(loss, x) + noise * sp.diff(root, x),
        x,
        (Jet(loss, (sp.Integer(0), slope_l)), Jet(noise, (value_d, slope_d))),
        (-slope_l - slope_d / 2) / sp.sqrt(2 * value_d),
    ),
    domain=Domain(d0=Positive, d1=Real, l1=Real),
    given=(
        "Y' = (2 D)^(-1/2), so that the drift of Y is -Y' L' + D Y'' and its variance rate 2 D Y'^2 = 1",
        "the value at any point, moved to x = 0: D = d0, D' = d1, L' = l1 there",
    ),
    repairs="004.e2.dy",
)

# The drift of a power of the distance, before (28).

lam, far = positive("lam l")
towards, trace = real("push"), positive("spread")
radial_part = kappa * trace * far**2
second_order = lam * far ** (lam - 2) * trace + lam * (lam - 2) * far ** (lam - 4) * radial_part
distance_given = (
    "(25) in any dimension; A contains the origin, as theta^T P_perp needs; l > 0",
    "push = theta^T P mu, spread = Tr D_perp, theta^T D_perp theta = kappa l^2 spread with 0 < kappa < 1",
)
distance_domain = Domain(lam=Positive, l=Positive, push=Real, spread=Positive, kappa=Between(0, 1))
distance_place = Source("004", "E.1, display before (28)")
PRINTED_28 = (
    r"dl^\lambda(\tilde{\theta}_t) = \left(-\lambda l^{\lambda-2}(\tilde{\theta}_t) \theta_t^\top P_\perp \mu + "
    r"\lambda l^{\lambda-2}(\tilde{\theta}_t) \text{Tr} D_\perp + \lambda(\lambda - 2) l^{\lambda-4}(\tilde{\theta}_t) "
    r"\left(\theta_t^\top D_\perp \tilde{\theta}_t \right) \right) dt + \ldots"
)
for name, sign, words, repaired in (
    ("004.e1.distance", -1, "-", None),
    ("004.e1.distance.repaired", 1, "+", "004.e1.distance"),
):
    claim(
        name,
        f"The drift of l^lambda under (25) contains {words} lambda l^(lambda-2) theta^T P mu.",
        source=distance_place,
        statement=DistanceDrift(
            lam, far, towards, trace, radial_part, sign * lam * far ** (lam - 2) * towards + second_order
        ),
        domain=distance_domain,
        given=distance_given,
        repairs=repaired,
        note="The root of 004.thme1.cond: the display is right for mu = + grad L, a drift of -mu."
        if repaired is None
        else "",
        printed=PRINTED_28 if repaired is None else "",
    )
claim(
    "004.e1.trace",
    "The second-order part of the drift of l^lambda is lambda l^(lambda-2) Tr D_perp + lambda (lambda-2) l^(lambda-4) "
    "theta^T D_perp theta.",
    source=distance_place,
    statement=DistanceDrift(lam, far, sp.Integer(0), trace, radial_part, second_order),
    domain=Domain(lam=Positive, l=Positive, spread=Positive, kappa=Between(0, 1)),
    given=(*distance_given, "mu = 0"),
    printed=PRINTED_28,
)
