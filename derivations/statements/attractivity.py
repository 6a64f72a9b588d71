"""Statements about the attraction of a diffusion towards an invariant point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import ClaimError
from ..processes.sde import SDE
from ..statement import Statement, directed


@dataclass(frozen=True)
class LabelNoiseTraining:
    r"""Gradient steps on a loss whose labels are corrupted afresh at every step; a description, not a simulator.

    One step is :math:`w \leftarrow w - \eta\,\nabla_w \frac1{2n}\sum_i (f(x_i; w) - y_i - \nu\,\xi_i)^2` with
    independent standard normal :math:`\xi_i`. Its small-step limit, in time eta per step, is the SDE of the claim.

    Parameters
    ----------
    model : sympy.Expr
        f, in `feature` and `weights`.
    weights : tuple of Symbol
        The trained parameters, in the order of the state of the SDE.
    feature : Symbol
        The scalar input of the model.
    inputs, targets : tuple of Expr
        x_i and y_i.
    rate : Symbol
        The learning rate eta.
    noise : sympy.Expr
        Standard deviation nu of the label noise.
    """

    model: sp.Expr
    weights: tuple[sp.Symbol, ...]
    feature: sp.Symbol
    inputs: tuple[sp.Expr, ...]
    targets: tuple[sp.Expr, ...]
    rate: sp.Symbol
    noise: sp.Expr

    def free_symbols(self) -> set[sp.Symbol]:
        """Return the parameters of the description."""
        parts = (self.model, self.noise, self.rate, *self.inputs, *self.targets)
        found: set[sp.Symbol] = set().union(*(sp.sympify(p).free_symbols for p in parts))
        return found - {self.feature, *self.weights}


@dataclass(frozen=True)
class Attractive(Statement):
    r"""The invariant `point` is stochastically attractive when `condition` holds.

    Attractive means: for every rho, eps > 0 there is delta > 0 such that every start within delta of the point has
    :math:`P[\sup_t d(X_t, \text{point}) \ge \epsilon] \le \rho` (document 004, Definition 4.1).

    Parameters
    ----------
    sde : SDE
        The process.
    point : tuple of Expr
        The invariant point.
    condition : sympy relational
        A strict or weak inequality in the parameters.
    direction : {"if", "iff"}
        ``"if"``: the condition suffices. ``"iff"``: moreover the point is not attractive where the opposite strict
        inequality holds; equality is left open.
    training : LabelNoiseTraining, optional
        Training from which the SDE is the small-step limit.
    """

    sde: SDE
    point: tuple[Any, ...]
    condition: Any
    direction: str = "iff"
    training: LabelNoiseTraining | None = None

    def __post_init__(self) -> None:
        _check_direction(self.direction)
        _check_inequality(self.condition)
        if len(self.point) != self.sde.dimension:
            raise ClaimError(f"point {self.point} has {len(self.point)} entries; the SDE has {self.sde.dimension}")

    def asserted(self) -> tuple[str, ...]:
        return ("condition",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return directed(self.direction, self.condition, other.condition)

    def free_symbols(self) -> set[sp.Symbol]:
        found = self.sde.free_symbols | set(self.condition.free_symbols)
        if self.training is not None:
            found |= self.training.free_symbols()
        return found - set(self.sde.state)

    def latex(self) -> str:
        arrow = r"\;\Longleftarrow\;" if self.direction == "if" else r"\;\Longleftrightarrow\;"
        place = ", ".join(sp.latex(sp.sympify(p)) for p in self.point)
        return rf"{self.sde.latex()}:\quad \{{({place})\}} \text{{ attractive}} {arrow} {sp.latex(self.condition)}"


@dataclass(frozen=True)
class CollapsesWhen(Statement):
    """The positive process X tends to 0 almost surely, from every start, when `condition` holds.

    Parameters
    ----------
    sde : SDE
        One-dimensional equation on (0, oo) with 0 invariant.
    condition : sympy relational
        An inequality in the parameters.
    direction : {"if", "iff"}
        ``"iff"``: moreover X does not tend to 0 where the opposite strict inequality holds.
    """

    sde: SDE
    condition: Any
    direction: str = "if"

    def __post_init__(self) -> None:
        _check_direction(self.direction)
        _check_inequality(self.condition)
        if self.sde.dimension != 1:
            raise ClaimError(f"CollapsesWhen needs a one-dimensional SDE; this one has {self.sde.dimension}")

    def asserted(self) -> tuple[str, ...]:
        return ("condition",)

    def agreement(self, other: Any) -> tuple[Any, ...]:
        return directed(self.direction, self.condition, other.condition)

    def free_symbols(self) -> set[sp.Symbol]:
        return (self.sde.free_symbols | set(self.condition.free_symbols)) - set(self.sde.state)

    def latex(self) -> str:
        arrow = r"\;\Longleftarrow\;" if self.direction == "if" else r"\;\Longleftrightarrow\;"
        x = sp.latex(self.sde.state[0])
        return rf"{self.sde.latex()}:\quad {x}_t \to 0 \text{{ a.s.}} {arrow} {sp.latex(self.condition)}"


@dataclass(frozen=True)
class Linearised(Statement):
    """Near `point`, `sde` agrees to first order in the distance with the linear equation `linear`.

    Drift and diffusion vanish at the point; the linear drift equals the drift, and the covariance of the linear
    noise equals the covariance, up to higher order in the distance.
    """

    sde: SDE
    point: tuple[Any, ...]
    linear: SDE

    def __post_init__(self) -> None:
        if self.sde.state != self.linear.state:
            raise ClaimError(f"states differ: {self.sde.state} and {self.linear.state}; use the same symbols")

    def asserted(self) -> tuple[str, ...]:
        return ("linear",)

    def free_symbols(self) -> set[sp.Symbol]:
        return (self.sde.free_symbols | self.linear.free_symbols) - set(self.sde.state)

    def latex(self) -> str:
        return rf"{self.sde.latex()} \;\approx\; {self.linear.latex()}"


@dataclass(frozen=True)
class SmallStartLimit(Statement):
    r"""As X_0 -> 0, at every fixed t, :math:`X_t / X_0 \to e^{at + cB_t}` almost surely.

    Parameters
    ----------
    sde : SDE
        One-dimensional equation with invariant point 0 and one Brownian motion B.
    rate, volatility : sympy.Expr
        a and c.
    """

    sde: SDE
    rate: sp.Expr
    volatility: sp.Expr

    def __post_init__(self) -> None:
        if self.sde.dimension != 1 or self.sde.noises != 1:
            raise ClaimError("SmallStartLimit needs one coordinate and one Brownian motion")

    def asserted(self) -> tuple[str, ...]:
        return ("rate", "volatility")

    def free_symbols(self) -> set[sp.Symbol]:
        found = self.sde.free_symbols | set(self.rate.free_symbols) | set(self.volatility.free_symbols)
        return found - set(self.sde.state)

    def latex(self) -> str:
        x = sp.latex(self.sde.state[0])
        exponent = rf"\left({sp.latex(self.rate)}\right)t + {sp.latex(self.volatility)} B_t"
        return rf"{x}(t)/{x}(0) \xrightarrow{{{x}(0)\to0}} \exp\left[{exponent}\right]"


def _check_direction(direction: str) -> None:
    if direction not in ("if", "iff"):
        raise ClaimError(f"direction is {direction!r}; it must be 'if' or 'iff'")


def _check_inequality(condition: Any) -> None:
    if not isinstance(condition, sp.Gt | sp.Ge | sp.Lt | sp.Le):
        raise ClaimError(f"condition is {condition!r}; give an inequality such as sp.Gt(a, b, evaluate=False)")
