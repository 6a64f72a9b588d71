"""``crossproof export``: formulas of claims as one file of source code in some language, which needs no crossproof."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sympy as sp

from ...checks.functions.checks import functions
from ...checks.functions.described import described, refutation
from ...checks.store.files import write_whole
from ...derivations.claim import Claim
from ...derivations.errors import AccuracyWarning, CrossproofWarning, PrintingError, UsageError
from ...numerics.formula import Formula
from ...numerics.matrix_formula import MatrixFormula
from . import facts
from .languages import LANGUAGES, Language
from .matrices import matrix_code
from .scalars import scalar_code

_OPENINGS = {
    "numpy": "import numpy as np\n",
    "torch": "import torch\n",
    "jax": "import jax.numpy as jnp\n",
    "c": "#include <errno.h>\n#include <math.h>\n",
    "julia": "",
    "latex": "",
}
_ARRAYS = {
    "numpy": """\
def _arrays(*values):
    return tuple(v if isinstance(v, np.ndarray) and v.dtype.kind == "f" else np.asarray(v, float) for v in values)
""",
    "torch": """\
def _arrays(*values):
    return tuple(v if isinstance(v, torch.Tensor) else torch.as_tensor(v, dtype=torch.float64) for v in values)
""",
    "jax": """\
def _arrays(*values):
    return tuple(jnp.asarray(v) if hasattr(v, "dtype") else jnp.asarray(v, float) for v in values)
""",
}
_SCALAR_SHAPES = {
    "c": "all arguments and the value are numbers of double precision.",
    "julia": "all arguments and the value are numbers; broadcast over arrays.",
}
_ELEMENTWISE = "all arguments broadcast against each other, and the value has their common shape."


def export(claims: Sequence[Claim], to: str, out: Path | None) -> list[CrossproofWarning]:
    """Write the formulas of `claims` to the file `out`, or print them, and return what is to be said of them.

    Raises
    ------
    PrintingError
        If a claim asserts no formula, or one that the language cannot say.
    UsageError
        If no claim is given, or the file cannot be written.
    """
    text, said = source(claims, to)
    if out is None:
        print(text, end="")
    else:
        write_whole(out, text)
    return said


def source(claims: Sequence[Claim], to: str) -> tuple[str, list[CrossproofWarning]]:
    """Return the source code of the formulas of claims, and warnings."""
    if not claims:
        raise UsageError("export takes the id of one claim or more, e.g. `crossproof export 003.eq7 --to numpy`")
    language = LANGUAGES[to]
    bodies, helpers, said = [], dict[str, str](), list[CrossproofWarning]()
    arrays = False
    for claim in claims:
        formulas = _formulas(claim)
        for part, formula in enumerate(formulas, start=1):
            if to == "latex":
                bodies.append(_latex(claim, formula))
            elif isinstance(formula, MatrixFormula):
                shapes = "; ".join(f"{n}: ({m.rows}, {m.cols})" for n, m in formula.names.items())
                head = facts.heading(claim, f"{shapes}; the value: {_value_shape(formula)}", formula.latex)
                name = facts.identifier(claim.id) + f"_{part}" * (len(formulas) > 1)
                body, helper = matrix_code(formula, name, language, head)
                bodies.append(body)
                helpers |= {"commutation": helper} if helper else {}
            else:
                body, called, worst = _scalar(claim, formula, language)
                bodies.append(body)
                arrays = True
                said += [refutation(formula)] if formula.verdict == "refuted" else []
                helpers |= {n: language.helpers[n] for n in _needed(called, language)}
                if facts.loses_digits(worst):
                    said.append(_inexact(claim.id, worst))
    opening = _opening(language, helpers, "\n".join(bodies))
    parts = [opening, *([_ARRAYS[to]] if arrays and to in _ARRAYS else []), *helpers.values(), *bodies]
    between = "\n\n" if to in _ARRAYS else "\n"
    return between.join(part for part in parts if part), said


def _formulas(claim: Claim) -> list[Formula | MatrixFormula]:
    """Return the scalar formula of a claim, or its formulas in matrices, one a part of the statement."""
    try:
        return [described(claim)]
    except PrintingError as error:
        made = [formula for _, formula in functions(claim)]  # in matrices
        if not made:
            raise error from None
        return list(made)


def _scalar(claim: Claim, formula: Formula, language: Language) -> tuple[str, set[str], float]:
    words, worst = facts.accuracy(formula)
    shapes = _SCALAR_SHAPES.get(language.name, _ELEMENTWISE)
    head = facts.heading(claim, shapes, formula.equation, words)
    body, called = scalar_code(formula, language, head)
    return body, called, worst


def _inexact(id: str, worst: float) -> AccuracyWarning:
    return AccuracyWarning(
        f"the code of {id} is wrong by {worst:.0e} of the value at a point of the domain that its comment names; "
        "crossproof.formula is right there, too"
    )


def _needed(called: set[str], language: Language) -> list[str]:
    """Return the helpers that are called, or called by these, in the order of the language's list."""
    wanted = set(called)
    for name in called:
        wanted |= set(language.needs.get(name, ()))
    return [name for name in language.helpers if name in wanted]


def _opening(language: Language, helpers: dict[str, str], body: str) -> str:
    opening = _OPENINGS[language.name]
    if language.name == "numpy" and any("math." in text for text in helpers.values()):
        return f"import math\n\n{opening}"
    if language.name == "jax" and "special." in body + "".join(helpers.values()):
        return f"{opening}from jax.scipy import special\n"
    if language.name == "julia":
        special = any(f"{name}(" in body for name in ("erf", "erfc", "erfcx", "gamma", "loggamma"))
        linear = any(word in body for word in ("Matrix{Float64}(I", "tr(", "kron(", "commutation("))
        return "using LinearAlgebra\n" * linear + "using SpecialFunctions\n" * special
    return opening


def _value_shape(formula: MatrixFormula) -> str:
    value = formula.expression
    return f"({value.rows}, {value.cols})" if isinstance(value, sp.MatrixExpr) else "a number"


def _latex(claim: Claim, formula: Formula | MatrixFormula) -> str:
    words = formula.equation if isinstance(formula, Formula) else formula.latex
    head = facts.heading(claim, "as in the formula", formula.latex)
    lines = [f"% {line}" for line in head if not line.startswith(("Formula:", "Shapes:", "    "))]
    return "\n".join([*lines, r"\[", f"  {words}", rf"  \qquad \left({claim.domain.latex()}\right)", r"\]", ""])
