"""What makes a density a stationary law of a process, apart from the zero current: every witness of a law asks first.

The density is positive on the support and has finite mass at every end and singularity; the process does not explode,
does not leave the support (each end is classified, :mod:`~crossproof.derivations.processes.boundary_classification`),
and is not held where its noise vanishes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from ...derivations.domain import Domain, Point
from ...derivations.errors import ClaimError
from ...derivations.processes.boundary_classification import Fate
from ...derivations.processes.fokker_planck import End, leading_power, possible_signs, toward
from ...derivations.processes.ito import transform
from ...derivations.processes.sde import SDE
from ...derivations.statements.stationary import StationaryLaw
from ..evidence import Finding, Outcome
from ..judgement.definedness import undefined_at
from ..judgement.findings import refuted, undefined
from ..judgement.points import distinct, simple
from .local_laws import LocalLaw, local_laws
from .state_pieces import NotReal, Piece, Unresolved, Unvalued

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Parameter points at which a law that is not seen to be one everywhere is looked at.
_POINTS = 8


@dataclass(frozen=True)
class Meaning:
    """Whether a density is a law and its process stays on the support, for all parameters.

    Parameters
    ----------
    laws : tuple of LocalLaw
        The law on the pieces of its support; empty where it could not be split.
    problem : Finding or None
        A refutation, or a point that the process passes where something is undefined.
    open : str
        What is not decided.
    """

    laws: tuple[LocalLaw, ...] = ()
    problem: Finding | None = None
    open: str = ""

    @property
    def missing(self) -> str:
        """Why numbers that speak of the law would say nothing; empty where it is sound."""
        return self.open if self.problem is None else self.problem.detail


@lru_cache(maxsize=64)
def meaning(statement: StationaryLaw, domain: Domain) -> Meaning:
    """Return what is wrong with, or open about, a law: on the whole domain, else at the first exact point."""
    x = statement.sde.state[0]
    parameters = Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})
    whole = _Examination(statement, parameters, next(parameters.points(1))).meaning()
    if whole.open:
        for point in distinct(simple(parameters, _POINTS)):
            problem = meaning_at(statement, point).problem
            if problem is not None and (whole.problem is None or problem.outcome is Outcome.REFUTED):
                return Meaning(whole.laws, problem, whole.open)
        if whole.problem is not None:
            return whole
        changed = _in_logarithm(statement)
        if changed is not None:
            whole = Meaning(whole.laws, None, _Examination(changed, parameters, {}).meaning().missing)
    return Meaning(whole.laws, whole.problem, whole.open or _range_left(statement, domain))


def meaning_at(statement: StationaryLaw, point: Point) -> Meaning:
    """Return what is wrong with, or open about, a law at exact parameters."""
    try:
        return _Examination(_at(statement, point), Domain(), point).meaning()
    except ClaimError as error:  # a support that is no interval there
        return Meaning(open=str(error))


def _at(statement: StationaryLaw, point: Point) -> StationaryLaw:
    sde = statement.sde
    return StationaryLaw(
        SDE(sde.state, sde.drift.subs(point), sde.diffusion.subs(point), sde.calculus),
        statement.density.subs(point),
        statement.support.subs(point),
        tuple(e.subs(point) for e in statement.reflecting),
    )


def _in_logarithm(statement: StationaryLaw) -> StationaryLaw | None:
    """Return the law of the logarithm of the distance from a finite lower end, where logarithms enter; by Ito."""
    sde, support = statement.sde, statement.support
    x, low = sde.state[0], support.start
    logs = {g for e in (*sde.drift, *sde.diffusion, statement.density) for g in e.atoms(sp.log) if g.has(x)}
    if not logs or low.is_infinite or not support.end.is_infinite or statement.reflecting:
        return None
    z = sp.Symbol(f"log({x.name})", real=True)
    inverse = low + sp.exp(z)
    density = sp.powsimp(sp.expand_log(statement.density.subs(x, inverse)) * sp.exp(z))
    return StationaryLaw(transform(sde, z, sp.log(x - low), inverse), density, sp.Interval(-sp.oo, sp.oo))


def _range_left(statement: StationaryLaw, domain: Domain) -> str:
    """Return the reason if the support is not seen to lie inside the declared range of the state."""
    x, support = statement.sde.state[0], statement.support
    for condition in domain.ranges[x].conditions(x) if x in domain.ranges else ():
        gap = (condition.gts - condition.lts).subs(x, support.start if condition.gts == x else support.end)
        if gap.has(sp.oo, -sp.oo) or not possible_signs(gap, domain) <= {0, 1}:
            return f"the support {support} is not seen to lie inside the declared range of {x}"
    return ""


@dataclass(frozen=True)
class _Examination:
    """Everything that is asked of a law on a domain of parameters, of which `point` is one."""

    statement: StationaryLaw
    parameters: Domain
    point: Point

    def meaning(self) -> Meaning:
        s = self.statement
        try:
            laws = tuple(local_laws(s.sde, s.support, self.parameters, s.density))
        except NotReal as error:
            place = self._inside(error.piece)
            return Meaning(problem=undefined(f"It has no real value on {error.piece}.", place, error.expr))
        except Unvalued as error:
            found = error.finding
            return Meaning(problem=found if found.outcome is Outcome.UNDEFINED else None, open=str(error))
        except Unresolved as error:
            return Meaning(open=str(error))
        opened = ""
        for answer in self._answers(laws):
            if isinstance(answer, Finding):
                return Meaning(laws, answer)
            opened = opened or answer
        return Meaning(laws, open=opened)

    def _answers(self, laws: tuple[LocalLaw, ...]) -> Iterator[Finding | str]:
        """Yield problems, and what is open; an empty text where nothing is."""
        for law in laws:
            yield self._positive(law)
        for law in laws:
            for end in law.ends:
                yield self._mass(law, end)
        for law, end in ((laws[0], laws[0].ends[0]), (laws[-1], laws[-1].ends[1])):
            if end.place not in self.statement.reflecting:
                yield self._kept(law, end)
        for below, above in itertools.pairwise(laws):
            yield self._passed(below, above)

    def _inside(self, piece: Piece) -> Point:
        """Return the point with a state inside the piece."""
        x = piece.point(next(piece.chart[0].points(1)))[piece.x]
        return {**self.point, piece.x: x.subs(self.point)}

    def _refuted(self, detail: str, stated: str, found: str, gap: object, place: Point | None = None) -> Finding:
        return refuted(detail, place or self.point, stated, found, gap, effect=1.0, certified=True)

    def _positive(self, law: LocalLaw) -> Finding | str:
        density = law.density
        sign = 0 if density == 0 else law.piece.sign(density)
        if sign == 1:
            return ""
        if sign is None:
            return f"the density is not seen to be positive on {law.piece}"
        place = self._inside(law.piece)
        value = sp.sympify(density).subs(place)
        words = "negative" if sign else "zero"
        return self._refuted(
            f"The density is {words} on {law.piece}.", "a density > 0", f"density {value}", value, place
        )

    def _mass(self, law: LocalLaw, end: End) -> Finding | str:
        condition = law.integrable(end)
        if condition == sp.true:
            return ""
        if condition != sp.false:
            needs = "" if condition is None else f": it needs {condition}"
            return f"integrability at {end.place} is not decided{needs}"
        place = sp.sympify(end.place).subs(self.point)
        slope = sp.factor(law.slope.subs(self.point))
        return self._refuted(
            f"The density is not integrable at {end.place}.",
            "a probability density",
            f"infinite mass at {place}",
            f"(log p)' = {slope}",
        )

    def _kept(self, law: LocalLaw, end: End) -> Finding | str:
        """Examine an end of the support at which no reflection is stated."""
        fates = law.fates(end)
        if fates <= {Fate.INACCESSIBLE, Fate.KEPT}:
            return ""
        words = " or ".join(sorted(fates))
        if not fates <= {Fate.LEAVES, Fate.ABSORBED, Fate.EXPLODES}:
            return f"the end {end.place} of the support is not decided: {words}"
        place = sp.sympify(end.place).subs(self.point)
        slope = sp.factor((-2 * law.drift / law.rate).subs(self.point))
        reflection = "" if end.place.is_infinite else ", and no reflection is stated there"
        return self._refuted(
            f"The process does not stay on the support: by Feller's test of the end {place} {words}{reflection}.",
            f"a process that stays on {self.statement.support.subs(self.point)}",
            f"P[{law.piece.x} reaches {place} in finite time] > 0",
            f"for (log s')' = {slope} and m = 1/(S^2 s') the integral of s([e, x]) m(x) dx at e = {place} is finite",
        )

    def _passed(self, below: LocalLaw, above: LocalLaw) -> Finding | str:
        """Examine a point between two pieces: it is never reached, or the process passes it and p S^2 is continuous."""
        place = above.piece.low
        sides = ((below, below.ends[1]), (above, above.ends[0]))
        if all(law.fates(end) == {Fate.INACCESSIBLE} for law, end in sides):
            return ""
        limits = [limit for law, end in sides if (limit := self._limit(law, end)) is not None]
        if len(limits) < 2:
            return f"what happens at {place} inside the support is not decided"
        x = below.piece.x
        here = {**self.point, x: sp.sympify(place).subs(self.point)}
        for expr in (*self.statement.sde.drift, *self.statement.sde.diffusion, self.statement.density):
            reason = undefined_at(expr, here)
            if reason is not None:
                return undefined(f"The process passes {x} = {here[x]}, where {reason}.", here, expr)
        gap = sp.simplify(limits[0] - limits[1])
        if gap == 0:
            return ""
        if 0 in possible_signs(gap, self.parameters):
            return f"the density is not seen to be continuous at {place}"
        one, other, jump = (e.subs(self.point) for e in (*limits, gap))
        return self._refuted(
            f"The density times the variance rate jumps at {place}, which the process passes.",
            f"limit {one} from below",
            f"limit {other} from above",
            jump,
            here,
        )

    def _limit(self, law: LocalLaw, end: End) -> sp.Expr | None:
        """Return the limit of p S^2 at a point where noise and density are positive and the drift is bounded."""
        t, x = sp.Dummy("t", positive=True), law.piece.x
        at = toward(end.place, end.inside, t)
        rate, density = (leading_power(sp.sympify(e).subs(x, at), t, self.parameters) for e in (law.rate, law.density))
        drift = law.drift.subs(x, end.place)
        if rate is None or density is None or rate[1] != 0 or density[1] != 0:
            return None
        return None if drift.has(sp.nan, sp.zoo, sp.oo, -sp.oo) else rate[0] * density[0]
