r"""Means of products of traces over Gaussian data, for matrices of symbolic shape (Isserlis' theorem).

A trace whose word holds data is a product of scalars :math:`a^\top A\,b` with columns a and b at its ends. Pairing the
data columns in all ways and following the pairs gives traces and bilinear forms without data:

.. math:: \mathbb E[x^\top A x\; x^\top B x] =
          \mathrm{tr}A\,\mathrm{tr}B + \mathrm{tr}(AB) + \mathrm{tr}(AB^\top), \qquad x \sim N(0, I).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from ..errors import ClaimError
from .networks import NetworkSetting
from .words import Letter, TraceSum, Word, Words, cyclic, flipped

Key = tuple[Word, ...]
#: A scalar a^T A b: the names of a and b, and the word A between them.
Segment = tuple[str, Word, str]


@dataclass(frozen=True)
class TraceProducts:
    """A scalar: a sum of coefficients times products of traces of words.

    Parameters
    ----------
    terms : mapping of tuple of Word to sympy.Expr
        A sorted tuple of canonical words stands for the product of their traces.
    """

    terms: Mapping[Key, sp.Expr]

    @classmethod
    def of(cls, items: Iterable[tuple[Key, sp.Expr]]) -> TraceProducts:
        """Collect equal products and drop vanishing coefficients."""
        gathered: dict[Key, sp.Expr] = {}
        for key, coefficient in items:
            canonical = tuple(sorted(cyclic(word) for word in key if word))
            gathered[canonical] = gathered.get(canonical, sp.Integer(0)) + coefficient
        return cls({k: e for k, c in gathered.items() if (e := sp.expand(c)) != 0})

    @classmethod
    def single(cls, traces: TraceSum) -> TraceProducts:
        """Return a sum of single traces."""
        return cls.of(traces.terms.items())

    def __add__(self, other: TraceProducts) -> TraceProducts:
        return TraceProducts.of([*self.terms.items(), *other.terms.items()])

    def __sub__(self, other: TraceProducts) -> TraceProducts:
        return self + other.scaled(sp.Integer(-1))

    def __mul__(self, other: TraceProducts) -> TraceProducts:
        return TraceProducts.of((j + k, a * b) for j, a in self.terms.items() for k, b in other.terms.items())

    @property
    def is_zero(self) -> bool:
        """Whether nothing is left; True is a proof that the scalar vanishes for all shapes."""
        return not self.terms

    def scaled(self, factor: sp.Expr) -> TraceProducts:
        """Return the scalar times a factor."""
        return TraceProducts.of((k, factor * c) for k, c in self.terms.items())

    def split(self, columns: Iterable[str]) -> TraceProducts:
        """Return the same scalar with every trace that holds columns written as its scalars a^T A b."""
        cut = set(columns)
        items = []
        for key, coefficient in self.terms.items():
            parts: list[Word] = []
            for word in key:
                if any(letter.name in cut for letter in word):
                    parts += ((Letter(a, transposed=True), *inside, Letter(b)) for a, inside, b in _segments(word, cut))
                else:
                    parts.append(word)
            items.append((tuple(parts), coefficient))
        return TraceProducts.of(items)

    def mean(self, setting: NetworkSetting, columns: Iterable[str]) -> TraceProducts:
        """Return the mean over one sample of a teacher setting.

        Parameters
        ----------
        setting : NetworkSetting
            Inputs N(0, I), independent label noise of covariance sigma^2 I.
        columns : iterable of str
            Names of the further column vectors that words hold.

        Raises
        ------
        ClaimError
            If a product holds four label noises, whose moment the setting does not give.
        """
        scale = {setting.x.name: sp.Integer(1), setting.noise.name: sp.sympify(setting.label_noise) ** 2}
        sizes = {setting.x.name: setting.inputs, setting.noise.name: setting.outputs}
        cut = {*columns, *scale}
        items: list[tuple[Key, sp.Expr]] = []
        for key, coefficient in self.terms.items():
            segments = [s for word in key for s in _segments(word, cut)]
            whole = tuple(w for w in key if not any(letter.name in cut for letter in w))
            ends = [(k, side) for k, s in enumerate(segments) for side in (0, 1) if _end(s, side) in scale]
            names = [_end(segments[k], side) for k, side in ends]
            if names.count(setting.noise.name) > 2:
                raise ClaimError("a mean of four label noises needs their fourth moment, which the setting lacks")
            for pairing in _pairings(list(range(len(ends))), names):
                factor = sp.Mul(*(scale[names[i]] for i, _ in pairing))
                partner = {ends[i]: ends[j] for i, j in pairing} | {ends[j]: ends[i] for i, j in pairing}
                words, loops = _follow(segments, partner)
                items.append((whole + tuple(words), coefficient * factor * sp.Mul(*(sizes[n] for n in loops))))
        return TraceProducts.of(items)


def gradient(traces: TraceSum, weight: sp.MatrixSymbol) -> Words:
    """Return the gradient of a sum of single traces with respect to the matrix symbol `weight`."""
    items: list[tuple[Word, sp.Expr]] = []
    for key, coefficient in traces.terms.items():
        (word,) = key
        for k, letter in enumerate(word):
            if letter.name == weight.name:
                rest = word[k + 1 :] + word[:k]
                items.append((rest if letter.transposed else flipped(rest), coefficient))
    return Words.of(items, tuple(weight.shape))


def without(words: Words, pattern: Word, put: Word) -> Words:
    """Return `words` with every occurrence of `pattern`, plain or transposed, replaced by `put`."""

    def change(word: Word) -> Word:
        for found, new in ((pattern, put), (flipped(pattern), flipped(put))):
            for k in range(len(word) - len(found) + 1):
                if word[k : k + len(found)] == found:
                    return change(word[:k] + new + word[k + len(found) :])
        return word

    return Words.of(((change(w), c) for w, c in words.terms.items()), words.shape)


def mean_words(words: Words, setting: NetworkSetting) -> Words:
    """Return the mean of a matrix whose words hold ``x x^T`` or ``epsilon x^T`` at most once."""
    x, noise = Letter(setting.x.name), setting.noise.name
    kept = Words.of(((w, c) for w, c in words.terms.items() if all(k.name != noise for k in w)), words.shape)
    reduced = without(kept, (x, x.T), ())
    if any(k.name == x.name for w in reduced.terms for k in w):
        raise ClaimError("the mean needs the data of a sample as x x^T or epsilon x^T")
    return reduced


def _segments(word: Word, columns: set[str]) -> Iterator[Segment]:
    """Yield the scalars a^T A b whose product is the trace of `word`; nothing when it holds no column.

    Raises
    ------
    ClaimError
        If a letter of a word with columns stands in none of these scalars.
    """
    if not any(letter.name in columns for letter in word):
        return
    held = 0
    starts = [k for k, letter in enumerate(word) if letter.name in columns and letter.transposed]
    for start in starts:
        rotated = word[start:] + word[:start]
        end = next((k for k in range(1, len(rotated)) if rotated[k].name in columns), None)
        if end is None or rotated[end].transposed:
            raise ClaimError(f"the word {[k.name for k in word]} is no product of scalars a^T A b")
        held += end + 1
        yield rotated[0].name, rotated[1:end], rotated[end].name
    if held != len(word):
        raise ClaimError(f"the word {[k.name for k in word]} is no product of scalars a^T A b")


def _pairings(items: list[int], names: list[str]) -> Iterator[list[tuple[int, int]]]:
    """Yield the ways to pair items of equal names."""
    if not items:
        yield []
        return
    first, *others = items
    for k, other in enumerate(others):
        if names[first] == names[other]:
            for rest in _pairings(others[:k] + others[k + 1 :], names):
                yield [(first, other), *rest]


#: A segment and one of its sides, 0 or 1.
Port = tuple[int, int]


def _end(segment: Segment, side: int) -> str:
    return segment[2] if side else segment[0]


def _follow(segments: list[Segment], partner: Mapping[Port, Port]) -> tuple[list[Word], list[str]]:
    """Return the words of all paths and cycles, and the data names of cycles without a letter."""
    used: set[int] = set()
    words: list[Word] = []
    loops: list[str] = []
    fixed = [(k, side) for k in range(len(segments)) for side in (0, 1) if (k, side) not in partner]
    for start in (*fixed, *((k, 0) for k in range(len(segments)))):
        if start[0] in used:
            continue
        closed = start in partner
        word: Word = () if closed else (Letter(_end(segments[start[0]], start[1]), transposed=True),)
        port = start
        while True:
            k, side = port
            used.add(k)
            inside = segments[k][1]
            word += inside if side == 0 else flipped(inside)
            out = (k, 1 - side)
            if out not in partner:
                word += (Letter(_end(segments[k], out[1])),)
                break
            port = partner[out]
            if port == start:
                break
        if word:
            words.append(word)
        else:
            loops.append(segments[start[0]][0])
    return words, loops
