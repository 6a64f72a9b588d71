"""Types of statement as text about functions of which only the first derivatives at 0 are known."""

from __future__ import annotations

from ..statement import Statement
from ..statements.classes.near_points import AttractiveNear, EscapesNear, LocalDiffusion, Starts
from ..statements.function_limits import FunctionLimit, Jet
from .forms import CONDITION, TEXT, Part, form, one_of, table
from .statements import Fields, Type

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def _jets(fields: Fields, of: str) -> tuple[Jet, ...]:
    """Return the functions of a table, of the variable that the field `of` names, with their derivatives at 0."""
    variable = fields.name(of)
    known = []
    for name, derivatives in table(fields, "functions").items():
        own = Fields({name: derivatives}, fields.symbols, fields.written)
        known.append((name, tuple(own.expressions(name))))
    return tuple(Jet(fields.declare("functions", name, [variable]), derivatives) for name, derivatives in known)


def _function_limit(fields: Fields) -> Statement:
    jets = _jets(fields, "variable")
    expression = fields.expression("expression")
    return FunctionLimit(expression, fields.name("variable"), jets, fields.expression("value"))


def _process(fields: Fields, name: str) -> LocalDiffusion:
    jets = _jets(fields, "state")
    return LocalDiffusion(fields.name("state"), fields.expression("drift"), fields.expression("variance"), jets)


_PROCESS = Part(_process, ("state", "functions", "drift", "variance"))

JETS = {
    "function-limit": Type(("expression", "variable", "functions", "value"), (), _function_limit),
    "attractive-near": form(AttractiveNear, process=_PROCESS, condition=CONDITION, direction=TEXT),
    "escapes-near": form(EscapesNear, process=_PROCESS, starts=one_of(Starts)),
}
