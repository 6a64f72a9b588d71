"""Exported code stands alone and has the values of the formula: run in NumPy, torch and C against exact values."""

from __future__ import annotations

import ast
import ctypes
import errno
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

import crossproof as cp
from crossproof.cli import main
from crossproof.numerics.exact.values import value_at_precision
from crossproof.numerics.formula import Formula
from crossproof.numerics.formulas.bounds import numpy_arithmetic
from crossproof.numerics.formulas.exact_points import exact
from crossproof.numerics.formulas.programs import program_of
from crossproof.numerics.formulas.rewriting import held
from crossproof.numerics.formulas.sampling import scattered_points
from crossproof.reports.exports import facts
from crossproof.reports.exports.export import source
from crossproof.reports.exports.languages import LANGUAGES

cp.load_catalog()
#: Formulas with powers, exponentials, roots, a gamma function, trigonometry, many variables, a reading, a repair.
SAMPLE = [
    "003.eq7", "003.eq9", "003.eq3", "004.eq54", "004.conj-i.1", "004.conj-i.1.reciprocal", "001.9.fractional",
    "004.eq63", "000.align.solution", "004.eq34.gd.repaired", "003.eq1.limit.noise", "000.drift.horizon.repaired",
    "004.dw.anyinit", "004.eq60.argmax",
]  # fmt: skip
PYTHON = ("numpy", "torch")
COMPILER = shutil.which("cc")
x, k = cp.real("x"), cp.positive("k")


def claim(expression: sp.Expr, **ranges: Any) -> cp.Claim:
    """Return a claim that asserts a formula."""
    return cp.Claim(
        "mine.a", "It is so.", cp.Source("mine", "(1)"), cp.Identity(expression, expression), cp.Domain(**ranges)
    )


def loaded(text: str) -> dict[str, Any]:
    """Return the names that exported Python code defines, run where crossproof cannot be imported."""
    assert "crossproof." not in "".join(line for line in text.splitlines() if "import" in line)
    found: dict[str, Any] = {}
    exec(compile(text, "exported", "exec"), found)
    return found


def scalar_claims(ids: Any) -> Iterator[tuple[cp.Claim, Formula]]:
    from crossproof.checks.functions.described import described

    for id in ids:
        try:
            made = described(cp.CLAIMS[id])
            made.evaluator  # noqa: B018  (refused where it has no form)
            yield cp.CLAIMS[id], made
        except cp.PrintingError:
            continue


def points(formula: Formula, count: int) -> Iterator[tuple[list[float], float, float]]:
    """Yield rational points (of float64), the exact value there, and how much it feels the arguments."""
    drawn = scattered_points(formula.domain, 3 * count, 7, far=False)
    assert drawn is not None
    yielded = 0
    for row in drawn[:, [formula.domain.symbols.index(s) for s in formula.arguments]]:
        point = {s: exact(v) for s, v in zip(formula.arguments, row, strict=True)}
        try:
            ball = value_at_precision(formula.expression, point, 400).ball
        except cp.NumericsError:
            continue
        if abs(float(ball)) < 1e300 and yielded < count:
            yielded += 1
            # what a change of the arguments by one part in 1e16 changes: no code in float64 does better
            slopes = sum(abs(_slope(formula, s, point) * float(v)) for s, v in point.items())
            yield list(row), float(ball.mid()), slopes


def _slope(formula: Formula, symbol: sp.Symbol, point: dict[sp.Symbol, sp.Expr]) -> float:
    try:
        return float(value_at_precision(sp.diff(formula.expression, symbol), point, 200).ball.mid())
    except cp.NumericsError:
        return 0.0


def agrees(formula: Formula, function: Callable[..., Any], count: int = 6) -> int:
    """Return at how many random points a function has the exact value to 1e-12."""
    seen = 0
    for row, value, spread in points(formula, count):
        with np.errstate(all="ignore"):
            told = program_of(formula.evaluator.arguments, formula.evaluator.form)(numpy_arithmetic(), row)
            if not held(*told):
                continue  # float64 has not the digits, or not the range, as the comment of the code says
            found = float(function(*row))
        assert found == pytest.approx(value, rel=1e-12, abs=1e-14 * spread + 1e-300), (formula.id, row)
        seen += 1
    return seen


def compiled(text: str, folder: Path) -> ctypes.CDLL:
    """Return the library that the C compiler makes of exported code, with all warnings as errors."""
    (folder / "formulas.c").write_text(text, encoding="utf-8")
    made = folder / "formulas.so"
    command = [
        COMPILER,
        "-std=c99",
        "-O2",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-shared",
        "-fPIC",
        "-o",
        made,
        "formulas.c",
        "-lm",
    ]
    done = subprocess.run([str(c) for c in command], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(made), use_errno=True)


def of_c(library: ctypes.CDLL, id: str) -> Callable[..., float]:
    function = getattr(library, facts.identifier(id))
    function.restype = ctypes.c_double
    return lambda *row: function(*map(ctypes.c_double, row))


def check_values(ids: Any, count: int, folder: Path, languages: tuple[str, ...]) -> int:
    chosen = list(scalar_claims(ids))
    claims = [c for c, _ in chosen]
    seen = 0
    for to in languages:
        text = source(claims, to)[0]
        if to == "c":
            library = compiled(text, folder)
        else:
            module = loaded(text)
        for made, formula in chosen:
            function = of_c(library, made.id) if to == "c" else module[facts.identifier(made.id)]
            seen += agrees(formula, function, count)
    return seen


def test_values_in_numpy_and_torch(tmp_path: Path) -> None:
    assert check_values(SAMPLE, 4, tmp_path, PYTHON) >= 80


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_values_in_c(tmp_path: Path) -> None:
    assert check_values(SAMPLE, 6, tmp_path, ("c",)) >= 60


@pytest.mark.slow
@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_values_of_the_whole_catalog(tmp_path: Path) -> None:
    ids = [id for id, made in cp.CLAIMS.items() if made.statement.formula() is not None]
    assert check_values(ids, 3, tmp_path, ("numpy", "torch", "c")) >= 2000


def test_values_in_jax(tmp_path: Path) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    assert check_values(SAMPLE, 3, tmp_path, ("jax",)) >= 30


def test_a_wrong_formula_would_be_noticed() -> None:
    (_, formula), *_ = scalar_claims(["003.eq7"])
    with pytest.raises(AssertionError):
        agrees(formula, lambda *row: float(formula(*row)) * (1 + 1e-11))


SPECIAL = [
    (sp.exp(x**2 / 2) * sp.erfc(x / sp.sqrt(2)), {"x": cp.Real}, (-3.0, 0.0, 1.0, 36.0, 1e5)),
    ((1 - sp.exp(-2 * k)) / k, {"k": cp.Positive}, (1e-17, 1e-3, 0.4, 30.0)),
    (sp.loggamma(k) + sp.gamma(k) * sp.erf(k), {"k": cp.Positive}, (0.3, 4.0, 20.5)),
    (sp.asinh(x) + sp.atan(x) * sp.Abs(x) - sp.sign(x) + sp.tan(x), {"x": cp.Real}, (-2.0, 0.5, 9.0)),
    (
        sp.Piecewise((sp.log(1 + x**2), x > 1), (x - 1, sp.And(x <= 1, x > 0)), (-1, True)),
        {"x": cp.Real},
        (-1.0, 0.5, 3.0),
    ),
    (sp.pi * k ** sp.Rational(-2, 3) / (3 * sp.sqrt(k + 1)) - k**-2, {"k": cp.Positive}, (0.5, 2.0)),
]


@pytest.mark.parametrize("to", ["numpy", "torch", "c"])
def test_special_functions_and_removable_points(to: str, tmp_path: Path) -> None:
    for number, (expression, ranges, places) in enumerate(SPECIAL):
        if expression.has(sp.Piecewise) and to == "torch":
            continue
        made = claim(expression, **ranges)
        formula = cp.formula(made)
        text = source([made], to)[0]
        if to == "c":
            if COMPILER is None:
                pytest.skip("there is no C compiler")
            (folder := tmp_path / str(number)).mkdir()
            function = of_c(compiled(text, folder), made.id)
        else:
            function = loaded(text)[facts.identifier(made.id)]
        for place in places:
            assert float(function(place)) == pytest.approx(float(formula(place)), rel=1e-12), (expression, place)


def test_exported_torch_has_gradients_at_removable_points() -> None:
    text = source([claim((1 - sp.exp(-2 * k)) / k, k=cp.Positive)], "torch")[0]
    function = loaded(text)["claim_mine_a"]
    rates = torch.tensor([1e-17, 1e-3, 2.0], dtype=torch.float64, requires_grad=True)
    function(rates).sum().backward()
    exactly = [-2.0, -2.0 + 8e-3 / 3 - 2e-6, (2 * 2 * np.exp(-4) - (1 - np.exp(-4))) / 4]
    assert rates.grad is not None
    assert rates.grad.tolist() == pytest.approx(exactly, rel=1e-8)
    slopes = torch.func.vmap(torch.func.grad(lambda rate: function(rate, check=False)))(rates.detach())
    assert slopes.tolist() == pytest.approx(exactly, rel=1e-8)


def test_domains_are_checked_in_every_language(tmp_path: Path) -> None:
    made = cp.CLAIMS["003.eq7"]
    given = {"L": 2.0, "s1": 1.0, "stilde1": 1.0, "sigma": 0.1, "eta_b": 0.1}
    for to in PYTHON:
        function = loaded(source([made], to)[0])["claim_003_eq7"]
        with pytest.raises(ValueError, match=r"s1 = .* is outside the domain; it needs s1 > 0"):
            function(**given | {"s1": -1.0})
        with pytest.raises(ValueError, match="L must be an integer"):
            function(**given | {"L": 1.5})
        assert np.isfinite(float(function(**given | {"s1": 2.0})))
        assert np.isfinite(float(function(**given | {"L": 1.5}, check=False)))
    if COMPILER is not None:
        function = of_c(compiled(source([made], "c")[0], tmp_path), made.id)
        ctypes.set_errno(0)
        assert np.isnan(function(*(given | {"s1": -1.0}).values()))
        assert not np.isnan(function(*given.values()))
    assert "throw(DomainError(s1" in source([made], "julia")[0]
    assert errno.EDOM


def test_a_head_names_what_a_reader_needs() -> None:
    for to in LANGUAGES:
        text = source([cp.CLAIMS["004.conj-i.1"]], to)[0]
        for words in (
            "004.conj-i.1",
            "document 004, Conjecture I.1",
            "REFUTED; use",
            "t >= 0",
            "crossproof 0.",
            "mathbb{E}",
        ):
            assert words in text, (to, words)
        if to != "latex":
            assert "Shapes:" in text
            assert "digits at" in text


def test_what_a_title_holds_stays_in_its_comment() -> None:
    nasty = cp.Claim(
        "mine.a",
        'Ends """ here\nint x; \\',
        cp.Source("mine", "*/ \\"),
        cp.Identity(k, k**2 / k + 0),
        cp.Domain(k=cp.Positive),
    )
    for to in ("numpy", "torch", "jax"):
        body = [n for n in ast.parse(source([nasty], to)[0]).body if isinstance(n, ast.FunctionDef)]
        assert body[-1].name == "claim_mine_a"
    for line in source([nasty], "c")[0].splitlines():
        assert not line.endswith("\\")
        assert not line.startswith("int")


def test_words_of_a_language_are_no_names_of_arguments() -> None:
    made = claim(
        sp.Symbol("y0", positive=True) * sp.Symbol("lambda", positive=True), y0=cp.Positive, **{"lambda": cp.Positive}
    )
    assert "double y0_" in source([made], "c")[0]
    assert "def claim_mine_a(y0, lambda_, check=True):" in source([made], "numpy")[0]


MATRICES = ["003.prop3.2.cov", "003.prop3.1.jacobian", "003.a1.flow", "003.prop3.4.sde"]


@pytest.mark.parametrize("id", MATRICES)
@pytest.mark.parametrize("to", PYTHON)
def test_matrix_formulas_as_array_code(id: str, to: str) -> None:
    from crossproof.checks.functions.checks import functions

    rng = np.random.default_rng(2)
    text = source([cp.CLAIMS[id]], to)[0]
    functions_of = [
        n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name.startswith("claim")
    ]
    for name, (_, formula) in zip(functions_of, functions(cp.CLAIMS[id]), strict=True):
        sizes: dict[Any, int] = {}
        given: dict[str, Any] = {}
        for argument, symbol in formula.names.items():
            shape = [
                sizes.setdefault(s, 2 + len(sizes) % 3) if isinstance(s, sp.Symbol) else int(s.subs(sizes))
                for s in symbol.shape
            ]
            given[argument] = torch.as_tensor(rng.normal(size=shape))
        given |= {s.name: 2 if s.is_integer else 0.7 for s in formula.numbers}
        expected = np.asarray(formula.torch()(**given))
        moved = (
            given
            if to == "torch"
            else {a: np.asarray(v) if isinstance(v, torch.Tensor) else v for a, v in given.items()}
        )
        assert np.allclose(np.asarray(loaded(text)[name](*moved.values())), expected, rtol=1e-12)


def test_matrices_that_do_not_fit_are_refused() -> None:
    square, wide = np.eye(2), np.ones((2, 3))
    for to, kind in (("numpy", np.asarray), ("torch", torch.as_tensor)):
        function = loaded(source([cp.CLAIMS["003.prop3.2.cov"]], to)[0])["claim_003_prop3_2_cov"]
        assert function(*map(kind, [square] * 5), 0.5).shape == (4, 4)
        with pytest.raises(ValueError, match=r"Q_j.shape\[1\] is 3; it must be d0 = 2"):
            function(*map(kind, [square] * 4 + [wide]), 0.5)


def test_what_cannot_be_exported_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for arguments, message in (
        (["003.prop3.2.cov", "--to", "c"], "a formula in matrices; export it to numpy"),
        (["004.gbm.log", "--to", "numpy"], "asserts no scalar closed form"),
        (["003.eq77", "--to", "numpy"], "did you mean 003.eq7"),
        (["003.eq7", "--to", "numpy", "--out", str(tmp_path / "none" / "a.py")], "there is no folder"),
        (["003.eq7", "--to", "fortran"], "invalid choice: 'fortran'"),
        (["003.eq7"], "--to"),
    ):
        assert main(["export", *arguments]) == 2
        said = capsys.readouterr()
        assert message in said.err
        assert len(said.err.strip().splitlines()) == 1
        assert not said.out
    assert not list(tmp_path.iterdir())
    with pytest.raises(cp.PrintingError, match="right gradients"):
        source([claim(sp.Piecewise((x, x > 0), (0, True)), x=cp.Real)], "torch")


def test_the_command_writes_a_file_that_runs_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "formulas.py"
    assert main(["export", "003.eq7", "004.conj-i.1", "--to", "numpy", "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert re.fullmatch(r"crossproof: warning: the formula of 004\.conj-i\.1 is refuted; use \S+ instead\n", said)
    run = "import formulas; print(formulas.claim_003_eq7(2, 1.0, 1.5, 0.0, 0.1))"
    alone = f"import sys; sys.path.append({str(Path(np.__file__).parents[1])!r}); {run}"
    command = [sys.executable, "-S", "-c", alone]  # without the site's folder: crossproof is not there
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert float(done.stdout) == pytest.approx(0.2), done.stderr
