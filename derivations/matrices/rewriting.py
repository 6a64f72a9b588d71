"""Equations between matrices of any shapes, completed to rules that bring other expressions to a normal form.

An equation of words ``sum c w = 0`` is read as the rule "replace its largest word by the others". Where two rules apply
to overlapping parts of one word, the two results are equal, which is another equation (Buchberger's completion, for
letters that do not commute). Each replacement puts equal matrices for equal ones, so that what is reduced to nothing is
0 for all matrices that satisfy the equations, whether or not the completion came to an end. A rule is divided by the
coefficient of its largest word only where that is shown not to vanish.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping

import sympy as sp

from .words import Letter, Word

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Words with their coefficients; the empty word is the identity.
Terms = dict[Word, sp.Expr]
#: Bounds on the number of rules and on the length of their words.
_RULES, _LENGTH = 200, 14


def _order(word: Word) -> tuple[int, tuple[Letter, ...]]:
    return len(word), word


def plus(one: Mapping[Word, sp.Expr], other: Mapping[Word, sp.Expr], factor: sp.Expr = sp.S.One) -> Terms:
    """Return ``one + factor * other`` without vanishing coefficients."""
    found = dict(one)
    for word, coefficient in other.items():
        _add(found, word, factor * coefficient)
    return found


def _add(terms: Terms, word: Word, coefficient: sp.Expr) -> None:
    total = terms.pop(word, sp.S.Zero) + coefficient
    if not total.is_Rational:
        total = sp.cancel(sp.together(total))
    if total != 0:
        terms[word] = total


def _inside(left: Word, terms: Mapping[Word, sp.Expr], right: Word) -> Terms:
    return {left + word + right: c for word, c in terms.items()}


class Rewriting:
    """Rules found so far for words in letters.

    Parameters
    ----------
    nonzero : callable
        Whether a coefficient is shown not to vanish on the domain.
    """

    def __init__(self, nonzero: Callable[[sp.Expr], bool]) -> None:
        self._nonzero = nonzero
        self._rules: dict[Word, Terms] = {}
        #: Whether no equation was found that no matrices satisfy.
        self.consistent = True

    def reduced(self, terms: Mapping[Word, sp.Expr], used: dict[Word, Terms] | None = None) -> Terms:
        """Return what is left of a sum of words when no rule applies any more; the rules are noted in `used`."""
        todo, found = dict(terms), Terms()
        while todo:
            word = max(todo, key=_order)
            coefficient = todo.pop(word)
            spot = self._spot(word)
            if spot is None:
                found[word] = coefficient
                continue
            start, lead = spot
            if used is not None:
                used[lead] = self._rules[lead]
            for put, c in _inside(word[:start], self._rules[lead], word[start + len(lead) :]).items():
                _add(todo, put, coefficient * c)
        return found

    def _spot(self, word: Word) -> tuple[int, Word] | None:
        for start, end in itertools.combinations(range(len(word) + 1), 2):
            if word[start:end] in self._rules:
                return start, word[start:end]
        return None

    def prove(self, equations: Iterable[Terms], goals: Iterable[Terms], seconds: float) -> list[Terms]:
        """Complete the rules until every goal is reduced to nothing; return what is left of the goals.

        Parameters
        ----------
        equations : iterable of Terms
            Sums of words that are 0.
        goals : iterable of Terms
            Sums of words of which this is asked.
        seconds : float
            CPU seconds at most.

        Returns
        -------
        list of Terms
            Empty when all goals follow. Equations that contradict each other prove nothing: all goals are left.
        """
        start = time.thread_time()
        number = itertools.count()
        waiting = [(_size(e), next(number), e) for e in equations]
        heapq.heapify(waiting)
        asked = [dict(g) for g in goals]
        left = [g for g in map(self.reduced, asked) if g]
        while waiting and left and len(self._rules) < _RULES and time.thread_time() - start < seconds:
            terms = self.reduced(heapq.heappop(waiting)[2])
            if not terms:
                continue
            lead = max(terms, key=_order)
            coefficient = terms.pop(lead)
            if not lead:
                self.consistent = False
                return asked
            if len(lead) > _LENGTH or not self._nonzero(coefficient):
                continue
            for found in self._added(lead, {w: sp.cancel(-c / coefficient) for w, c in terms.items()}):
                heapq.heappush(waiting, (_size(found), next(number), found))
            left = [g for g in map(self.reduced, left) if g]
        return left

    def _added(self, lead: Word, others: Terms) -> Iterator[Terms]:
        """Add a rule, and yield the equations that follow from its overlaps with the rules and with itself."""
        for old in [w for w in self._rules if _holds(w, lead)]:
            yield plus({old: sp.S.One}, self._rules.pop(old), sp.S.NegativeOne)
        self._rules[lead] = others
        for other in list(self._rules):
            for one, two in {(lead, other), (other, lead)}:
                for k in range(1, min(len(one), len(two))):
                    if one[-k:] == two[:k]:
                        first = _inside((), self._rules[one], two[k:])
                        second = _inside(one[:-k], self._rules[two], ())
                        yield plus(first, second, sp.S.NegativeOne)


def _holds(word: Word, part: Word) -> bool:
    return any(word[k : k + len(part)] == part for k in range(len(word) - len(part) + 1))


def _size(terms: Mapping[Word, sp.Expr]) -> tuple[int, int]:
    return max(map(len, terms), default=0), len(terms)
