"""What each language calls a function, and what it has to be told of functions that it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Names that stand for something else in the language or its mathematical library.
_C_WORDS = frozenset(
    (
        "auto",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "j0",
        "j1",
        "jn",
        "y0",
        "y1",
        "yn",
        "gamma",
        "erf",
        "exp",
        "log",
        "pow",
        "sin",
        "cos",
        "tan",
    )
)
_JULIA_WORDS = frozenset(
    (
        "baremodule",
        "begin",
        "break",
        "catch",
        "const",
        "continue",
        "do",
        "else",
        "elseif",
        "end",
        "export",
        "finally",
        "for",
        "function",
        "global",
        "if",
        "import",
        "let",
        "local",
        "macro",
        "module",
        "quote",
        "return",
        "struct",
        "try",
        "using",
        "while",
        "im",
        "pi",
        "check",
    )
)
_PYTHON_WORDS = frozenset(
    (
        "np",
        "torch",
        "jax",
        "jnp",
        "math",
        "check",
        "value",
    )
)


@dataclass(frozen=True)
class Language:
    """A language to which formulas are exported.

    Parameters
    ----------
    name, comment : str
        Its name, and what opens a line of comment.
    functions : mapping
        What it calls a function of one argument.
    helpers : mapping
        Source of functions that it lacks, by name, in order of need.
    needs : mapping
        Which helpers a helper calls.
    words : frozenset of str
        Names that an argument may not have.
    """

    name: str
    comment: str
    functions: Mapping[str, str]
    helpers: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: frozenset[str] = frozenset()


_COMMON = ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "expm1", "log1p")
#: 1/2, 1/6, ...: the series of (exp(u) - 1)/u, for abs(u) < 1, from the highest power on.
_SERIES = "for n in range(18, 1, -1):"


def _prefixed(prefix: str) -> dict[str, str]:
    return {name: prefix + name for name in _COMMON} | {
        "asinh": prefix + "arcsinh",
        "atan": prefix + "arctan",
        "Abs": prefix + "abs",
        "sign": prefix + "sign",
        "exprel": "exprel",
        "erfcx": "erfcx",
    }


def _exprel(prefix: str) -> str:
    return f'''\
def exprel(u):
    """(exp(u) - 1)/u, also near u = 0."""
    near = {prefix}abs(u) < 1
    small = {prefix}where(near, u, 0 * u)
    series = 1 + 0 * u
    {_SERIES}
        series = 1 + series * small / n
    large = {prefix}where(near, 1 + 0 * u, u)
    return {prefix}where(near, series, {prefix}expm1(large) / large)
'''


def _erfcx(prefix: str) -> str:
    return f'''\
def erfcx(x):
    """exp(x**2)*erfc(x), also for large x."""
    far = x > 25
    near, square = {prefix}where(far, 0 * x, x), {prefix}where(far, x, 26 + 0 * x) ** 2
    series = 1 + 0 * x
    for n in range(9, 0, -1):
        series = 1 - series * (2 * n - 1) / (2 * square)
    return {prefix}where(far, series / {prefix}sqrt({math_pi} * square), {prefix}exp(near**2) * erfc(near))
'''


math_pi = "3.141592653589793"

_VECTORIZED = "{0} = np.vectorize(math.{1}, otypes=[float])\n"
NUMPY = Language(
    "numpy",
    "#",
    _prefixed("np.") | {name: name for name in ("erf", "erfc", "gamma", "loggamma")},
    {
        "erf": _VECTORIZED.format("erf", "erf"),
        "erfc": _VECTORIZED.format("erfc", "erfc"),
        "gamma": _VECTORIZED.format("gamma", "gamma"),
        "loggamma": _VECTORIZED.format("loggamma", "lgamma"),
        "exprel": _exprel("np."),
        "erfcx": _erfcx("np."),
    },
    {"erfcx": ("erfc",)},
    _PYTHON_WORDS,
)
_TORCH_GAMMA = '''\
def gamma(x):
    """The gamma function."""
    sign = torch.where((x < 0) & (torch.floor(x) % 2 != 0), -1.0, 1.0)
    return sign * torch.exp(torch.lgamma(x))
'''
TORCH = Language(
    "torch",
    "#",
    _prefixed("torch.")
    | {"erf": "torch.erf", "erfc": "torch.erfc", "erfcx": "torch.special.erfcx", "loggamma": "torch.lgamma"}
    | {"gamma": "gamma"},
    {"exprel": _exprel("torch."), "gamma": _TORCH_GAMMA},
    words=_PYTHON_WORDS,
)
JAX = Language(
    "jax",
    "#",
    _prefixed("jnp.")
    | {"erf": "special.erf", "erfc": "special.erfc", "gamma": "special.gamma", "loggamma": "special.gammaln"},
    {"exprel": _exprel("jnp."), "erfcx": _erfcx("jnp.").replace("erfc(near)", "special.erfc(near)")},
    words=_PYTHON_WORDS | {"special"},
)
_C_EXPREL = """\
/* (exp(u) - 1)/u, also near u = 0 */
static double exprel(double u) { return u == 0.0 ? 1.0 : expm1(u) / u; }
"""
_C_ERFCX = f"""\
/* exp(x*x)*erfc(x), also for large x */
static double erfcx(double x) {{
    double series = 1.0;
    if (x <= 25.0) return exp(x * x) * erfc(x);
    for (int n = 9; n > 0; n--) series = 1.0 - series * (2 * n - 1) / (2.0 * x * x);
    return series / (x * sqrt({math_pi}));
}}
"""
C = Language(
    "c",
    "//",
    {name: name for name in (*_COMMON, "asinh", "atan", "erf", "erfc", "erfcx", "exprel", "sign")}
    | {"Abs": "fabs", "gamma": "tgamma", "loggamma": "lgamma"},
    {
        "exprel": _C_EXPREL,
        "erfcx": _C_ERFCX,
        "sign": "static double sign(double x) { return (double)((x > 0.0) - (x < 0.0)); }\n",
    },
    words=_C_WORDS,
)
_JULIA_EXPREL = """\
# (exp(u) - 1)/u, also near u = 0
exprel(u) = u == 0 ? one(u) : expm1(u) / u
"""
JULIA = Language(
    "julia",
    "#",
    {name: name for name in (*_COMMON, "asinh", "atan", "erf", "erfc", "erfcx", "exprel", "sign", "gamma", "loggamma")}
    | {"Abs": "abs"},
    {"exprel": _JULIA_EXPREL},
    words=_JULIA_WORDS,
)
LATEX = Language("latex", "%", {})
LANGUAGES: Mapping[str, Language] = {made.name: made for made in (NUMPY, TORCH, JAX, C, JULIA, LATEX)}
