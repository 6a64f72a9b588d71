"""A scalar formula as a function in source code: checks of its domain, intermediate values, the value."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from ...numerics.formula import Formula
from .facts import argument_names, identifier, visible
from .languages import Language
from .printing import Printer

#: Operations above which parts that occur several times get a name.
_LONG = 40
_MODULES = {"numpy": "np", "torch": "torch", "jax": "jnp"}


def scalar_code(formula: Formula, language: Language, head: list[str]) -> tuple[str, set[str]]:
    """Return the source of one function and the names of the functions that it calls."""
    names = argument_names(formula, language.words)
    printer = Printer(language, names)
    make = {"c": _c, "julia": _julia}.get(language.name, _python)
    return make(formula, printer, list(names.values()), head), printer.called


def _parts(formula: Formula, printer: Printer) -> Iterator[tuple[str, str]]:
    """Yield the intermediate values by name, and at last the value."""
    form = formula.evaluator.form
    taken = set(printer.names.values())
    symbols = (sp.Symbol(n) for k in range(10**6) if (n := f"part_{k}") not in taken)
    long = form.count_ops() > _LONG and not form.has(sp.Piecewise)
    shared, (value,) = sp.cse([form], symbols=symbols, order="none") if long else ([], [form])
    for symbol, part in shared:
        text = printer.text(part)
        printer.names[symbol] = symbol.name
        yield symbol.name, text
    yield "value", printer.text(value)


def _conditions(formula: Formula, printer: Printer) -> Iterator[tuple[str, str, str]]:
    """Yield the name of an argument, what it needs as code (empty: to be an integer), and in words."""
    for symbol in formula.arguments:
        given = formula.domain.ranges[symbol]
        if given.integral:
            yield printer.names[symbol], "", f"{symbol} must be an integer"
        for condition in given.conditions(symbol):
            if condition.free_symbols <= set(formula.arguments):
                yield printer.names[symbol], printer.condition(condition), f"it needs {visible(str(condition))}"


def _python(formula: Formula, printer: Printer, names: list[str], head: list[str]) -> str:
    module = _MODULES[printer.language.name]
    lines = [f"def {identifier(formula.id)}({', '.join([*names, 'check=True'])}):", f'    r"""{head[0]}', ""]
    lines += [f"    {line}".rstrip() for line in head[1:]]
    traced = {"torch": "inside torch.compile and torch.func", "jax": "inside jax.jit, jax.grad and jax.vmap"}
    if module in ("torch", "jnp"):
        lines += ["", f"    Give check=False {traced[printer.language.name]}, which cannot look at values."]
    lines += ['    """']
    if names:
        lines += [f"    {', '.join(names)}{',' * (len(names) == 1)} = _arrays({', '.join(names)})"]
    checks = list(_conditions(formula, printer))
    if checks:
        lines.append("    if check:")
    for name, condition, said in checks:
        lines.append(f"        if not ({condition or f'{name} == {module}.round({name})'}).all():")
        lines.append(f'            raise ValueError(f"{name} = {{{name}}} is outside the domain; {said}")')
    lines += [f"    {name} = {text}" for name, text in _parts(formula, printer)]
    constant = "torch.tensor(value, dtype=torch.float64)" if module == "torch" else f"{module}.asarray(value, float)"
    return "\n".join([*lines, f"    return {'value' if names else constant}", ""])


def _c(formula: Formula, printer: Printer, names: list[str], head: list[str]) -> str:
    # a backslash at its end would draw the next line into the comment
    lines = [f"// {line}".rstrip() + " ." * line.endswith("\\") for line in head]
    lines.append("// Outside the domain, errno is EDOM and the value NAN.")
    lines.append(f"double {identifier(formula.id)}({', '.join(f'double {n}' for n in names) or 'void'}) {{")
    for name, condition, _ in _conditions(formula, printer):
        lines += [f"    if (!({condition or f'{name} == floor({name})'})) {{ errno = EDOM; return NAN; }}"]
    for name, text in _parts(formula, printer):
        lines.append(f"    const double {name} = {text};")
    return "\n".join([*lines, "    return value;", "}", ""])


def _julia(formula: Formula, printer: Printer, names: list[str], head: list[str]) -> str:
    lines = [f"# {line}".rstrip() for line in head]
    lines.append("# For arrays, broadcast it with a dot.")
    lines.append(f"function {identifier(formula.id)}({', '.join(names)})")
    for name, condition, said in _conditions(formula, printer):
        lines.append(f'    {condition or f"isinteger({name})"} || throw(DomainError({name}, "{said}"))')
    lines += [f"    {name} = {text}" for name, text in _parts(formula, printer)]
    return "\n".join([*lines, "    return value", "end", ""])
