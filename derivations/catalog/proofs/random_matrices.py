"""Singular values of the noisy training data and errors in terms of them: document 004, Appendices I.3 and K."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, Between, Integers, Positive, Real
from ...statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from ...statements.scalar import Identity
from ...symbols import dimension, positive, real

A, s, t, x = positive("A s t x")
noise_given = (
    "n, m -> oo with m/n -> A; the noise of Sigma_yx has independent N(0, 1/n) entries; a fixed number of spikes",
)

# The transfer function (64).

above = sp.sqrt((1 + s**2) * (A + s**2)) / s
otherwise = t * A ** sp.Rational(1, 4)
spikes = Source("004", "I.3 (64)")
PRINTED_64 = (
    r"\tilde{s}(\bar{s}) = \begin{cases} (\bar{s})^{-1} \sqrt{(1 + \bar{s}^2)(\mathcal{A} + \bar{s}^2)} & \text{if } "
    r"\bar{s} > \mathcal{A}^{1/4} \\ 1 + \mathcal{A} & \text{otherwise} \end{cases}"
)
claim(
    "004.eq64.above",
    "A spike s > A^(1/4) gives the singular value sqrt((1 + s^2)(A + s^2))/s of the data.",
    source=spikes,
    statement=SpikedSingularValue(s, A, above),
    domain=Domain(A=Positive, s=Above(A ** sp.Rational(1, 4))),
    given=noise_given,
    printed=PRINTED_64,
)
for name, value, words, repaired in (
    ("004.eq64.below", 1 + A, "1 + A", None),
    ("004.eq64.below.repaired", 1 + sp.sqrt(A), "1 + sqrt(A), the edge of the bulk", "004.eq64.below"),
):
    claim(
        name,
        f"A spike below A^(1/4) gives the singular value {words}.",
        source=spikes,
        statement=SpikedSingularValue(otherwise, A, value),
        domain=Domain(A=Positive, t=Between(0, 1)),
        given=(*noise_given, "s = t A^(1/4), 0 < t < 1"),
        repairs=repaired,
        note="Both agree at A = 1 alone." if repaired is None else "",
        printed=PRINTED_64 if repaired is None else "",
    )
for name, value, words, repaired in (
    ("004.eq64.equal", 1 + A, "1 + A", None),
    ("004.eq64.equal.repaired", 1 + sp.sqrt(A), "1 + sqrt(A), where both branches meet", "004.eq64.equal"),
):
    claim(
        name,
        f"A spike of exactly A^(1/4) gives the singular value {words}.",
        source=spikes,
        statement=SpikedSingularValue(A ** sp.Rational(1, 4), A, value),
        domain=Domain(A=Positive),
        given=noise_given,
        repairs=repaired,
        note="The second branch of (64) at its end." if repaired is None else "",
        printed=PRINTED_64 if repaired is None else "",
    )

# The bulk (65).

density = sp.sqrt(4 * A - (x**2 - (1 + A)) ** 2) / (sp.pi * A * x)
lost = sp.Max(0, 1 - 1 / A)
bulk = Source("004", "I.3 (65)")
PRINTED_65 = (
    r"p_{MP}(\tilde{s}) = \begin{cases} \frac{\sqrt{4\mathcal{A} - (\bar{s}^2 - (1 + \mathcal{A}))^2}}{\pi "
    r"\mathcal{A} \bar{s}} & \text{if } \tilde{s} \in [1 - \sqrt{\mathcal{A}}, 1 + \sqrt{\mathcal{A}}] \\ 0 & "
    r"\text{otherwise} \end{cases}"
)
claim(
    "004.eq65.density",
    "The bulk singular values have density (65) and no mass at 0, for every aspect ratio A > 0.",
    source=bulk,
    statement=NoiseSingularValues(x, A, density, sp.Abs(1 - sp.sqrt(A)), 1 + sp.sqrt(A), sp.Integer(0)),
    domain=Domain(A=Positive),
    given=(*noise_given, "m - k singular values are distributed so, zeros included; the ends are taken right"),
    note="For A > 1 the printed density has mass 1/A: the other 1 - 1/A of the m - k values are 0.",
    printed=PRINTED_65,
)
claim(
    "004.eq65.density.repaired",
    "For every A > 0 the density (65) holds beside a mass max(0, 1 - 1/A) at 0.",
    source=bulk,
    statement=NoiseSingularValues(x, A, density, sp.Abs(1 - sp.sqrt(A)), 1 + sp.sqrt(A), lost),
    domain=Domain(A=Positive),
    given=noise_given,
    repairs="004.eq65.density",
    note="The values that are not 0 have the density (65) times max(1, A).",
)
claim(
    "004.eq65.support",
    "The bulk lies between 1 - sqrt(A) and 1 + sqrt(A), for every aspect ratio A > 0.",
    source=bulk,
    statement=NoiseSingularValues(x, A, density, 1 - sp.sqrt(A), 1 + sp.sqrt(A), lost),
    domain=Domain(A=Positive),
    given=(*noise_given, "the mass at 0 for A > 1 is taken right"),
    printed=PRINTED_65,
)
claim(
    "004.eq65.support.repaired",
    "The bulk lies between |1 - sqrt(A)| and 1 + sqrt(A), for every aspect ratio A > 0.",
    source=bulk,
    statement=NoiseSingularValues(x, A, density, sp.Abs(1 - sp.sqrt(A)), 1 + sp.sqrt(A), lost),
    domain=Domain(A=Positive),
    given=noise_given,
    repairs="004.eq65.support",
)
claim(
    "004.eq65.wide",
    "For fewer outputs than inputs, A < 1, (65) holds as printed.",
    source=bulk,
    statement=NoiseSingularValues(x, A, density, 1 - sp.sqrt(A), 1 + sp.sqrt(A), sp.Integer(0)),
    domain=Domain(A=Between(0, 1)),
    given=noise_given,
    printed=PRINTED_65,
)

# The errors (62), (63) in terms of singular values.

y1, w1, bar, tilde, s1, s2 = positive("y1 w1 sbar stilde s1 s2")
y2, a, b = real("y2 a b")
claim(
    "004.eq62",
    "(62) is the train error under A1; for one input, one output and two samples X = (1, 0), Y = (y1, y2).",
    source=Source("004", "I.3 (62)"),
    statement=Identity(((w1 - y1) ** 2 + y2**2) / (y1**2 + y2**2), (y1**2 + w1**2 - 2 * y1 * w1) / y1**2),
    domain=Domain(w1=Positive, y1=Positive, y2=Real),
    given=("A1: X X^T = 1 with p >= n samples; (34): E_train = |W X - Y|^2/|Y|^2; Sigma_yx = Y X^T = y1, W = w1",),
    note="|Y|^2 is sum s~^2 only when p = n, or when the noise lies in the row space of X.",
    printed=r"\mathcal{E}_{\text{train}} = \left(\sum_{i=1}^m \tilde{s}_i^2 \right)^{-1} \left(\sum_{i=1}^m "
    r"\tilde{s}_i^2 + \sum_{j=1}^d \hat{s}_j^2 - 2 \sum_{i=1}^m \sum_{j=1}^d \tilde{s}_i \hat{s}_j \langle "
    r"\tilde{u}_i, \hat{u}_j \rangle \langle \tilde{v}_i, \hat{v}_j \rangle \right)",
)
claim(
    "004.eq62.repaired",
    "(62) with |Y|^2 in place of both sums of s~^2; for one input, one output and two samples.",
    source=Source("004", "I.3 (62)"),
    statement=Identity(
        ((w1 - y1) ** 2 + y2**2) / (y1**2 + y2**2), (y1**2 + y2**2 + w1**2 - 2 * y1 * w1) / (y1**2 + y2**2)
    ),
    domain=Domain(w1=Positive, y1=Positive, y2=Real),
    given=("as for 004.eq62",),
    repairs="004.eq62",
)
left, right = sp.Matrix([sp.cos(a), sp.sin(a)]), sp.Matrix([sp.cos(b), sp.sin(b)])
left2, right2 = sp.Matrix([-sp.sin(a), sp.cos(a)]), sp.Matrix([-sp.sin(b), sp.cos(b)])
student = s1 * left * right.T + s2 * left2 * right2.T
teacher = sp.Matrix([[bar, 0], [0, 0]])
test_error = sum(e**2 for e in student - teacher) / bar**2


def _error_of(value: sp.Expr) -> sp.Expr:
    overlap = s1 * sp.cos(a) * sp.cos(b) + s2 * sp.sin(a) * sp.sin(b)
    return (value**2 + s1**2 + s2**2 - 2 * value * overlap) / value**2


errors = Source("004", "I.3 (63)")
errors_domain = Domain(sbar=Positive, stilde=Positive, s1=Positive, s2=Positive, a=Real, b=Real)
errors_given = (
    "(34): E_test = |W^ - W-|^2/|W-|^2 for inputs N(0, sigma_x^2 I); W- = s- e1 e1^T, W^ with singular values s1, s2 "
    "and singular vectors turned by a and b",
)
claim(
    "004.eq63",
    "(63) is the test error, with the singular values and vectors of the data; for 2 x 2 maps and a teacher of rank 1.",
    source=errors,
    statement=Identity(test_error, _error_of(tilde)),
    domain=errors_domain,
    given=(*errors_given, "the data have the singular vectors of the teacher and the singular value s~"),
    reading="tildes are the data's, as in (35); the sentence before (62) has them for the teacher, too, of rank k",
    stated=False,
    printed=r"\mathcal{E}_{\text{test}} = \left(\sum_{i=1}^k \tilde{s}_i^2 \right)^{-1} \left(\sum_{i=1}^k "
    r"\tilde{s}_i^2 + \sum_{j=1}^d \hat{s}_j^2 - 2 \sum_{i=1}^k \sum_{j=1}^d \tilde{s}_i \hat{s}_j \langle "
    r"\tilde{u}_i, \hat{u}_j \rangle \langle \tilde{v}_i, \hat{v}_j \rangle \right)",
)
claim(
    "004.eq63.repaired",
    "(63) with the singular values and vectors of the teacher; for 2 x 2 maps and a teacher of rank 1.",
    source=errors,
    statement=Identity(test_error, _error_of(bar)),
    domain=errors_domain,
    given=errors_given,
    repairs="004.eq63",
)

# The effective rank of Figure 12.

r: sp.Symbol = dimension("r")
share = 1 / r
claim(
    "004.fig12.rank",
    "The effective rank is -sum s^ log s^; for r equal singular values it is r.",
    source=Source("004", "Figure 12, caption"),
    statement=Identity(-r * share * sp.log(share), r),
    domain=Domain(r=Integers(1)),
    given=("effective rank of Roy and Vetterli: between 1 and the rank, equal to the rank when all s^ are equal",),
    reading="the effective rank as [60] defines it; the caption may take its logarithm, and names no value of it",
    stated=False,
    printed=r"\rho = -\sum_i \hat{s}_i \log \hat{s}_i,\quad \hat{s}_i = \frac{s_i}{\sum_j s_j}",
)
claim(
    "004.fig12.rank.repaired",
    "The effective rank is exp(-sum s^ log s^); for r equal singular values it is r.",
    source=Source("004", "Figure 12, caption"),
    statement=Identity(sp.exp(-r * share * sp.log(share)), r),
    domain=Domain(r=Integers(1)),
    given=("effective rank of Roy and Vetterli",),
    repairs="004.fig12.rank",
)
