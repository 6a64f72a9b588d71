"""Statements about the amplitudes of the singular modes of a deep linear network under SGD noise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..statement import Statement
from ..symbols import dimension, positive

Pair = tuple[int, int]

#: Depth of the network.
DEPTH: Any = dimension("L")
#: Learning rate over batch size.
STEP: Any = positive("eta_b")
#: Standard deviation of the label noise.
LABEL_NOISE: Any = sp.Symbol("sigma", nonnegative=True)

#: Amplitude and singular value of the teacher of one of the modes that a setting does not name.
FURTHER: tuple[sp.Symbol, sp.Symbol] = (positive("sj"), positive("stildej"))

_NAMES = {STEP: r"\eta_b", FURTHER[0]: "s_j", FURTHER[1]: r"\tilde s_j"}


class ModeQuantity(StrEnum):
    """Coefficients of the Ito equation that amplitudes obey on the balanced aligned manifold."""

    GRADIENT_DRIFT = "gradient drift"
    ITO_DRIFT = "Ito-induced drift"
    LABEL_ITO_DRIFT = "label-noise part of the Ito-induced drift"
    DRIFT = "total drift"
    COVARIATION = "covariation rate"
    IMBALANCE_DRIFT = "Ito drift of the imbalance"


@dataclass(frozen=True)
class ModeSetting:
    r"""The SDE :math:`d\theta=-\nabla\mathcal L\,dt+\sqrt{\eta_b\Sigma(\theta)}\,dW` of a deep linear network.

    One-sample loss :math:`\tfrac12\|Wx-y\|^2`, :math:`W=W_L\cdots W_1`, :math:`x\sim N(0,I)`,
    :math:`y=Mx+\epsilon`, :math:`\epsilon\sim N(0,\sigma^2I)`; :math:`\Sigma` is the one-sample covariance of the
    gradient noise, time is learning rate times steps. The weights are balanced and aligned: in the singular bases
    U, V of M, and up to rotations of the hidden layers, every layer is diagonal with entries
    :math:`s_i^{1/L}`. All widths are at least `modes`; further directions carry neither teacher nor student.
    Amplitudes are named ``s1, s2, ...``, singular values of the teacher ``stilde1, stilde2, ...``.

    Parameters
    ----------
    modes : int
        Number n >= 1 of modes.
    depth : Expr
        The symbol ``DEPTH`` or a positive integer.
    label_noise : Expr
        sigma: the symbol ``LABEL_NOISE`` or a number >= 0.
    step : Expr
        eta_b, learning rate over batch size: the symbol ``STEP`` or a positive number.
    further : bool
        Whether there is any number of modes beside these n, with the values ``FURTHER`` each.
    """

    modes: int
    depth: sp.Expr = DEPTH
    label_noise: sp.Expr = LABEL_NOISE
    step: sp.Expr = STEP
    further: bool = False

    def __post_init__(self) -> None:
        for name in ("depth", "label_noise", "step"):
            object.__setattr__(self, name, sp.sympify(getattr(self, name)))
        if self.modes < 1:
            raise ClaimError(f"modes = {self.modes}; a network has at least one mode")
        if not (self.depth == DEPTH or (self.depth.is_Integer and self.depth.is_positive)):
            raise ClaimError(f"depth = {self.depth}; use the symbol DEPTH or a positive integer")
        if not self.label_noise.is_nonnegative or not self.step.is_positive:
            raise ClaimError(
                f"label_noise = {self.label_noise}, step = {self.step}: "
                "label_noise must be known to be >= 0 and step > 0"
            )

    @property
    def amplitudes(self) -> tuple[sp.Symbol, ...]:
        """Mode amplitudes s1, s2, ..., one a mode."""
        return tuple(positive(f"s{i}") for i in range(1, self.modes + 1))

    @property
    def teacher(self) -> tuple[sp.Symbol, ...]:
        """Singular values stilde1, stilde2, ... of the teacher."""
        return tuple(positive(f"stilde{i}") for i in range(1, self.modes + 1))

    @property
    def symbols(self) -> set[sp.Symbol]:
        """Every symbol whose value fixes a network and its noise."""
        return {
            *self.amplitudes,
            *self.teacher,
            *self.depth.free_symbols,
            *self.label_noise.free_symbols,
            *self.step.free_symbols,
            *(FURTHER if self.further else ()),
        }

    def of_size(self, modes: int) -> ModeSetting:
        """Return the setting with exactly so many modes."""
        return replace(self, modes=modes, further=False)


@dataclass(frozen=True)
class ModeTarget:
    r"""What is asked of a network: a quantity of the amplitudes :math:`c_{\alpha\beta}=u_\alpha^TWv_\beta`.

    Parameters
    ----------
    setting : ModeSetting
        Network, data and noise.
    quantity : ModeQuantity
        Which coefficient.
    first : pair of int
        (alpha, beta), counted from 1; (alpha, alpha) is a mode, anything else a cross-mode. For
        ``IMBALANCE_DRIFT`` the entry of :math:`G_l=W_{l+1}^TW_{l+1}-W_lW_l^T` in the modes' basis.
    second : pair of int, optional
        Second amplitude, for ``COVARIATION`` only.
    layer : int, optional
        l >= 1, for ``IMBALANCE_DRIFT`` only, where all widths equal `modes` and the depth is above l.
    """

    setting: ModeSetting
    quantity: ModeQuantity
    first: Pair = (1, 1)
    second: Pair | None = None
    layer: int | None = None

    def __post_init__(self) -> None:
        n = self.setting.modes
        for pair in (self.first, self.second):
            if pair is not None and not all(1 <= i <= n for i in pair):
                raise ClaimError(f"pair {pair} names a mode outside 1..{n}; modes are counted from 1")
        if (self.second is not None) != (self.quantity is ModeQuantity.COVARIATION):
            raise ClaimError(f"second = {self.second}: give it for {ModeQuantity.COVARIATION!r} and only there")
        if (self.layer is not None) != (self.quantity is ModeQuantity.IMBALANCE_DRIFT):
            raise ClaimError(f"layer = {self.layer}: give it for {ModeQuantity.IMBALANCE_DRIFT!r} and only there")
        depth = self.setting.depth
        if self.layer is not None and (self.layer < 1 or (depth.is_Integer and self.layer >= depth)):
            raise ClaimError(f"layer = {self.layer}; it must lie between 1 and depth - 1 = {depth - 1}")

    def describe(self) -> str:
        """Return the quantity in words."""
        if self.quantity is ModeQuantity.COVARIATION:
            assert self.second is not None
            return f"the covariation rate of {_amplitude(self.first)} and {_amplitude(self.second)}"
        if self.quantity is ModeQuantity.IMBALANCE_DRIFT:
            return f"the Ito drift of entry {self.first} of G_{self.layer}"
        return f"the {self.quantity} of {_amplitude(self.first)}"

    def latex(self) -> str:
        """Return the quantity in LaTeX."""
        c = _latex_amplitude(self.first)
        if self.quantity is ModeQuantity.COVARIATION:
            assert self.second is not None
            return rf"\frac{{d\langle {c},{_latex_amplitude(self.second)}\rangle}}{{dt}}"
        ito = rf"\tfrac12\eta_b\,\mathrm{{tr}}\bigl(\Sigma\nabla^2{c}\bigr)"
        if self.quantity is ModeQuantity.IMBALANCE_DRIFT:
            entry = rf"(W_{{{self.layer}+1}}^TW_{{{self.layer}+1}}-W_{{{self.layer}}}W_{{{self.layer}}}^T)"
            entry = entry.replace(f"{self.layer}+1", str((self.layer or 0) + 1))
            return rf"\tfrac12\eta_b\,\mathrm{{tr}}\bigl(\Sigma\nabla^2{entry}_{{{_indices(self.first)}}}\bigr)"
        gradient = rf"-\nabla {c}\cdot\nabla\mathcal L"
        return {
            ModeQuantity.GRADIENT_DRIFT: gradient,
            ModeQuantity.ITO_DRIFT: ito,
            ModeQuantity.LABEL_ITO_DRIFT: rf"{ito}-{ito}\Big|_{{\sigma=0}}",
            ModeQuantity.DRIFT: f"{gradient}+{ito}",
        }[self.quantity]


def _amplitude(pair: Pair) -> str:
    return f"s{pair[0]}" if pair[0] == pair[1] else f"c{pair[0]}{pair[1]}"


def _indices(pair: Pair) -> str:
    return f"{pair[0]}{pair[1]}"


def _latex_amplitude(pair: Pair) -> str:
    return rf"s_{{{pair[0]}}}" if pair[0] == pair[1] else rf"c_{{{_indices(pair)}}}"


@dataclass(frozen=True)
class ModeCoefficient(Statement):
    """The quantity equals a closed form, for every network of the setting.

    Parameters
    ----------
    target : ModeTarget
        The quantity.
    value : sympy.Expr
        The asserted closed form in the symbols of the setting; it may hold finite sums (``sympy.Sum``).
    each : sympy.Expr
        What every further mode of the setting adds to it, in ``FURTHER`` and the other symbols.

    Raises
    ------
    ClaimError
        If `each` is given and the setting has no further modes, or `value` holds the values of a further mode.
    """

    target: ModeTarget
    value: sp.Expr
    each: sp.Expr = sp.S.Zero

    def __post_init__(self) -> None:
        for name in ("value", "each"):
            object.__setattr__(self, name, sp.sympify(getattr(self, name)))
        if self.each != 0 and not self.target.setting.further:
            raise ClaimError(f"each = {self.each}, but the setting has no further modes; set further=True")
        if self.value.has(*FURTHER):
            raise ClaimError(f"value {self.value} holds a further mode; put that part into `each`")

    def asserted(self) -> tuple[str, ...]:
        return ("value", "each") if self.target.setting.further else ("value",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.target.setting.symbols | set(self.value.free_symbols | self.each.free_symbols)

    def of_size(self, modes: int) -> ModeCoefficient:
        """Return the assertion for exactly so many modes, at least as many as the setting names."""
        target = replace(self.target, setting=self.target.setting.of_size(modes))
        unnamed = zip(target.setting.amplitudes, target.setting.teacher, strict=True)
        added = [self.each.subs(dict(zip(FURTHER, pair, strict=True))) for pair in unnamed]
        return ModeCoefficient(target, sp.Add(self.value, *added[self.target.setting.modes :]))

    def latex(self) -> str:
        value = f"{self.target.latex()} = {sp.latex(self.value, symbol_names=_NAMES)}"
        if not self.target.setting.further or self.each == 0:
            return value
        return rf"{value} + \sum_{{j > {self.target.setting.modes}}} {sp.latex(self.each, symbol_names=_NAMES)}"

    def formula(self) -> sp.Expr | None:
        # a sum whose length is a parameter has no form in generated code
        return None if self.value.has(sp.Sum) or self.each != 0 else self.value


@dataclass(frozen=True)
class ModeDependence(Statement):
    """The quantity is a function of the named variables only.

    Parameters
    ----------
    target : ModeTarget
        The quantity.
    variables : tuple of Symbol
        Symbols of the setting on which it may depend.
    """

    target: ModeTarget
    variables: tuple[sp.Symbol, ...]
    others: tuple[sp.Symbol, ...] = field(init=False)

    def __post_init__(self) -> None:
        unknown = set(self.variables) - self.target.setting.symbols
        if unknown:
            raise ClaimError(f"variables {sorted(map(str, unknown))} are no symbols of the setting")
        others = self.target.setting.symbols - set(self.variables)
        if not others:
            raise ClaimError("variables names every symbol of the setting; nothing would be asserted")
        object.__setattr__(self, "others", tuple(sorted(others, key=str)))

    def asserted(self) -> tuple[str, ...]:
        return ("variables",)

    def free_symbols(self) -> set[sp.Symbol]:
        return self.target.setting.symbols

    def latex(self) -> str:
        names = ", ".join(sp.latex(s, symbol_names=_NAMES) for s in self.variables)
        return rf"{self.target.latex()} = f({names})"
