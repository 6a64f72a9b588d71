"""Networks on which invariant sets are looked at: sizes, and points of the set made from arbitrary parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Protocol

from ....derivations.statements.sets.invariant_sets import Entry, InvariantSet, LinearForm, Shape

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Widths, the input's first; hidden widths are equal where residual connections may join them.
_WIDTHS = (
    (2, 2, 2),
    (3, 2, 1),
    (2, 3, 3, 2),
    (1, 2, 2, 2, 1),
    (2, 2, 3, 2, 2),
    (1, 3, 3, 3, 3, 2),
    (2, 3, 3, 3, 3, 3, 3, 1),
)


class Parameters(Protocol):
    """What holds a number for each entry."""

    def __getitem__(self, entry: Entry, /) -> Any: ...

    def __setitem__(self, entry: Entry, value: Any, /) -> None: ...


def shapes(statement: InvariantSet) -> Iterator[Shape]:
    """Yield networks with the named layers at different places: next to each other, and with layers between them.

    A network is left out where layers share parameters whose equations contradict each other.
    """
    names, skips = statement.layers, statement.network.skips
    for widths in _WIDTHS:
        hidden = len(widths) - 2
        if len(names) > hidden:
            continue
        spread = [1 + k * (hidden - 1) // max(len(names) - 1, 1) for k in range(len(names))]
        last = [hidden - len(names) + 1 + k for k in range(len(names))]
        for numbers in dict.fromkeys((tuple(spread), tuple(last))):
            places = dict(zip(names, numbers, strict=True))
            if all(widths[places[one]] == widths[places[other]] for one, other in skips):
                shape = Shape(widths, places)
                if _has_points(statement, shape):
                    yield shape


def _has_points(statement: InvariantSet, shape: Shape) -> bool:
    numbers = {entry: Fraction(k) for k, entry in enumerate(entries(shape))}
    forms = list(statement.forms(shape))
    put_on_set(numbers, forms, Fraction)
    return all(sum(Fraction(c) * numbers[e] for e, c in f.coefficients.items()) == f.value for f in forms)


def entries(shape: Shape) -> Iterator[Entry]:
    """Yield every parameter of the network."""
    for layer in range(1, len(shape.widths)):
        rows, columns = shape.widths[layer], shape.widths[layer - 1]
        yield from (("w", layer, i, j) for i in range(rows) for j in range(columns))
        yield from (("b", layer, i, 0) for i in range(rows))


def put_on_set(parameters: Parameters, forms: list[LinearForm], number: Callable[[Any], Any]) -> None:
    """Change parameters so that every equation holds; twice, as equations of two layers may share entries."""
    for _ in range(2):
        for form in forms:
            others = sum(number(c) * parameters[e] for e, c in form.coefficients.items() if e != form.lead)
            parameters[form.lead] = (number(form.value) - others) / number(form.coefficients[form.lead])
