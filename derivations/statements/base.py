"""What all statements have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

import sympy as sp


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

    def formula(self) -> sp.Expr | None:
        """Return the asserted closed form for use in other code, or None when there is none."""
        return None
