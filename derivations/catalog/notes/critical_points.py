"""Critical points, a missing stationary law and saddles of linear networks: document 001, sections 4.5 and 6."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Positive, Real
from ...statements.extrema import Inequality
from ...statements.processes import LongTimeLimit
from ...statements.scalar import Identity
from ...symbols import positive, real

c: Any = positive("c")

# Critical points and the Hessian at the origin (4.5)

s1, s2 = positive("s1 s2")
h, k, lam, m11, m12, m22 = real("h k lambda m11 m12 m22")


def rotation(tangent: sp.Symbol) -> sp.Matrix:
    """Return the rotation by the angle of half-tangent `tangent`."""
    return sp.Matrix([[1 - tangent**2, -2 * tangent], [2 * tangent, 1 - tangent**2]]) / (1 + tangent**2)


left, right = rotation(h), rotation(k)
cross = left * sp.diag(s1, s2) * right.T
upper, lower = c * left[:, 0], s1 / c * right[:, 0].T
gap = upper * lower - cross
along = real("e1 e2 f1 f2")
both = [*(upper.T * gap), *(gap * lower.T)]
claim(
    "001.4.5.critical",
    "With one hidden unit and 2 x 2 data, W_2 = c u and W_1 = (s/c) v^T are critical for singular vectors u, v.",
    source=Source("001", "4.5, first item"),
    statement=Identity(sum((e * g for e, g in zip(along, both, strict=True)), sp.Integer(0)), sp.Integer(0)),
    domain=Domain(
        h=Real, k=Real, s1=Positive, s2=Positive, c=Positive, **dict.fromkeys(("e1", "e2", "f1", "f2"), Real)
    ),
    given=(
        "S_x = I and S_xy = U diag(s1, s2) V^T with rotations U, V of half-tangents h, k; u, v, s their first columns "
        "and s1",
        "both gradients are compared with 0 along any direction e, f",
    ),
    note="Derived. The mode s2 is critical likewise, and so is the origin.",
)
entries = real("a1 a2 b1 b2")
whole = sp.Matrix(entries[2:]) * sp.Matrix([entries[:2]])
moment = sp.Matrix([[m11, m12], [m12, m22]])
loss = (whole * moment * whole.T - 2 * whole * cross.T).trace()
at_origin = sp.hessian(loss, entries).subs(dict.fromkeys(entries, 0))
claim(
    "001.4.5.critical.origin",
    "At the origin the Hessian has the eigenvalues 2 s_i and -2 s_i for each singular value of S_xy (one hidden unit).",
    source=Source("001", "4.5, third item"),
    statement=Identity(
        (lam * sp.eye(4) - at_origin).det(method="berkowitz"), (lam**2 - 4 * s1**2) * (lam**2 - 4 * s2**2)
    ),
    domain=Domain(h=Real, k=Real, s1=Positive, s2=Positive, **dict.fromkeys(("lambda", "m11", "m12", "m22"), Real)),
    given=(
        "two inputs, two outputs, one hidden unit; any S_x = [[m11, m12], [m12, m22]], S_xy = U diag(s1, s2) V^T",
        "the characteristic polynomial in lambda",
    ),
    note="Derived. d_1 hidden units repeat the eigenvalues d_1 times, and further inputs or outputs add zeros.",
)

# No stationary law (4.5)

A, beta, Z, T, decay = positive("A beta Z T lambda")
w1, w2, m = real("w1 w2 m")
claim(
    "001.4.5.stationary",
    "Langevin dynamics of the network with one unit a layer has a stationary law: exp(-beta L) has a finite mass Z.",
    source=Source("001", "4.5, fourth item"),
    statement=LongTimeLimit(2 * T * sp.sqrt(sp.pi / (beta * A)), T, Z),
    domain=Domain(A=Positive, beta=Positive, Z=Positive),
    given=(
        "L = A (w1 w2 - m)^2 + const with the mean A of x^2, isotropic noise: exp(-beta L) is invariant",
        "its integral over w2 is sqrt(pi/(beta A))/|w1|, and over exp(-T) < w1 < exp(T) the mass is the one shown",
    ),
    reading="there is such a law, as the plan to compute it may suppose",
    stated=False,
    note="An item of a plan asserts nothing; what it will meet is shown.",
    printed=r"\text{Compute the stationary distribution of the Langevin SDE of the DLNs}",
)
claim(
    "001.4.5.stationary.repaired",
    "With weight decay the loss exceeds a multiple of |w|^2, so that exp(-beta L) has a finite mass.",
    source=Source("001", "4.5, fourth item"),
    statement=Inequality(
        sp.Ge(A * (w1 * w2 - m) ** 2 + decay * (w1**2 + w2**2) / 2, decay * (w1**2 + w2**2) / 2, evaluate=False)
    ),
    domain=Domain(w1=Real, w2=Real, m=Real, A=Positive, **{"lambda": Positive}),
    given=("one unit a layer, the loss plus lambda |w|^2/2; any lambda > 0",),
    repairs="001.4.5.stationary",
)

# Non-strict saddles (6)

a: Any = positive("a")
b: Any = real("b")
negative = -(a**2) - b**2
for suffix, relation, title, reading in (
    (
        "",
        sp.Lt(negative, 0, evaluate=False),
        "A critical point whose Hessian has a zero and a negative eigenvalue is a strict saddle with a flat direction.",
        None,
    ),
    (
        ".standard",
        sp.Ge(negative, 0, evaluate=False),
        "A critical point whose Hessian has a zero and a negative eigenvalue has no direction of negative curvature.",
        "non-strict as in the literature: a saddle without negative curvature; the document says 'i.e. strict'",
    ),
):
    claim(
        f"001.def.nonstrict{suffix}",
        title,
        source=Source("001", "6, definition of a non-strict saddle point"),
        statement=Inequality(relation),
        domain=Domain(a=Positive, b=Real),
        given=("d = 2, Hessian -v v^T with v = (a, b): eigenvalues 0 along (-b, a) and -(a^2 + b^2) along v",),
        reading=reading,
        stated=reading is None,
        note="A definition; the Hessian is a member, and v the direction of negative curvature." if not suffix else "",
        printed=r"\text{a critical point such that the Hessian has a zero eigenvalue and at least one negative "
        r"eigenvalue (i.e. strict saddle point with a flat direction)}",
    )
