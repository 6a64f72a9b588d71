"""Label noise in the review: two-layer linear networks, corrupted labels: document 000, (3), (4), (6)-(8)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.sampling import Sampling, Scheme
from ...processes.sde import SDE
from ...ranges import AtLeast, Integers, Positive, Real
from ...statements.batches import BatchFactor, BatchQuantity
from ...statements.euler_steps import EulerStep, RandomUpdate, descent
from ...statements.extrema import Inequality
from ...statements.networks import AllOf, MatrixIdentity
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

eta, delta = positive("eta delta")


def matrix(name: str, rows: int = 2, columns: int = 2) -> sp.Matrix:
    """Return a matrix of real symbols."""
    return sp.Matrix(rows, columns, lambda i, j: real(f"{name}{i + 1}{j + 1}"))


def ranges(*matrices: sp.Matrix) -> dict[str, Any]:
    """Return the ranges of the entries."""
    return {str(e): Real for m in matrices for e in m}


# (3): gradient descent on half the squared error of X W_1 W_2 against labels Y + sqrt(delta) eps

X, Y, W1, W2, noise, along = (matrix(name) for name in "xypqec")
direction = matrix("d")
stacked = W1.T.row_join(W2)
residual = Y - X * W1 * W2


def off_diagonal(block: sp.Matrix) -> sp.Matrix:
    """Return the symmetric matrix with zero diagonal blocks and the block in its upper right corner."""
    rows, columns = block.shape
    return sp.Matrix(sp.BlockMatrix([[sp.zeros(rows), block], [block.T, sp.zeros(columns)]]).as_explicit())


def half_squares(error: sp.Matrix) -> sp.Expr:
    """Return half the sum of the squared entries."""
    return sum((e**2 for e in error), sp.Integer(0)) / 2


drift_block = off_diagonal(X.T * residual)
noise_block = off_diagonal(X.T * noise)
noisy_loss = half_squares(residual + sp.sqrt(delta) * noise)
step = sp.Matrix(2, 4, lambda i, j: -eta * sp.diff(noisy_loss, stacked[i, j]))
compass = along.row_join(direction)
_sizes = "2 x 2 matrices x = X, y = Y, p = W_1, q = W_2, e = epsilon_t; Theta = (W_1^T, W_2)"
_loss = "label noise: gradient steps of size eta on half the squared error against the labels Y + sqrt(delta) epsilon_t"
_printed_3 = r"\Theta_{t+1} = \Theta_t - \eta \Theta_t J_t - \eta \sqrt{\delta} \Theta_t \xi_t"
for name, sign, repairs in (("000.eq3", -1, None), ("000.eq3.repaired", 1, "000.eq3")):
    claim(
        name,
        "For 2 x 2 matrices, a step of label-noise gradient descent moves the stacked weights by "
        f"{'-' if sign < 0 else '+'}eta Theta J {'-' if sign < 0 else '+'} eta sqrt(delta) Theta xi.",
        source=Source("000", "(3)"),
        statement=Identity(
            (compass.T * step).trace(),
            sign * eta * (compass.T * stacked * (drift_block + sp.sqrt(delta) * noise_block)).trace(),
        ),
        domain=Domain(**ranges(X, Y, W1, W2, noise, along, direction), eta=Positive, delta=Positive),
        given=(_sizes, _loss, "compared along any direction (c, d), so in all entries"),
        repairs=repairs,
        printed=_printed_3 if sign < 0 else "",
        note="J holds Y - X W_1 W_2, so that (3) climbs the loss; the sign of the noise alone has no meaning in law. "
        "(4) has the other sign before the same J: whatever Theta stands for, one of the two is wrong (000.eq4.of-eq3)."
        if sign < 0
        else "",
    )

n: Any = dimension("n")
p, k, hidden = dimension("p k l")
big_x, big_y, big_e = sp.MatrixSymbol("X", n, p), sp.MatrixSymbol("Y", n, k), sp.MatrixSymbol("epsilon", n, k)
first, second = sp.MatrixSymbol("W_1", p, hidden), sp.MatrixSymbol("W_2", hidden, k)
claim(
    "000.eq3.blocks",
    "J and xi are symmetric (p+k) x (p+k) matrices of zero trace: their lower left blocks are the transposed upper "
    "right ones.",
    source=Source("000", "after (3)"),
    statement=AllOf(
        (
            MatrixIdentity((big_x.T * big_e).T, big_e.T * big_x),
            MatrixIdentity(
                (big_x.T * (big_y - big_x * first * second)).T, (big_y.T - second.T * first.T * big_x.T) * big_x
            ),
        )
    ),
    domain=Domain(p=Integers(1), k=Integers(1), n=Integers(1), l=Integers(1)),
    given=("any shapes; the blocks on the diagonal are zero, and so is the trace",),
    printed=r"\xi_t = \begin{bmatrix} \mathbf{0}_{p \times p} & X^\top \varepsilon_t \\ \varepsilon_t^\top X & "
    r"\mathbf{0}_{k \times k} \end{bmatrix}",
)

# (4): one output, two hidden units, two inputs, two samples

X1, Y1, V1, V2, E1 = matrix("x"), matrix("y", 2, 1), matrix("p"), matrix("q", 2, 1), matrix("e", 2, 1)
theta = V1.T.row_join(V2)
gap = Y1 - X1 * V1 * V2
state = tuple(theta)
flow = SDE(
    state,
    list(theta * off_diagonal(X1.T * gap)),
    sp.Matrix.hstack(
        *(
            sp.sqrt(eta * delta) * (theta * off_diagonal(X1.T * E1.diff(e))).reshape(6, 1)
            for e in E1
        )
    ),
)  # fmt: skip
draws = tuple((e, sp.Integer(1)) for e in E1)
_small = "one output, two hidden units, two inputs, two samples; Theta = (W_1^T, W_2), x = X, y = Y, p = W_1, q = W_2"
claim(
    "000.eq4",
    "A step of label-noise gradient descent is, in mean and covariance, an Euler step of length eta of (4): inputs, "
    "hidden units and outputs 2, 2 and 1.",
    source=Source("000", "(4)"),
    statement=EulerStep(descent(half_squares(gap + sp.sqrt(delta) * E1), state, eta, draws), flow, eta),
    domain=Domain(**ranges(X1, Y1, V1, V2), eta=Positive, delta=Positive),
    given=(_small, _loss),
    printed=r"d\Theta = \Theta \left[J dt + \sqrt{\eta\delta} d\xi \right]",
)
claim(
    "000.eq4.of-eq3",
    "A step of the recursion (3), signs as printed, is an Euler step of length eta of (4).",
    source=Source("000", "(3)-(4)"),
    statement=EulerStep(
        RandomUpdate(
            state,
            tuple(-eta * theta * (off_diagonal(X1.T * gap) + sp.sqrt(delta) * off_diagonal(X1.T * E1))),
            draws,
        ),
        flow,
        eta,
    ),
    domain=Domain(**ranges(X1, Y1, V1, V2), eta=Positive, delta=Positive),
    given=(_small,),
    reading="(4) as the continuous form of (3) as printed",
    stated=False,
    note="The same slip as 000.eq3, where it is counted.",
)

# What a vanishing determinant says of the rank

a, gram = positive("a gram")
c = sp.Symbol("c", nonnegative=True)
b: Any = real("b")
size: Any = dimension("m")
t, start = positive("t det_0")
RANK = Source("000", "text after (6)")
claim(
    "000.eq6.rank",
    "The smallest squared singular value is at most det^(1/m), m = 2 columns: the parameters lose a rank as the "
    "determinant vanishes.",
    source=RANK,
    statement=Inequality(sp.Le(((a + c - sp.sqrt((a - c) ** 2 + 4 * b**2)) / 2) ** 2, a * c - b**2, evaluate=False)),
    domain=Domain(b=Real, a=Positive, c=AtLeast(b**2 / a)),
    given=("m = 2 columns: the Gram matrix Theta^T Theta = ((a, b), (b, c)) is positive semi-definite",),
    reading="the smallest singular value tends to 0 with the determinant, however large the others are",
    printed=r"\text{the rank of the parameters decreases by at least one}",
)
claim(
    "000.eq6.rank.limit",
    "Under (6) the bound det^(1/m) of the smallest squared singular value tends to 0.",
    source=RANK,
    statement=LongTimeLimit((start * sp.exp(-2 * eta * delta * k * gram * t)) ** (1 / size), t, sp.Integer(0)),
    domain=Domain(det_0=Positive, eta=Positive, delta=Positive, k=Integers(1), gram=Positive, m=Integers(1)),
    given=("the determinant obeys (6), with gram = tr(X^T X); Theta has m columns",),
    note="At every finite time the determinant is positive and the rank full.",
    printed=r"\text{The vanishing of the determinant suggests that the rank of the parameters decreases}",
)

# (7)-(8): SGD with batch size 1 as gradient descent on corrupted labels

g = real("g1:4")
r = real("r1:4")
samples = 3
corrupted = sum(((r[i] - r[i] * (1 - samples * (1 if i == 0 else 0))) * g[i] for i in range(samples)), sp.Integer(0))
claim(
    "000.eq8",
    "The step (7) on the drawn sample equals the full-batch step (8) on the corrupted labels, for n = 3 samples.",
    source=Source("000", "(7)-(8)"),
    statement=Identity(-eta * r[0] * g[0], -eta / samples * corrupted),
    domain=Domain(**dict.fromkeys(map(str, (*r, *g)), Real), eta=Positive),
    given=("r_i = h(x_i) - y_i, g_i an entry of grad h(x_i); the drawn sample is the first, which is no restriction",),
    printed=r"\xi_{t,i} = (h_{\theta_t}(x_i) - y_i) (1 - n \mathbf{1}_{\{i=i_t\}})",
)
claim(
    "000.xi.mean",
    "The label noise of (8) has mean zero: each sample is drawn with probability 1/n.",
    source=Source("000", "after (8)"),
    statement=BatchFactor(
        Sampling(Scheme.WITHOUT_REPLACEMENT, sp.Integer(1), n), BatchQuantity.INCLUSION, sp.Integer(1) / n
    ),
    domain=Domain(n=Integers(1)),
    given=("E xi_i = (h(x_i) - y_i) (1 - n P[i is drawn]); a uniform index is a batch of one",),
    printed=r"\text{The label-noise is mean-zero}",
)
squares: Any = positive("R")
second_moment = ((1 - n) ** 2 / n + (1 - sp.Integer(1) / n)) * squares
for name, value, title, more in (
    (
        "000.xi.norm",
        2 * n * (n - 1) * squares / 2,
        "The label noise of (8) has E |xi|^2 = 2 n (n - 1) L, L half the sum of the squared residuals.",
        {
            "printed": r"\mathbb{E}[\|\xi_t\|^2] = 2n(n-1)L(\theta_t)",
            "reading": "L is the empirical loss that the list after (9) defines, half the sum over the samples",
            "note": "With 1/(2n) in that definition the formula holds: 000.xi.norm.mean-loss.",
        },
    ),
    (
        "000.xi.norm.repaired",
        2 * (n - 1) * squares / 2,
        "The label noise of (8) has E |xi|^2 = 2 (n - 1) L, L half the sum of the squared residuals.",
        {"repairs": "000.xi.norm"},
    ),
    (
        "000.xi.norm.mean-loss",
        2 * n * (n - 1) * squares / (2 * n),
        "The label noise of (8) has E |xi|^2 = 2 n (n - 1) L, L half the mean of the squared residuals.",
        {
            "printed": r"\mathbb{E}[\|\xi_t\|^2] = 2n(n-1)L(\theta_t)",
            "reading": "L is half the mean over the samples, whose full-batch steps (8) are",
        },
    ),
):
    claim(
        name,
        title,
        source=Source("000", "after (8)"),
        statement=Identity(second_moment, value),
        domain=Domain(n=Integers(1), R=Positive),
        given=(
            "R is the sum of the squared residuals; the mean of (1 - n 1{i = i_t})^2 over the uniform index i_t is "
            "(1 - n)^2 / n + (1 - 1/n)",
        ),
        **dict[str, Any](more),
    )
