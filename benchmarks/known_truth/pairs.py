"""Two texts of one function: random formulas, and exact identities applied to them at random places.

A pair is built from the leaves up. Its two texts are equal by induction: a structural step puts equal texts into one
formula, a rule puts them into the two sides of an identity that holds for all arguments of the given classes. Classes
make every text defined and real: R real, P positive, G at least 1, U inside (-1, 1), I inside (0, 1).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .places import Variable

#: Which classes lie inside which.
INSIDE = {"R": "RPGUI", "P": "PGI", "G": "G", "U": "UI", "I": "I"}
#: Constants of each class.
CONSTANTS = {
    "R": ("2", "-3", "1/3", "-5/7"),
    "P": ("2", "3", "1/2", "7/5"),
    "G": ("2", "3", "11/7"),
    "U": ("1/2", "-2/3", "1/5"),
    "I": ("1/2", "2/7", "3/5"),
}
#: Formulas whose values lie in a class when their arguments ({a:R} and so on) lie in theirs.
STEPS = {
    "R": (
        "{a:R}+{b:R}", "{a:R}-{b:R}", "{a:R}*{b:R}", "-{a:R}", "{a:R}/{b:G}", "sin({a:R})", "cos({a:R})", "atan({a:R})",
        "tanh({a:R})", "erf({a:R})", "log({a:P})", "sinh({a:U})", "abs({a:R})", "{a:R}**2", "{a:R}**3",
        "loggamma({a:P})", "{a:R}*exp(-{b:P})", "log(1+{a:R}**2)",
    ),
    "P": (
        "{a:P}+{b:P}", "{a:P}*{b:P}", "{a:P}/{b:P}", "sqrt({a:P})", "exp({a:U})", "exp({a:R})", "1+{a:R}**2",
        "cosh({a:R})", "gamma({a:P})", "erfc({a:R})", "{a:P}**(1/3)", "log(1+{a:P})", "1/{a:P}", "log(1+exp({a:R}))",
        "abs({a:R})+{b:P}",
    ),
    "G": ("1+{a:P}", "cosh({a:R})", "sqrt(1+{a:R}**2)", "exp({a:P})", "{a:G}*{b:G}", "1+abs({a:R})"),
    "U": ("tanh({a:R})", "erf({a:R})", "{a:R}/sqrt(1+{a:R}**2)", "{a:U}*{b:U}", "-{a:U}"),
    "I": ("1/(1+{a:P})", "exp(-{a:P})", "{a:P}/({a:P}+{b:P})", "1/(1+exp({a:R}))", "{a:I}*{b:I}"),
}  # fmt: skip
#: Identities: class of the value, the two sides.
RULES = (
    ("R", "sin(2*{a:R})", "2*sin({a:R})*cos({a:R})"),
    ("R", "cos(2*{a:R})", "1-2*sin({a:R})**2"),
    ("R", "cos(3*{a:R})", "4*cos({a:R})**3-3*cos({a:R})"),
    ("R", "sin({a:R}+{b:R})", "sin({a:R})*cos({b:R})+cos({a:R})*sin({b:R})"),
    ("R", "sin({a:R})*sin({b:R})", "(cos({a:R}-{b:R})-cos({a:R}+{b:R}))/2"),
    ("R", "sin({a:R})**2", "(1-cos(2*{a:R}))/2"),
    ("R", "{b:R}*(sin({a:R})**2+cos({a:R})**2)", "{b:R}"),
    ("R", "sin(atan({a:R}))", "{a:R}/sqrt(1+{a:R}**2)"),
    ("P", "cos(atan({a:R}))", "1/sqrt(1+{a:R}**2)"),
    ("R", "tan(atan({a:R}))", "{a:R}"),
    ("R", "atan({a:P})", "pi/2-atan(1/{a:P})"),
    ("R", "atan({a:U})+atan({b:U})", "atan(({a:U}+{b:U})/(1-{a:U}*{b:U}))"),
    ("R", "sinh({a:R}+{b:R})", "sinh({a:R})*cosh({b:R})+cosh({a:R})*sinh({b:R})"),
    ("P", "exp({a:R})", "cosh({a:R})+sinh({a:R})"),
    ("P", "{b:P}", "{b:P}*(cosh({a:R})**2-sinh({a:R})**2)"),
    ("R", "tanh({a:R})", "(exp(2*{a:R})-1)/(exp(2*{a:R})+1)"),
    ("R", "tanh({a:R}/2)", "1-2/(exp({a:R})+1)"),
    ("R", "tanh(log({a:P}))", "({a:P}**2-1)/({a:P}**2+1)"),
    ("R", "sinh(log({a:P}))", "({a:P}-1/{a:P})/2"),
    ("R", "1-tanh({a:R})", "2*exp(-2*{a:R})/(1+exp(-2*{a:R}))"),
    ("R", "log(exp({a:R}))", "{a:R}"),
    ("P", "exp(log({a:P}))", "{a:P}"),
    ("R", "log({a:P}*{b:P})", "log({a:P})+log({b:P})"),
    ("R", "log({a:P}/{b:P})", "log({a:P})-log({b:P})"),
    ("R", "log({a:P}**{b:R})", "{b:R}*log({a:P})"),
    ("P", "{a:P}**{b:R}", "exp({b:R}*log({a:P}))"),
    ("P", "({a:P}**{b:R})**2", "{a:P}**(2*{b:R})"),
    ("R", "log(1+exp({a:R}))-log(1+exp(-{a:R}))", "{a:R}"),
    ("R", "log({a:R}+sqrt({a:R}**2+1))", "-log(sqrt({a:R}**2+1)-{a:R})"),
    ("I", "1/(1+exp(-{a:R}))", "exp({a:R})/(1+exp({a:R}))"),
    ("P", "sqrt({a:P})*sqrt({b:P})", "sqrt({a:P}*{b:P})"),
    ("P", "sqrt({a:R}**2+1)-{a:R}", "1/(sqrt({a:R}**2+1)+{a:R})"),
    ("P", "sqrt({a:P}+1)-sqrt({a:P})", "1/(sqrt({a:P}+1)+sqrt({a:P}))"),
    ("P", "1/(sqrt({a:P})+sqrt({a:P}+{b:P}))", "(sqrt({a:P}+{b:P})-sqrt({a:P}))/{b:P}"),
    ("G", "sqrt({a:G}+2*sqrt({a:G}-1))", "1+sqrt({a:G}-1)"),
    ("R", "sqrt({a:R}**2)", "abs({a:R})"),
    ("R", "abs({a:R}*{b:R})", "abs({a:R})*abs({b:R})"),
    ("R", "abs({a:R})**2", "{a:R}**2"),
    ("R", "({a:R}+abs({a:R}))**2", "2*{a:R}*({a:R}+abs({a:R}))"),
    ("P", "exp(abs({a:R}))", "cosh({a:R})+abs(sinh({a:R}))"),
    ("R", "abs({a:R}**3-{a:R})", "abs({a:R})*abs({a:R}-1)*abs({a:R}+1)"),
    ("R", "(abs({a:R}+{b:R})+abs({a:R}-{b:R}))**2", "2*({a:R}**2+{b:R}**2+abs({a:R}**2-{b:R}**2))"),
    ("R", "erf(abs({a:R}))", "abs(erf({a:R}))"),
    ("R", "1-erf({a:R})", "erfc({a:R})"),
    ("P", "2-erfc({a:R})", "erfc(-{a:R})"),
    ("P", "exp({a:R}**2)*(1-erf({a:R}))", "exp({a:R}**2)*erfc({a:R})"),
    ("P", "gamma({a:P}+1)", "{a:P}*gamma({a:P})"),
    ("P", "gamma({a:P})*gamma({a:P}+1/2)", "2**(1-2*{a:P})*sqrt(pi)*gamma(2*{a:P})"),
    ("P", "gamma({a:I})*gamma(1-{a:I})", "pi/sin(pi*{a:I})"),
    ("R", "loggamma({a:P}+1)", "loggamma({a:P})+log({a:P})"),
    ("P", "exp(loggamma({a:P}))", "gamma({a:P})"),
    ("R", "({a:R}+{b:R})**2", "{a:R}**2+2*{a:R}*{b:R}+{b:R}**2"),
    ("R", "({a:R}-{b:R})*({a:R}+{b:R})", "{a:R}**2-{b:R}**2"),
    ("R", "{a:R}**3-{b:R}**3", "({a:R}-{b:R})*({a:R}**2+{a:R}*{b:R}+{b:R}**2)"),
    ("R", "({a:R}**2+{b:R}**2)*({c:R}**2+{d:R}**2)", "({a:R}*{c:R}-{b:R}*{d:R})**2+({a:R}*{d:R}+{b:R}*{c:R})**2"),
    ("P", "1/({a:P}*({a:P}+1))", "1/{a:P}-1/({a:P}+1)"),
    ("R", "1/({a:P}+1)-1/({a:P}+2)", "1/({a:P}**2+3*{a:P}+2)"),
    ("I", "1/(1+1/{a:P})", "{a:P}/(1+{a:P})"),
    ("P", "{a:P}/{b:P}+{b:P}/{a:P}", "({a:P}**2+{b:P}**2)/({a:P}*{b:P})"),
    ("R", "({a:P}**2-{b:P}**2)/({a:P}+{b:P})", "{a:P}-{b:P}"),
)  # fmt: skip

_HOLE = re.compile(r"\{([a-d]):([RPGUI])\}")


@dataclass
class Pairs:
    """Random pairs over the variables of one domain."""

    rng: random.Random
    domain: Sequence[Variable]

    def pair(self, kind: str, depth: int) -> tuple[str, str]:
        """Return two texts of one function with values in the class `kind`, of at most `depth` steps."""
        leaves = [v.name for v in self.domain if v.kind in INSIDE[kind]]
        if depth <= 0 or self.rng.random() < 0.1:
            same = self.rng.choice(leaves) if leaves and self.rng.random() < 0.85 else None
            if same is None and self.rng.random() < 0.5:
                return self.filled(self.rng.choice(STEPS[kind]), None, 0) if depth > -2 else self._constant(kind)
            return (same, same) if same is not None else self._constant(kind)
        if self.rng.random() < 0.35:
            return self.filled(self.rng.choice(STEPS[kind]), None, depth - 1)
        return self.rule(kind, depth)

    def rule(self, kind: str, depth: int) -> tuple[str, str]:
        """Return the two sides of a random identity with values in `kind`, in a random order."""
        fitting = [r for r in RULES if r[0] in INSIDE[kind]]
        if not fitting:
            return self.filled(self.rng.choice(STEPS[kind]), None, depth - 1)
        _, one, other = self.rng.choice(fitting)
        found = self.filled(one, other, depth - 1)
        return found if self.rng.random() < 0.5 else found[::-1]

    def filled(self, left: str, right: str | None, depth: int) -> tuple[str, str]:
        """Fill the holes of two formulas; every occurrence on the right takes either text of its pair."""
        right = left if right is None else right
        holes: dict[str, tuple[str, str]] = {}
        for name, kind in _HOLE.findall(left + right):
            if name not in holes:
                # a second argument stays simple, so that texts do not grow with every step
                holes[name] = self.pair(kind, depth if not holes else min(depth, 1) - 1)
        return (
            _HOLE.sub(lambda m: _bracketed(holes[m[1]][0]), left),
            _HOLE.sub(lambda m: _bracketed(self.rng.choice(holes[m[1]])), right),
        )

    def _constant(self, kind: str) -> tuple[str, str]:
        text = f"({self.rng.choice(CONSTANTS[kind])})"
        return text, text


def _bracketed(text: str) -> str:
    return text if text.isalnum() or (text.startswith("(") and _closes_at_end(text)) else f"({text})"


def _closes_at_end(text: str) -> bool:
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(text) - 1
    return False
