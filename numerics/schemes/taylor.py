r"""Truncated Ito-Taylor expansions as one-step maps: the strong schemes and the simplified weak ones.

With :math:`L^0 = b\cdot\nabla + \tfrac12 (SS^T):\nabla\nabla` and :math:`L^j = S_j\cdot\nabla` (b the Ito drift, S_j
the columns of S). Orders are those proved for coefficients with bounded derivatives (Kloeden and Platen,
*Numerical Solution of Stochastic Differential Equations*, 1992, chapters 10 and 14).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

import sympy as sp

from ...derivations.errors import NumericsError
from ...derivations.processes.ito import generator, noise
from ...derivations.processes.sde import SDE
from .one_step import Law, OneStep

HALF = sp.Rational(1, 2)


def vanishes(expression: sp.Expr) -> bool:
    """Tell whether an expression was shown to be zero; False when it is not or nobody knows."""
    expression = sp.expand(expression)
    if expression == 0:
        return True
    point = {s: sp.Rational(3 + 2 * i, 7 + i) for i, s in enumerate(sorted(expression.free_symbols, key=str))}
    value = sp.N(expression.subs(point), 30)
    if value.is_number and value.is_finite and abs(value) > sp.Float("1e-12"):
        return False
    return bool(sp.simplify(expression) == 0)


def fresh(name: str, taken: set[sp.Symbol], **assumptions: bool) -> sp.Symbol:
    """Return a symbol whose name none of `taken` has."""
    names = {s.name for s in taken}
    while name in names:
        name += "_"
    return sp.Symbol(name, **assumptions)


@dataclass(frozen=True)
class Expansion:
    """An SDE prepared for expansion: Ito sense, columns without noise left out, symbols of the step chosen."""

    sde: SDE

    @cached_property
    def ito(self) -> SDE:
        """The same process with its Ito drift and the columns of the diffusion that are not zero."""
        columns = [j for j in range(self.sde.noises) if any(e != 0 for e in self.sde.diffusion[:, j])]
        rows = self.sde.dimension
        kept = sp.ImmutableMatrix(rows, len(columns), lambda i, j: self.sde.diffusion[i, columns[j]])
        return SDE(self.sde.state, list(self.sde.ito_drift), kept)

    @cached_property
    def dt(self) -> sp.Symbol:
        return fresh("dt", self.sde.free_symbols, positive=True)

    @cached_property
    def noises(self) -> tuple[sp.Symbol, ...]:
        return self.gaussians("xi")

    @property
    def m(self) -> int:
        return self.ito.noises

    @property
    def constant_noise(self) -> bool:
        return not self.ito.diffusion.free_symbols & set(self.sde.state)

    def gaussians(self, name: str, count: int | None = None) -> tuple[sp.Symbol, ...]:
        """Return fresh standardised increments, one a Brownian motion unless `count` says otherwise."""
        size = self.m if count is None else count
        return tuple(fresh(f"{name}{j + 1}", self.sde.free_symbols, real=True) for j in range(size))

    def l0(self, f: sp.Expr) -> sp.Expr:
        return generator(self.ito, f)

    def lj(self, j: int, f: sp.Expr) -> sp.Expr:
        return noise(self.ito, f)[j]

    def b(self, i: int, j: int) -> sp.Expr:
        return self.ito.diffusion[i, j]

    def coordinates(self) -> range:
        return range(self.sde.dimension)

    def step(
        self,
        scheme: str,
        update: Callable[[int, sp.Symbol, sp.Expr], sp.Expr],
        noises: Sequence[sp.Symbol],
        law: Law,
        strong: sp.Rational,
        weak: sp.Rational,
    ) -> OneStep:
        """Assemble the map from ``update(i, x_i, b_i)``, i running over the coordinates."""
        state = self.sde.state
        parameters = tuple(sorted(self.sde.free_symbols - set(state), key=lambda s: s.name))
        entries = tuple(update(i, x, self.ito.drift[i]) for i, x in enumerate(state))
        return OneStep(scheme, state, entries, tuple(noises), law, self.dt, parameters, state, strong, weak)


def euler_maruyama(sde: SDE) -> OneStep:
    r"""Return :math:`x + b h + S\sqrt h\,\xi`: strong order 1/2 (1 for a constant S), weak order 1."""
    return _euler(sde, "euler-maruyama", "gaussian")


def weak_1(sde: SDE) -> OneStep:
    """Return the Euler map with two-point increments: weak order 1 (Kloeden and Platen, section 14.1)."""
    return _euler(sde, "weak-1", "two-point")


def _euler(sde: SDE, scheme: str, law: Law) -> OneStep:
    e = Expansion(sde)
    root = sp.sqrt(e.dt)

    def update(i: int, x: sp.Symbol, drift: sp.Expr) -> sp.Expr:
        return x + drift * e.dt + root * sum(e.b(i, j) * xi for j, xi in enumerate(e.noises))

    strong = sp.S.Zero if law != "gaussian" else (sp.S.One if e.constant_noise else HALF)
    return e.step(scheme, update, e.noises, law, strong, sp.S.One)


def milstein(sde: SDE) -> OneStep:
    r"""Return the Milstein map, strong order 1, for commutative noise (scalar and diagonal noise are).

    .. math:: x + b h + S_j\sqrt h\,\xi_j + \tfrac h2\,L^jS_k\,(\xi_j\xi_k - \delta_{jk})

    Raises
    ------
    NumericsError
        If :math:`L^jS_k = L^kS_j` cannot be shown: then Levy areas are needed, which this map has not.
    """
    e = Expansion(sde)
    _require_commutative(e)
    root = sp.sqrt(e.dt)

    def update(i: int, x: sp.Symbol, drift: sp.Expr) -> sp.Expr:
        first = root * sum(e.b(i, j) * xi for j, xi in enumerate(e.noises))
        second: sp.Expr = sp.S.Zero
        for j, xi in enumerate(e.noises):
            second += HALF * e.lj(j, e.b(i, j)) * e.dt * (xi**2 - 1)
            # for a commutative pair the two orders are equal and their integrals sum to the product
            second += sum(e.lj(j, e.b(i, k)) * e.dt * xi * e.noises[k] for k in range(j + 1, e.m))
        return x + drift * e.dt + first + second

    return e.step("milstein", update, e.noises, "gaussian", sp.S.One, sp.S.One)


def _commutes(e: Expansion, j: int, k: int) -> bool:
    return all(vanishes(e.lj(j, e.b(i, k)) - e.lj(k, e.b(i, j))) for i in e.coordinates())


def _require_commutative(e: Expansion) -> None:
    for j, k in combinations(range(e.m), 2):
        if not _commutes(e, j, k):
            raise NumericsError(
                f"milstein: noises {j + 1} and {k + 1} were not shown to commute (L^{j + 1} S_{k + 1} and "
                f"L^{k + 1} S_{j + 1} differ), and their Levy area is not simulated; use 'euler-maruyama' for paths "
                "or 'weak-2' for laws"
            )


def strong_15(sde: SDE) -> OneStep:
    r"""Return the Ito-Taylor map of strong order 3/2 (weak order 2), with two Gaussians a Brownian motion.

    .. math:: x + b h + \tfrac{h^2}2L^0b + S_j\Delta W_j + L^jb\,\Delta Z_j + L^0S_j(h\Delta W_j - \Delta Z_j)
              + \tfrac12L^jS_j(\Delta W_j^2 - h) + \tfrac12 L^jL^jS_j(\tfrac13\Delta W_j^2 - h)\Delta W_j

    with :math:`\Delta W = \sqrt h\,\xi` and :math:`\Delta Z = \int\!\int dW\,ds = \tfrac12h^{3/2}(\xi+\zeta/\sqrt3)`;
    the noises are all xi, then all zeta. It serves equations whose mixed integrals drop out: scalar, diagonal and
    additive noise. Source: Kloeden and Platen, (10.4.1), (10.4.6).

    Raises
    ------
    NumericsError
        If :math:`L^jS_k` or :math:`L^jL^kS_l` with unequal indices is not shown to vanish.
    """
    e = Expansion(sde)
    indices = range(e.m)
    for j, k in product(indices, indices):
        mixed = [e.lj(j, e.b(i, k)) for i in e.coordinates()] if j != k else []
        mixed += [
            e.lj(last, e.lj(j, e.b(i, k))) for i in e.coordinates() for last in indices if not (last == j and j == k)
        ]
        if not all(map(vanishes, mixed)):
            raise NumericsError(
                f"strong-1.5: noises {j + 1} and {k + 1} mix, and their iterated integrals are not simulated; it "
                "serves scalar, diagonal and additive noise: use 'milstein' or 'euler-maruyama' for paths, 'weak-2' "
                "for laws"
            )
    zeta = e.gaussians("zeta")
    h = e.dt

    def update(i: int, x: sp.Symbol, drift: sp.Expr) -> sp.Expr:
        total = x + drift * h + e.l0(drift) * h**2 / 2
        for j, (xi, other) in enumerate(zip(e.noises, zeta, strict=True)):
            dw = sp.sqrt(h) * xi
            dz = h ** sp.Rational(3, 2) * (xi + other / sp.sqrt(3)) / 2
            amplitude = e.b(i, j)
            once = e.lj(j, amplitude)
            total += amplitude * dw + e.lj(j, drift) * dz + e.l0(amplitude) * (dw * h - dz)
            total += once * h * (xi**2 - 1) / 2 + e.lj(j, once) * (xi**2 / 3 - 1) * h * dw / 2
        return total

    return e.step("strong-1.5", update, (*e.noises, *zeta), "gaussian", sp.Rational(3, 2), sp.S(2))


def weak_2(sde: SDE) -> OneStep:
    r"""Return the simplified Ito-Taylor map of weak order 2 with three-point increments.

    .. math:: x + b h + \tfrac{h^2}2 L^0b + S_j\Delta_j + \tfrac h2(L^jb + L^0S_j)\Delta_j
              + \tfrac12L^jS_k(\Delta_j\Delta_k + V_{jk}),\qquad \Delta = \sqrt h\,\xi

    with :math:`V_{jj}=-h` and :math:`V_{jk}=-V_{kj}`, of mean 0 and variance h^2, independent of the rest; these are
    further three-point variables, one for each pair of noises that is not shown to commute (elsewhere they cancel).
    Source: Kloeden and Platen, (14.2.2), (14.2.7).
    """
    e = Expansion(sde)
    h, root = e.dt, sp.sqrt(e.dt)
    pairs = [(j, k) for j, k in combinations(range(e.m), 2) if not _commutes(e, j, k)]
    areas = dict(zip(pairs, e.gaussians("zeta", len(pairs)), strict=True))

    def update(i: int, x: sp.Symbol, drift: sp.Expr) -> sp.Expr:
        total = x + drift * h + e.l0(drift) * h**2 / 2
        for j, xi in enumerate(e.noises):
            total += root * xi * (e.b(i, j) + h * (e.lj(j, drift) + e.l0(e.b(i, j))) / 2)
            total += e.lj(j, e.b(i, j)) * h * (xi**2 - 1) / 2
        for j, k in combinations(range(e.m), 2):
            forward, backward = e.lj(j, e.b(i, k)), e.lj(k, e.b(i, j))
            total += (forward + backward) * h * e.noises[j] * e.noises[k] / 2
            if (j, k) in areas:
                total += (forward - backward) * h * areas[j, k] / 2
        return total

    return e.step("weak-2", update, (*e.noises, *areas.values()), "three-point", sp.S.Zero, sp.S(2))
