"""Schemes from outside the package: a function gives the one-step map, its weak order is declared and tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

import sympy as sp

from ...derivations.errors import NumericsError, UsageError
from ...derivations.processes.sde import SDE
from ..arguments import name_of_function
from .one_step import Law, OneStep
from .taylor import Expansion
from .weak_order import check_weak_order

Update = Callable[[SDE, sp.Symbol, tuple[sp.Symbol, ...]], Sequence[Any]]


@dataclass(frozen=True)
class OwnScheme:
    """A scheme of a user, for the argument `scheme` of simulations; made by :func:`scheme`.

    Attributes
    ----------
    update : callable
        ``update(sde, h, noises)`` returns the state after a step, one expression a coordinate.
    weak_order : int
        1 or 2.
    law, draws
        Law of the increments, and how many a Brownian motion takes in a step.

    Raises
    ------
    UsageError
        If `update` does not take these arguments, or a value is outside its range.
    """

    update: Update
    weak_order: int
    law: Law = "gaussian"
    draws: int = 1

    def __post_init__(self) -> None:
        name = name_of_function("scheme", self.update, "sde", "h", "noises")
        if self.law not in get_args(Law):
            raise UsageError(f"scheme {name}: law={self.law!r}; it must be one of {', '.join(get_args(Law))}")
        orders = (1,) if self.law == "two-point" else (1, 2)
        if self.weak_order not in orders or isinstance(self.weak_order, bool):
            raise UsageError(
                f"scheme {name}: weak_order={self.weak_order!r}; with {self.law} increments it must be "
                + " or ".join(map(str, orders))
            )
        if self.draws not in (1, 2, 3) or isinstance(self.draws, bool):
            raise UsageError(f"scheme {name}: draws={self.draws!r}; give 1, 2 or 3 increments a Brownian motion")

    def __repr__(self) -> str:
        return name_of_function("scheme", self.update)

    def one_step(self, sde: SDE) -> OneStep:
        """Return the map for an equation; NumericsError if it is none, or has not the order that was declared."""
        return _one_step(self, sde)


@lru_cache(maxsize=64)
def _one_step(own: OwnScheme, sde: SDE) -> OneStep:
    e = Expansion(sde)
    noises = e.gaussians("xi", own.draws * e.m)
    try:
        entries = [sp.sympify(entry, strict=True) for entry in own.update(e.ito, e.dt, noises)]
    except (sp.SympifyError, TypeError) as problem:
        raise NumericsError(f"scheme {own}: {problem}; return a list of expressions, one a coordinate") from problem
    if len(entries) != sde.dimension or not all(isinstance(entry, sp.Expr) for entry in entries):
        raise NumericsError(
            f"scheme {own} returned {entries} for {sde.dimension} coordinates; give one expression each"
        )
    step = e.step(str(own), lambda i, x, b: entries[i], noises, own.law, sp.S.Zero, sp.Integer(own.weak_order))
    check_weak_order(step, sde, own.weak_order)
    return step


def scheme(*, weak_order: int, law: Law = "gaussian", draws: int = 1) -> Callable[[Update], OwnScheme]:
    """Make the decorated function a scheme for `simulate` and `simulate_paths`: ``scheme=`` takes what comes out.

    The function gets the equation in the Ito sense without columns of noise that vanish, the step size h and
    ``draws * m`` standardised increments, m the number of Brownian motions; the first m are those of the built-in
    schemes. It returns the state after the step, one expression a coordinate. In summaries and evidence the scheme has
    the name of the function and its module.

    Parameters
    ----------
    weak_order : int
        1 or 2: what comparisons with steps halved may rely on. It is tried on each equation before the first step.
    law : {"gaussian", "two-point", "three-point"}
        Law of the increments; two-point ones allow weak order 1.
    draws : int
        Increments that each Brownian motion takes in one step, 1 to 3.

    Raises
    ------
    UsageError
        If the function does not take three arguments, or a value is outside its range.
    """

    def register(update: Update) -> OwnScheme:
        return OwnScheme(update, weak_order, law, draws)

    return register
