r"""Equations in random time: heavy-tailed jumps and long waits as one-step maps of Gaussian increments.

A positive stable variable A of index a has :math:`E e^{-sA}=e^{-s^a}`. By Kanter (Ann. Probab. 3 (1975) 697) it is

.. math:: A=\frac{\sin aU}{(\sin U)^{1/a}}\Bigl(\frac{\sin(1-a)U}{W}\Bigr)^{(1-a)/a}

with U uniform in :math:`(0,\pi)` and W exponential, independent. Of two standard normals, :math:`W=(\xi_1^2+\xi_2^2)/2`
and U the angle of :math:`(\xi_2,|\xi_1|)` are such a pair: no other random numbers are needed, and every backend runs
the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ...derivations.errors import DomainError
from ...derivations.processes.sde import SDE
from ..argument_kinds import is_real
from ..schemes.one_step import OneStep
from ..schemes.table import one_step
from ..schemes.taylor import Expansion, fresh


def log_positive_stable(index: sp.Expr, first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """Return ln A in two independent standard normals, for an index in (0, 1).

    The acute angle is formed without cancellation, so that the tail of A, which comes from angles near pi, has the
    resolution of the normals.
    """
    radius = sp.sqrt(first**2 + second**2)
    acute = 2 * sp.atan(sp.Abs(first) / (radius + sp.Abs(second)))
    side = sp.sign(second)
    angle = sp.pi * (1 - side) / 2 + side * acute
    sine = sp.Abs(first) / radius
    rest = (1 - index) / index
    weight = sp.log(sp.sin((1 - index) * angle)) - sp.log(radius**2 / 2)
    return sp.log(sp.sin(index * angle)) + rest * weight - sp.log(sine) / index


@dataclass(frozen=True)
class TimeChanged:
    r"""The process :math:`Y_t=X_{E_t}` with :math:`dX=b(X)\,ds+S(X)\,dB_{A_s}`: jumps, and waits.

    A is the positive stable process of index :math:`\alpha/2`, :math:`E e^{-sA_t}=e^{-ts^{\alpha/2}}`: the noise has
    the characteristic function :math:`\exp(-t\,(|S^Tu|^2/2)^{\alpha/2})`, the Brownian one at :math:`\alpha=2`. E is
    the first passage time of the positive stable process of index :math:`\beta`: the density p of Y obeys
    :math:`\partial_t^\beta p=\mathcal L^*p` with Caputo's derivative and the generator of X. At :math:`\beta=1` it is
    time itself. All clocks are independent. S is taken before a jump, as in the Ito sense.

    Parameters
    ----------
    sde : SDE
        b and S; the equation itself at alpha = 2, beta = 1.
    alpha : float
        Index of the jumps in (0, 2].
    beta : float
        Order of the time derivative in (0, 1].

    Raises
    ------
    DomainError
        If an index is outside its range.
    """

    sde: SDE
    alpha: Any = 2
    beta: Any = 1

    def __post_init__(self) -> None:
        if not isinstance(self.sde, SDE):
            raise DomainError(f"sde is a {type(self.sde).__name__}; give an SDE")
        for name, most in (("alpha", 2), ("beta", 1)):
            value = getattr(self, name)
            if not is_real(value) or not 0 < value <= most:
                raise DomainError(f"{name}={value}; the index must lie in (0, {most}]")
            object.__setattr__(self, name, sp.sympify(value))

    @property
    def jumps(self) -> bool:
        """Whether the noise is not Brownian."""
        return bool(self.alpha < 2)

    @property
    def waits(self) -> bool:
        """Whether time is not its own clock."""
        return bool(self.beta < 1)

    def one_step(self) -> OneStep:
        """Return the Euler map over the step h of X; with waits the last coordinate is the time that has passed.

        The clocks over a step are exact; for b and S that are constant so is the whole step.
        """
        if not (self.jumps or self.waits):
            return one_step(self.sde, "euler-maruyama")
        e = Expansion(self.sde)
        xi, zeta, omega = e.noises, e.gaussians("zeta", 2), e.gaussians("omega", 2)
        size = e.dt ** (1 / self.alpha) * (
            sp.exp(log_positive_stable(self.alpha / 2, *zeta) / 2) if self.jumps else sp.S.One
        )
        state = list(self.sde.state)
        update = [
            x + e.ito.drift[i] * e.dt + size * sum(e.b(i, j) * w for j, w in enumerate(xi)) for i, x in enumerate(state)
        ]
        noises = [*xi, *(zeta if self.jumps else ())]
        if self.waits:
            clock = fresh("clock", self.sde.free_symbols, nonnegative=True)
            state.append(clock)
            update.append(clock + e.dt ** (1 / self.beta) * sp.exp(log_positive_stable(self.beta, *omega)))
            noises += omega
        parameters = tuple(sorted(self.sde.free_symbols - set(self.sde.state), key=lambda s: s.name))
        words = "euler-" + "-".join(n for n, there in (("jumps", self.jumps), ("waits", self.waits)) if there)
        return OneStep(
            words, tuple(state), tuple(update), tuple(noises), "gaussian", e.dt, parameters, tuple(state),
            sp.S.Zero, sp.S.Zero,
        )  # fmt: skip
