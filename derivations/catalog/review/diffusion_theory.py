"""The diffusion theory of SGD: noise along the Hessian, escape times: document 000, (6-7) and (Thm 3.2)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.networks import NetworkSetting
from ...processes.sde import SDE
from ...ranges import AtLeast, Between, Integers, Positive, Real
from ...statements.euler_steps import EulerStep, RandomUpdate
from ...statements.extrema import Inequality
from ...statements.networks import GradientNoiseCovariance
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real
from .kramers import amount, at_min, barrier, escape, half, height, position, ratio, steepness, temperature, z

# Diffusion theory: noise along the Hessian

sigma = sp.Symbol("sigma", nonnegative=True)
batch: Any = dimension("B")
XIE = Source("000", "(6-7)")
_aligned = r"C(\theta) \approx \frac{1}{B} H(\theta), \quad D(\theta) = \frac{\eta}{2B} H(\theta)"
for name, level, title, more in (
    (
        "000.xie.cov-min",
        sigma,
        "At a minimum of linear regression the covariance of the gradient noise of one sample is the Hessian.",
        {
            "printed": _aligned,
            "reading": "for every loss and every scale of the labels; the passage names no loss",
            "stated": False,
            "note": "At a minimum that fits every sample there is no noise at all. For a negative log-likelihood at "
            "its minimum it stands: 000.xie.cov-min.repaired.",
        },
    ),
    (
        "000.xie.cov-min.repaired",
        sp.Integer(1),
        "At the minimum of a well-specified Gaussian likelihood the covariance of the gradient noise of one sample is "
        "the Hessian.",
        {"repairs": "000.xie.cov-min", "reading": "the loss is a negative log-likelihood", "printed": _aligned},
    ),
):
    setting = NetworkSetting(loss_scale=half, data="teacher", depth=1, label_noise=level, at_teacher=True)
    identity = sp.Identity(setting.inputs * setting.outputs)
    claim(
        name,
        title,
        source=XIE,
        statement=GradientNoiseCovariance(setting, ("1",), ("1",), identity),
        domain=Domain(
            **{d.name: Integers(1) for d in (setting.inputs, setting.outputs)},
            **({"sigma": AtLeast(0)} if level is sigma else {}),
        ),
        given=(
            "B = 1; linear regression of any size, loss |W x - y|^2/2, x ~ N(0, I), y = M x + noise of covariance "
            f"{'sigma^2 I' if level is sigma else 'I, so that the loss is a negative log-likelihood'}, at W = M",
            "the Hessian is the identity",
        ),
        **dict[str, Any](more),
    )
g, curvature = real("g H_e")
count: Any = positive("B")
claim(
    "000.xie.cov-saddle",
    "At a saddle the variance of the gradient noise along an eigenvector of the Hessian is its eigenvalue over B.",
    source=XIE,
    statement=Identity(g**2 / batch, curvature / batch),
    domain=Domain(B=Integers(1), g=Real, H_e=Between(-1, 0)),
    given=(
        "two samples whose gradients along the eigenvector are g and -g; the eigenvalue H_e is negative, as a saddle "
        "has one",
    ),
    printed=_aligned,
    note="A variance is not negative, whatever the loss; (Thm 3.2) has the modulus of the eigenvalue.",
)
claim(
    "000.xie.cov-saddle.repaired",
    "At a saddle, along an eigenvector of negative eigenvalue, the variance of the gradient noise exceeds the "
    "eigenvalue over B.",
    source=XIE,
    statement=Inequality(sp.Gt(g**2 / batch, curvature / batch, evaluate=False)),
    domain=Domain(B=Integers(1), g=Real, H_e=Between(-1, 0)),
    given=("two samples whose gradients along the eigenvector are g and -g",),
    repairs="000.xie.cov-saddle",
)
u, v = real("u v")
eta: Any = positive("eta")
L = sp.Function("L", real=True)(u, v)
gradient = [sp.diff(L, w) for w in (u, v)]
root = sp.Matrix(2, 2, lambda i, j: sp.Function(f"R_{i + 1}{j + 1}", real=True)(u, v))
draws = real("z1 z2")
claim(
    "000.xie.d",
    "With noise of covariance H/B a step of SGD is a step of d theta = -grad L dt + sqrt(2 D) dW, D = (eta/2B) H, for "
    "two parameters.",
    source=XIE,
    statement=EulerStep(
        RandomUpdate(
            (u, v),
            tuple(
                -eta * (s + sum(root[i, j] * draws[j] for j in range(2)) / sp.sqrt(batch))
                for i, s in enumerate(gradient)
            ),
            tuple((d, sp.Integer(1)) for d in draws),
        ),
        SDE((u, v), [-s for s in gradient], sp.sqrt(eta / batch) * root),
        eta,
    ),
    domain=Domain(u=Real, v=Real, eta=Positive, B=Integers(1)),
    given=("two parameters; H = R R^T, so that 2 D = (eta/B) R R^T",),
    printed=r"d\theta_t = -\nabla L(\theta_t) dt + \sqrt{2D(\theta_t)} dW_t, \quad " + _aligned,
)

# Theorem 3.2 and its corollaries

at_saddle, more_batch = positive("H_b b")
path: Any = positive("s")
action = 2 * barrier * (path / at_min + (1 - path) / at_saddle)
THEOREM, COROLLARY = Source("000", "(Thm 3.2)"), Source("000", "corollaries of (Thm 3.2)")
_theorem = "tau = (2 pi/|H_b|) exp[(2 B DeltaL/eta)(s/H_a + (1 - s)/|H_b|)], 0 < s < 1, with H_b for |H_b,e|"


def printed_time(ratio: sp.Expr) -> sp.Expr:
    """Return the escape time of (Thm 3.2) at B/eta = `ratio`."""
    return 2 * sp.pi / at_saddle * sp.exp(ratio * action)


_curvatures = {"DeltaL": Positive, "H_a": Positive, "H_b": Positive, "s": Between(0, 1)}
# One dimension, minimum 0 and saddle 1: L' = h x (1 - x)(1 + m x) has the curvatures h and -h (1 + m) there, and
# D = (eta/2B) h (1 + m x) is (eta/2B) |H| at both. On the way 2 L'/(2 D) = 2 x (1 - x) B/eta.

factor = 1 / (2 + steepness)
printed_exponent = 2 * height * (factor / at_min + (1 - factor) / (at_min * (1 + steepness)))
for name, prefactor, words in (
    ("000.thm3.2.prefactor", 2 * sp.pi / (at_min * (1 + steepness)), "2 pi/|H_b|, H_b the curvature at the saddle"),
    ("000.thm3.2.prefactor.repaired", 2 * sp.pi / at_min, "2 pi/H_a, H_a the curvature at the minimum"),
):
    repairs = name.removesuffix(".repaired") if name.endswith(".repaired") else None
    claim(
        name,
        f"The mean escape time of the equation displayed above (Thm 3.2), in one dimension, has the prefactor {words}.",
        source=THEOREM,
        statement=escape(
            ratio * at_min * (1 + steepness * position), prefactor * sp.exp(sp.cancel(printed_exponent) / ratio)
        ),
        domain=Domain(H_a=Positive, m=Between(0, 1), c=Positive),
        given=(
            "one dimension, c = eta/B; L' = H_a x (1 - x)(1 + m x) with minimum 0 and saddle 1, H_b = -H_a (1 + m); "
            "2 D = c H_a (1 + m x), which is c |H| at both, and positive on the way",
            "the path factor s = 1/(2 + m), with which the exponent is the right one; reflected at -1/2, up to 5/4",
            "the Ito sense: the equation is (11) with Q = B C, whose Fokker-Planck equation is printed in (12)",
        ),
        repairs=repairs,
        printed=r"\tau_{a \rightarrow b} = 2\pi \frac{1}{|H_{b,e}|} \exp\left[\frac{2B \Delta L}{\eta} "
        r"\left(\frac{s}{H_{a,e}} + \frac{1-s}{|H_{b,e}|}\right)\right]"
        if repairs is None
        else "",
        note="With div(D grad p), a different equation, which (12) excludes, the printed prefactor is right."
        if repairs is None
        else "",
    )
claim(
    "000.xie.flat",
    "As the minimum becomes flat, H_a = 1/z, the time of (Thm 3.2) grows like exp[2 B DeltaL/(eta H_a)].",
    source=COROLLARY,
    statement=LongTimeLimit(printed_time(count).subs(at_min, 1 / z) * sp.exp(-2 * count * barrier * z), z, amount),
    domain=Domain(B=Positive, DeltaL=Positive, H_b=Positive, s=Between(0, 1), A=Positive),
    given=(_theorem, "B stands for B/eta; the two agree up to any constant factor A"),
    note="The exponent of (Thm 3.2) has the factor s < 1.",
    printed=r"\tau \text{ grows like } \exp[\frac{2B \Delta L}{\eta H_{a,e}}]",
)
claim(
    "000.xie.flat.repaired",
    "As the minimum becomes flat, H_a = 1/z, the time of (Thm 3.2) grows like exp[2 s B DeltaL/(eta H_a)].",
    source=COROLLARY,
    statement=LongTimeLimit(
        printed_time(count).subs(at_min, 1 / z) * sp.exp(-2 * count * barrier * path * z),
        z,
        2 * sp.pi / at_saddle * sp.exp(2 * count * barrier * (1 - path) / at_saddle),
    ),
    domain=Domain(B=Positive, DeltaL=Positive, H_b=Positive, s=Between(0, 1)),
    given=(_theorem, "B stands for B/eta; the other factor does not depend on H_a"),
    repairs="000.xie.flat",
)
claim(
    "000.xie.batch",
    "Raising B/eta by b multiplies the time of (Thm 3.2) by exp[b (...)], with (...) independent of B and eta.",
    source=COROLLARY,
    statement=Identity(printed_time(count + more_batch) / printed_time(count), sp.exp(more_batch * action)),
    domain=Domain(B=Positive, b=Positive, **_curvatures),
    given=(_theorem, "B stands for B/eta, b for its increase by a larger batch or a smaller learning rate"),
    printed=r"\text{multiplies } \tau \text{ by } \exp[(B/\eta) \cdot (\dots)]",
)
claim(
    "000.xie.lowtemp",
    "Where eta/2B is below 1/100 the exponent of (Thm 3.2) exceeds 1, so that escape is rare.",
    source=Source("000", "assumption 3 of the diffusion theory"),
    statement=Inequality(sp.Gt(action / (2 * temperature), 1, evaluate=False)),
    domain=Domain(T=Between(0, sp.Rational(1, 100)), **_curvatures),
    given=(_theorem, "T = eta/2B, so that the exponent is (DeltaL/T)(s/H_a + (1 - s)/|H_b|)"),
    reading="the assumption in the form that the theory needs: escapes are rare events",
    stated=False,
    printed=r"\varepsilon^2 = \eta/2B \ll 1",
    note="The condition compares eta/2B with DeltaL/H, not with 1.",
)
