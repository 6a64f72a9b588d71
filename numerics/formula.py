"""A claim's closed form as a function for other code."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import sympy as sp

from ..derivations.domain import Domain
from ..derivations.errors import PrintingError
from .argument_kinds import named
from .formulas.evaluation import Evaluator, evaluator_of
from .formulas.given_values import bound, numpy_values, rounded, torch_values

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

Function = Callable[..., Any]


@dataclass(frozen=True)
class Formula:
    """The closed form that a claim asserts, with its domain; a function of numbers, arrays and tensors.

    Every value is right to twelve digits, or comes from balls and is rounded once: where float64 cancels, overflows or
    loses its digits, the element is computed again with rising precision. Results have the dtype of what is given.

    Parameters
    ----------
    id : str
        Id of the claim.
    expression : sympy.Expr
        The closed form.
    domain : Domain
        Ranges of its arguments.
    left, sign : str
        What the closed form is the value of, in LaTeX, and the sign between them (``=``, ``\\propto``, ...).
    verdict : str or None
        The outcome of the claim ("proved", "confirmed", "refuted", ...), or None where none is known.
    repairs : tuple of str
        Ids of the claims that repair this one.
    """

    id: str
    expression: sp.Expr
    domain: Domain
    left: str = ""
    sign: str = "="
    verdict: str | None = None
    repairs: tuple[str, ...] = ()

    @property
    def latex(self) -> str:
        """The closed form in LaTeX."""
        return str(sp.latex(self.expression))

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.equation}$"

    @property
    def equation(self) -> str:
        """The closed form with what it is the value of, in LaTeX."""
        return f"{self.left} {self.sign} {self.latex}" if self.left else self.latex

    @property
    def arguments(self) -> tuple[sp.Symbol, ...]:
        """Symbols of the closed form, in the order of the domain."""
        return tuple(s for s in self.domain.symbols if s in self.expression.free_symbols)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the arguments; ``lambda_`` for lambda."""
        return tuple(map(argument_name, self.arguments))

    @property
    def signature(self) -> inspect.Signature:
        """Arguments of the functions, by place or by name."""
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(name, kind) for name in self.names])

    @cached_property
    def evaluator(self) -> Evaluator:
        """What computes the values; PrintingError if the expression has no faithful form in arrays."""
        return evaluator_of(self.id, self.arguments, self.expression, self.domain)

    def __call__(self, *values: Any, **keywords: Any) -> Any:
        """Return the value at numbers, NumPy arrays, tensors or JAX arrays, in the order of :attr:`signature`.

        A tensor among them gives a tensor, a JAX array a JAX array. Errors as for :meth:`numpy`.
        """
        given = (*values, *keywords.values())
        if any(named(v, "Tensor") for v in given):
            return self._torch(*values, **keywords)
        if any(type(v).__module__.partition(".")[0] in ("jax", "jaxlib") for v in given):
            return self._jax(*values, **keywords)
        return self._numpy(*values, **keywords)

    def numpy(self) -> Function:
        """Return the formula as a function of NumPy arrays or numbers (by place or by name, broadcasting).

        Integers and Python numbers count as float64; arrays keep their dtype and promote as NumPy does.

        Raises
        ------
        DomainError
            From the returned function: for a missing, unknown, non-finite or out-of-domain argument.
        NumericsError
            From the returned function: where the formula has no real value, or one beyond its dtype.
        PrintingError
            If the expression has no faithful form in arrays.
        """
        evaluator, names = self.evaluator, self.names

        def function(*given: Any, **keywords: Any) -> Any:
            values, kind = numpy_values(names, bound(self.id, names, given, keywords))
            evaluator.check(values)
            return rounded(self.id, evaluator.numpy(values), kind)

        return self._named(function)

    def torch(self) -> Function:
        """Return the formula as a function of tensors or numbers (by place or by name, broadcasting).

        Floating tensors promote as in torch, and the result is on their device; numbers alone give a float64 tensor on
        the CPU. Gradients of any order, ``torch.func`` and ``torch.compile`` work, and derivatives are as exact as
        values.

        Raises
        ------
        DomainError, NumericsError
            From the returned function, as for :meth:`numpy`.
        PrintingError
            If the expression has no faithful form in arrays.
        """
        import torch

        from .formulas.torch_operator import differentiable

        evaluate, id, names = differentiable(self.evaluator), self.id, self.names
        constant = float(self.evaluator.numpy([])) if not names else 0.0

        def function(*given: Any, **keywords: Any) -> Any:
            values, kind = torch_values(id, names, bound(id, names, given, keywords))
            found = evaluate(values) if values else torch.full((), constant, dtype=torch.float64)
            return found.to(kind)

        return self._named(function)

    def jax(self) -> Function:
        """Return the formula as a function of JAX arrays or numbers; ``jit``, ``grad`` and ``vmap`` apply.

        Raises
        ------
        UsageError
            If JAX is not installed.
        DomainError, NumericsError, PrintingError
            As for :meth:`numpy`; inside compiled code, JAX wraps what the returned function raises.
        """
        from .formulas.jax_function import differentiable

        evaluate, names = differentiable(self.evaluator, self.names), self.names
        return self._named(lambda *given, **keywords: evaluate(bound(self.id, names, given, keywords)))

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # functions are made again

    @cached_property
    def _numpy(self) -> Function:
        return self.numpy()

    @cached_property
    def _torch(self) -> Function:
        return self.torch()

    @cached_property
    def _jax(self) -> Function:
        return self.jax()

    def _named(self, function: Function) -> Function:
        function.__name__ = "formula"
        function.__doc__ = f"{self.id}: {sp.sstr(self.expression)}; domain {self.domain!r}."
        function.__signature__ = self.signature  # type: ignore[attr-defined]
        return function


def argument_name(symbol: sp.Symbol) -> str:
    """Return the name of a symbol as an argument: that of a word of Python gets an underscore."""
    return f"{symbol.name}_" if keyword.iskeyword(symbol.name) else str(symbol.name)


def formula_of(
    claim_id: str,
    expression: sp.Expr | None,
    domain: Domain,
    left: str = "",
    sign: str = "=",
    verdict: str | None = None,
    repairs: Sequence[str] = (),
) -> Formula:
    """Return the Formula of a claim.

    Raises
    ------
    PrintingError
        If the statement has no scalar closed form.
    """
    if expression is None or not isinstance(expression, sp.Expr) or getattr(expression, "is_Matrix", False):
        raise PrintingError(
            f"{claim_id} asserts no scalar closed form; `crossproof show {claim_id}` shows what it asserts, and "
            "`crossproof.matrix_formula` gives a value in matrices"
        )
    return Formula(claim_id, expression, domain, left, sign, verdict, tuple(repairs))
