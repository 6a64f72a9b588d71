"""A formula in matrices as a function of arrays of any sizes that fit together."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...derivations.errors import PrintingError
from ...derivations.matrices.kronecker import CommutationMatrix, Vec
from ...numerics.matrix_formula import MatrixFormula
from .facts import plain
from .languages import Language
from .printing import Printer

_COMMUTATION = {
    "numpy": """\
def commutation(m, n):
    \"\"\"The matrix that carries vec(X) to vec(X.T), X of shape (m, n).\"\"\"
    return np.eye(m * n).reshape(n, m, m * n).swapaxes(0, 1).reshape(m * n, m * n)
""",
    "torch": """\
def commutation(m, n):
    \"\"\"The matrix that carries vec(X) to vec(X.T), X of shape (m, n).\"\"\"
    return torch.eye(m * n, dtype=torch.float64).reshape(n, m, m * n).swapaxes(0, 1).reshape(m * n, m * n)
""",
    "julia": """\
# The matrix that carries vec(X) to vec(X'), X of size (m, n).
function commutation(m, n)
    return reshape(permutedims(reshape(Matrix{Float64}(I, m * n, m * n), m, n, m * n), (2, 1, 3)), m * n, m * n)
end
""",
}
_COMMUTATION["jax"] = _COMMUTATION["numpy"].replace("np.", "jnp.")


def matrix_code(formula: MatrixFormula, name: str, language: Language, head: list[str]) -> tuple[str, str]:
    """Return the source of one function called `name`, and of the function that it needs beside the library.

    Raises
    ------
    PrintingError
        If the language has no arrays, or the formula runs over the samples of a data set.
    """
    if language.name == "c":
        raise PrintingError(f"{formula.id} is a formula in matrices; export it to numpy, torch, jax, julia or latex")
    made = _Arrays(formula, name, language)
    value = made.text(formula.expression)
    return made.function(value, head), _COMMUTATION[language.name] if made.commutes else ""


class _Arrays:
    def __init__(self, formula: MatrixFormula, name: str, language: Language) -> None:
        self.formula, self.name, self.language = formula, name, language
        self.julia = language.name == "julia"
        self.module = {"numpy": "np", "torch": "torch", "jax": "jnp", "julia": ""}[language.name]
        self.matrices = {symbol: plain(name) for name, symbol in formula.names.items()}
        self.scalars = Printer(language, {s: plain(s.name) for s in formula.numbers})
        self.commutes = False
        self.sizes: list[str] = []
        self.checks: list[tuple[str, sp.Expr]] = []
        for symbol, name in self.matrices.items():
            for axis, side in enumerate(symbol.shape):
                size = f"size({name}, {axis + 1})" if self.julia else f"{name}.shape[{axis}]"
                if isinstance(side, sp.Symbol) and side not in self.scalars.names:
                    self.scalars.names[side] = plain(side.name)
                    self.sizes.append(f"{plain(side.name)} = {size}")
                else:
                    self.checks.append((size, side))

    def size(self, e: Any) -> str:
        return self.scalars.text(sp.sympify(e)).replace(".0", "")

    def text(self, e: Any) -> str:
        """Return the code of a matrix, or of sums of products of traces."""
        if not isinstance(e, sp.MatrixExpr):
            return self._trace(e)
        if isinstance(e, sp.MatrixSymbol):
            return self.matrices[e]
        if isinstance(e, sp.Identity):
            n = self.size(e.rows)
            return f"Matrix{{Float64}}(I, {n}, {n})" if self.julia else f"{self.module}.eye({n}{self._double()})"
        if isinstance(e, sp.ZeroMatrix):
            shape = f"{self.size(e.rows)}, {self.size(e.cols)}"
            return f"zeros({shape})" if self.julia else f"{self.module}.zeros(({shape}){self._double()})"
        if isinstance(e, sp.MatAdd):
            return "(" + " + ".join(map(self.text, e.args)) + ")"
        if isinstance(e, sp.MatMul):
            coefficient, factors = e.as_coeff_matrices()
            product = (" * " if self.julia else " @ ").join(map(self.text, factors))
            return f"({product})" if coefficient == 1 else f"({self.scalars.text(coefficient, 2)} * ({product}))"
        if isinstance(e, sp.MatPow) and e.exp.is_Integer and e.exp > 0:
            base = self.text(e.base)
            return "(" + (" * " if self.julia else " @ ").join([base] * int(e.exp)) + ")"
        if isinstance(e, sp.Transpose):
            return self.text(e.arg) + ("'" if self.julia else ".T")
        if isinstance(e, sp.KroneckerProduct):
            made = self._whole(e.args[0])
            for part in e.args[1:]:
                made = f"{'kron' if self.julia else self.module + '.kron'}({made}, {self._whole(part)})"
            return made
        if isinstance(e, sp.BlockMatrix):
            return self._blocks(
                [[self.text(e.blocks[r, c]) for c in range(e.blocks.cols)] for r in range(e.blocks.rows)]
            )
        if isinstance(e, Vec):
            inner = self.text(e.matrix)
            return f"reshape({inner}, :, 1)" if self.julia else f"{inner}.T.reshape(-1, 1)"
        if isinstance(e, CommutationMatrix):
            self.commutes = True
            return f"commutation({self.size(e.args[0])}, {self.size(e.args[1])})"
        raise PrintingError(
            f"{self.formula.id}: {type(e).__name__} has no form in {self.language.name}; export it to latex"
        )

    def _whole(self, e: Any) -> str:
        """Return the code of a factor of a Kronecker product: torch wants its entries in a row."""
        text = self.text(e)
        return f"{text}.contiguous()" if self.module == "torch" and text.endswith(".T") else text

    def _double(self) -> str:
        return ", dtype=torch.float64" if self.module == "torch" else ""

    def _blocks(self, rows: list[list[str]]) -> str:
        if self.julia:
            return "vcat(" + ", ".join(f"hcat({', '.join(row)})" for row in rows) + ")"
        if self.module == "torch":
            return "torch.cat([" + ", ".join(f"torch.cat([{', '.join(row)}], 1)" for row in rows) + "])"
        return f"{self.module}.block([{', '.join('[' + ', '.join(row) + ']' for row in rows)}])"

    def _trace(self, e: Any) -> str:
        if isinstance(e, sp.Trace):
            return f"{'tr' if self.julia else self.module + '.trace'}({self.text(e.arg)})"
        if not e.has(sp.Trace):
            return self.scalars.text(e, 3)
        if e.is_Add or e.is_Mul:
            return "(" + (" + " if e.is_Add else " * ").join(map(self._trace, e.args)) + ")"
        if e.is_Pow and e.exp.is_Integer:
            return f"{self._trace(e.base)}{'^' if self.julia else '**'}{int(e.exp)}"
        raise PrintingError(f"{self.formula.id}: {e} is no sum of products of traces; export it to latex")

    def function(self, value: str, head: list[str]) -> str:
        """Return the source of the function with the value `value`."""
        names = [*self.matrices.values(), *(plain(s.name) for s in self.formula.numbers)]
        tests = [(size, self.size(side)) for size, side in self.checks]
        if self.julia:
            lines = [
                *(f"# {line}".rstrip() for line in head),
                f"function {self.name}({', '.join(names)})",
            ]
            lines += [f"    {size}" for size in self.sizes]
            lines += [
                f'    {one} == {other} || throw(DimensionMismatch("{one} must be {other}"))' for one, other in tests
            ]
            return "\n".join([*lines, f"    return {value}", "end", ""])
        lines = [f"def {self.name}({', '.join(names)}):", f'    r"""{head[0]}', ""]
        lines += [f"    {line}".rstrip() for line in head[1:]] + ['    """']
        lines += [f"    {size}" for size in self.sizes]
        for one, other in tests:
            lines.append(f"    if {one} != {other}:")
            lines.append(f'        raise ValueError(f"{one} is {{{one}}}; it must be {other} = {{{other}}}")')
        return "\n".join([*lines, f"    return {value}", ""])
