"""What all statements have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import sympy as sp


@dataclass(frozen=True)
class Implication:
    """Wherever `premise` holds on the domain, `conclusion` holds; both are inequalities."""

    premise: Any
    conclusion: Any


class Statement(ABC):
    """A typed assertion. Its type, not its id, tells which witnesses can speak to it.

    Subclasses are frozen dataclasses that hold SymPy objects and descriptions only.
    """

    @abstractmethod
    def free_symbols(self) -> set[sp.Symbol]:
        """Return the symbols whose ranges the claim's domain must give (parameters and state variables)."""

    @abstractmethod
    def latex(self) -> str:
        """Return the assertion in LaTeX (mathematics mode)."""

    def drawn(self) -> set[sp.Symbol]:
        """Return the symbols of random variables and of what moves, of which a range would say nothing."""
        return set()

    def problem(self) -> str | None:
        """Return why no witness could speak to the statement as it stands, with the remedy; None when it is sound."""
        return None

    def formula(self) -> sp.Expr | None:
        """Return the asserted closed form for use in other code, or None when there is none."""
        return None

    def asserted(self) -> tuple[str, ...]:
        """Return the names of the fields that carry the assertion, as against what it is about.

        The audit changes these fields, one at a time, and asks the witnesses to notice.
        """
        return ()

    def agreement(self, other: Any) -> tuple[Any, ...]:
        """Return conditions under which `other`, of the same type and about the same things, asserts nothing more.

        A pair asks its two members to be equal on the domain (inequalities: to be equivalent), an `Implication` to
        hold. A statement that asserts its formula only up to something (a constant factor, a sign) says so here.
        """
        return tuple((getattr(self, name), getattr(other, name)) for name in self.asserted())


def proportional(one: sp.Expr, other: sp.Expr, variables: tuple[sp.Symbol, ...]) -> tuple[Any, ...]:
    """Return the conditions under which `one` and `other` differ by a factor that is constant in `variables`."""
    return tuple((sp.diff(one, x) / one, sp.diff(other, x) / other) for x in variables)


def directed(direction: str, own: Any, other: Any) -> tuple[Any, ...]:
    """Return the conditions under which `other` is asserted by whoever asserts `own`, "if", "only if" or "iff"."""
    if direction == "if":
        return (Implication(other, own),)
    return (Implication(own, other),) if direction == "only if" else ((own, other),)
