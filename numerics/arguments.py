"""Arguments against their annotations: what is no number, flag, tensor or equation is refused by name before its use.

Ranges are the business of each function; here it is settled that a float is a real number and not NaN, a complex
number, a truth value or a text, that an int is whole, and that a tensor holds real numbers.
"""

from __future__ import annotations

import ast
import functools
import inspect
import math
import numbers
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import numpy as np
import sympy as sp

from ..derivations.errors import CrossproofError, DomainError, UsageError
from .argument_kinds import KINDS, SAME, Test, is_real, named

P = ParamSpec("P")
R = TypeVar("R")
Error = type[CrossproofError]

#: Assumptions of a symbol that the value of a parameter must share.
_ASSUMED = ("positive", "nonnegative", "negative", "nonpositive", "nonzero", "integer")


@dataclass(frozen=True)
class _Tested:
    """Tests of which one must pass, what to give, and whether exact numbers become floats and arrays lists."""

    tests: tuple[Test, ...]
    what: str
    number: bool
    listed: bool


def checked(error: Error = DomainError) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that refuses arguments which are not what the annotations say, with `error`.

    Exact numbers become floats where a float is asked for, and arrays lists where a sequence is.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        names = [n for n in function.__code__.co_varnames[: _arguments(function)] if n in function.__annotations__]
        tests = {name: _test(function.__annotations__[name]) for name in names}
        places = {n: i for i, n in enumerate(function.__code__.co_varnames[: _arguments(function)])}

        @functools.wraps(function)
        def guarded(*given: P.args, **named: P.kwargs) -> R:
            moved: list[Any] = list(given)
            for name, tested in tests.items():
                if name in named:
                    named[name] = _accepted(name, named[name], tested, error)
                elif places[name] < len(moved):
                    moved[places[name]] = _accepted(name, moved[places[name]], tested, error)
            return function(*moved, **named)

        return guarded

    return decorate


def check_fields(instance: Any, error: Error = DomainError) -> None:
    """Refuse fields of a frozen dataclass that are not what their annotations say."""
    for name, annotation in type(instance).__annotations__.items():
        object.__setattr__(instance, name, _accepted(name, getattr(instance, name), _test(annotation), error))


def parameter_values(
    parameters: Mapping[sp.Symbol, Any] | None, error: Error = DomainError
) -> dict[sp.Symbol, sp.Expr]:
    """Return values of parameters as exact numbers, so that symbolic division stays exact.

    Raises
    ------
    CrossproofError
        Of the kind `error`, if a value is not a finite real number or breaks an assumption of its symbol.
    """
    values = {}
    for symbol, value in (parameters or {}).items():
        if not (is_real(value) and _finite(value)):
            raise error(f"parameter {symbol}={_shown(value)}; give a finite real number")
        number = sp.sympify(value)
        number = sp.Rational(number) if number.is_Float else number
        for assumed in _ASSUMED:
            if getattr(symbol, f"is_{assumed}", None) and getattr(number, f"is_{assumed}", None) is False:
                raise error(f"parameter {symbol}={value}; the symbol is declared {assumed}, give such a value")
        values[symbol] = number
    return values


def _finite(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _arguments(function: Callable[..., Any]) -> int:
    code = function.__code__
    return code.co_argcount + code.co_kwonlyargcount


@functools.lru_cache(maxsize=256)
def _test(annotation: str) -> _Tested | None:
    """Return what an argument with this annotation must pass; None where anything may come."""
    text = re.sub(r"\b(?:torch|sp)\.", "", annotation)
    if text == "Any":
        return None
    found: list[tuple[Test, str]] = []
    for part in re.split(r" \| (?![^\[]*\])", text):
        name = SAME.get(part, part)
        name = re.sub(r"^(Mapping|Callable|Iterable)\[.*$", r"\1", name)
        if name.startswith("Literal["):
            choices = ast.literal_eval(name.removeprefix("Literal"))
            found.append((functools.partial(_one_of, choices), f"one of {', '.join(map(repr, choices))}"))
        elif name in KINDS:
            found.append(KINDS[name])
        elif name.isidentifier():  # an object of a class of that name
            found.append((functools.partial(_is_a, name), f"a {name}"))
        else:
            raise TypeError(f"annotation {annotation!r}: say in argument_kinds what {part!r} takes")
    tests, what = tuple(test for test, _ in found), " or ".join(what for _, what in found)
    return _Tested(tests, what, "float" in text.split(" | "), "Sequence[" in text or "..." in text)


def _one_of(choices: list[Any], value: Any) -> bool:
    return any(type(value) is type(choice) and value == choice for choice in choices)


def _is_a(name: str, value: Any) -> bool:
    return named(value, name)


def _accepted(name: str, value: Any, tested: _Tested | None, error: Error) -> Any:
    if tested is None:
        return value
    if not any(test(value) for test in tested.tests):
        raise error(f"{name}={_shown(value)}; give {tested.what}")
    if tested.listed and isinstance(value, np.ndarray):
        return value.tolist()
    if not tested.number or not isinstance(value, sp.Expr | numbers.Rational):
        return value
    try:
        return float(value)
    except OverflowError:
        raise error(f"{name}={_shown(value)} is beyond the floats; give a smaller number") from None


def _shown(value: Any) -> str:
    if hasattr(value, "shape") and hasattr(value, "dtype") and getattr(value, "ndim", False):
        return f"{type(value).__name__} of shape {tuple(value.shape)} and {value.dtype}"
    return reprlib.repr(value)


def name_of_function(what: str, function: Any, *arguments: str) -> str:
    """Return module and name of a function from outside; UsageError unless it takes these arguments, where given."""
    name = getattr(function, "__qualname__", None)
    try:
        if name is None or (arguments and inspect.signature(function).bind(*arguments) is None):
            raise TypeError
    except (TypeError, ValueError):
        said = name or reprlib.repr(function)
        raise UsageError(f"{what} {said}: define it as a function ({', '.join(arguments)})") from None
    return f"{function.__module__}.{name}"
