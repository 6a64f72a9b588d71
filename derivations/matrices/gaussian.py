"""Means and covariances of traces of words over the data of a network setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sympy as sp

from ..errors import ClaimError
from .networks import NetworkSetting
from .words import Letter, TraceSum, Word, cyclic, flipped

Pair = Callable[[Word, Word], TraceSum]


def data_mean(scalar: TraceSum, setting: NetworkSetting) -> TraceSum:
    """Return the mean of a sum of traces over the data.

    Over a data set the data letters are marked as averaged. For a teacher, ``E[x x^T] = I``,
    ``E[x epsilon^T] = 0`` and ``E[epsilon epsilon^T] = sigma^2 I`` replace the one pair of data letters of a word.
    """
    data = {symbol.name for symbol in setting.sample}
    total = TraceSum({})
    for key, coefficient in scalar.terms.items():
        (word,) = key
        if setting.data == "dataset":
            marked = tuple(replace(k, averaged=True) if k.name in data else k for k in word)
            total = total + TraceSum.of([((cyclic(marked),), coefficient)])
            continue
        split = _split(word, setting)
        if split is None:
            total = total + TraceSum.of([(key, coefficient)])
            continue
        first, second, inside = split
        total = total + TraceSum.of([((cyclic(inside),), coefficient * _second_moment(first, second, setting))])
    return total


def data_covariance(setting: NetworkSetting) -> Pair:
    r"""Return the covariance of two traces of words over the data.

    Over a data set it stays formal: a symmetric symbol for each pair of words. For a teacher, with
    :math:`x \sim N(0, I)` and independent centred label noise of covariance :math:`\sigma^2 I`,

    .. math:: \mathrm{Cov}(x^\top A x, x^\top B x) = \mathrm{tr}(AB) + \mathrm{tr}(AB^\top), \qquad
              \mathrm{Cov}(\epsilon^\top A x, \epsilon^\top B x) = \sigma^2\,\mathrm{tr}(A B^\top),

    and the mixed covariances vanish (Isserlis; the second needs no Gaussian label noise).

    Raises
    ------
    ClaimError
        When called on words quadratic in the label noise, whose fourth moment the setting does not give.
    """
    data = {symbol.name for symbol in setting.sample}

    def formal(left: Word, right: Word) -> TraceSum:
        if not all(any(k.name in data for k in word) for word in (left, right)):
            return TraceSum({})
        return TraceSum.of([((min(left, right), max(left, right)), sp.Integer(1))])

    def teacher(left: Word, right: Word) -> TraceSum:
        one, other = _split(left, setting), _split(right, setting)
        if one is None or other is None:
            return TraceSum({})
        first, second, a = one
        third, fourth, b = other
        kinds = (first + second, third + fourth)
        if kinds == ("xx", "xx"):
            return TraceSum.of([((cyclic(a + b),), sp.Integer(1)), ((cyclic(a + flipped(b)),), sp.Integer(1))])
        if "ee" in kinds:
            raise ClaimError("a word quadratic in the label noise needs its fourth moment; loss gradients have none")
        if "xx" in kinds:
            return TraceSum({})
        right_inside = b if first == third else flipped(b)
        return TraceSum.of([((cyclic(a + flipped(right_inside)),), sp.sympify(setting.label_noise) ** 2)])

    return formal if setting.data == "dataset" else teacher


def _split(word: Word, setting: NetworkSetting) -> tuple[str, str, Word] | None:
    """Return (first, second, A) with tr(word) = first^T A second and x or e for the data, None without data."""
    x, noise = setting.x.name, setting.noise.name
    kinds = {x: "x", noise: "e"}
    places = [k for k, letter in enumerate(word) if letter.name in kinds]
    if not places:
        return None
    for k in places:
        rotated = word[k:] + word[:k]
        if rotated[0].transposed and rotated[-1].name in kinds and not rotated[-1].transposed and len(places) == 2:
            return kinds[rotated[0].name], kinds[rotated[-1].name], rotated[1:-1]
    raise ClaimError(f"{_text(word)} is not a quadratic form in the data of one sample")


def _second_moment(first: str, second: str, setting: NetworkSetting) -> sp.Expr:
    if first != second:
        return sp.Integer(0)
    return sp.Integer(1) if first == "x" else sp.sympify(setting.label_noise) ** 2


def _text(word: Word) -> str:
    return " ".join(_letter(k) for k in word)


def _letter(letter: Letter) -> str:
    return f"{letter.name}^T" if letter.transposed else letter.name
