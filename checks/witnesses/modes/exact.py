"""Mode amplitudes in small networks, by brute force from the loss in exact rational arithmetic."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import sympy as sp

from ....derivations.domain import Point
from ....derivations.errors import DomainError
from ....derivations.statements.modes import (
    DEPTH,
    LABEL_NOISE,
    STEP,
    ModeCoefficient,
    ModeDependence,
    ModeQuantity,
    ModeTarget,
)
from ....numerics.exact.point_forms import exactly_zero
from ....numerics.networks.aligned import amplitude, imbalance
from ....numerics.networks.rational import BruteForce, rational_network
from ...evidence import Finding, Kind
from ...judgement.breakpoints import separators
from ...judgement.comparison import Comparison, compare
from ...judgement.definedness import works
from ...judgement.exact import value_text
from ...judgement.findings import confirmed, refuted, undecided, undefined
from ...witness import Task, witness
from ..networks.exact_networks import EXACT
from .sizes import in_each_size

_METHOD = "exact modes of small networks"
_STARTS_FROM = (
    "the one-sample loss of networks with rational weights, differentiated weight by weight; teacher and hidden "
    "layers in rotated bases"
)
#: Depths of the networks, and (t_i), (stilde_i), sigma, eta_b of the cases, with s_i = t_i^L; simplest first.
_DEPTHS = (2, 3, 4)
_CASES = (
    ("1 1 1", "2 2 2", "0", "1"),
    ("1 1/2 3/2", "1/2 1 2", "1/2", "1"),
    ("2/3 3/2 1/2", "1 2 1/3", "1", "1/2"),
)


def exact_coefficient(
    target: ModeTarget,
    depth: int,
    entries: list[Fraction],
    teacher: list[Fraction],
    label_noise: Fraction,
    step: Fraction,
) -> Fraction:
    """Return the quantity of `target` for one network, exactly.

    Parameters
    ----------
    target : ModeTarget
        What is asked; its setting gives the number of modes only.
    depth : int
        Number of layers.
    entries, teacher : list of Fraction
        Layer entries t_i (the amplitudes are t_i^depth) and singular values of the teacher, one a mode.
    label_noise, step : Fraction
        sigma and learning rate over batch size.
    """
    network = rational_network(entries, teacher, depth)
    brute = BruteForce(network, label_noise**2)
    f = amplitude(network, *(k - 1 for k in target.first))
    match target.quantity:
        case ModeQuantity.GRADIENT_DRIFT:
            return -brute.mean(brute.along(brute.slopes(f)))
        case ModeQuantity.ITO_DRIFT:
            return step * brute.ito_drift(f)
        case ModeQuantity.LABEL_ITO_DRIFT:
            return step * (brute.ito_drift(f) - BruteForce(network, Fraction(0)).ito_drift(f))
        case ModeQuantity.DRIFT:
            return step * brute.ito_drift(f) - brute.mean(brute.along(brute.slopes(f)))
        case ModeQuantity.COVARIATION:
            assert target.second is not None
            g = amplitude(network, *(k - 1 for k in target.second))
            return step * brute.covariance(brute.along(brute.slopes(f)), brute.along(brute.slopes(g)))
        case ModeQuantity.IMBALANCE_DRIFT:
            assert target.layer is not None
            return step * brute.ito_drift(imbalance(network, target.layer, *(k - 1 for k in target.first)))


@dataclass(frozen=True)
class _Case:
    """A network of the claim's domain with its exact value of the quantity."""

    point: Point
    value: sp.Rational


def _cases(target: ModeTarget, task: Task, cases: tuple[tuple[str, str, str, str], ...] = _CASES) -> Iterator[_Case]:
    """Yield the cases that lie in the claim's domain."""
    setting = target.setting
    fixed = setting.depth.is_Integer
    for case, depth in product(cases, (int(setting.depth),) if fixed else _DEPTHS):
        entries, teacher = ([sp.Rational(v) for v in part.split()[: setting.modes]] for part in case[:2])
        sigma = sp.Rational(case[2]) if setting.label_noise == LABEL_NOISE else setting.label_noise
        step = sp.Rational(case[3]) if setting.step == STEP else setting.step
        everything: Point = {
            DEPTH: sp.Integer(depth),
            LABEL_NOISE: sigma,
            STEP: step,
            **{s: t**depth for s, t in zip(setting.amplitudes, entries, strict=True)},
            **dict(zip(setting.teacher, teacher, strict=True)),
        }
        point = {s: everything[s] for s in task.claim.domain.symbols if s in everything}
        try:
            task.claim.domain.check(point)
        except DomainError:
            continue
        if target.layer is not None and target.layer >= depth:
            continue
        found = exact_coefficient(
            target,
            depth,
            [_fraction(v) for v in entries],
            [_fraction(v) for v in teacher],
            _fraction(sigma),
            _fraction(step),
        )
        yield _Case(point, sp.Rational(found.numerator, found.denominator))


def _own_case(statement: ModeCoefficient) -> tuple[str, str, str, str]:
    """Return a case that nobody chose: a formula made to agree at the listed ones is seldom right at its own, too."""
    drawn = iter(hashlib.sha256(sp.srepr(statement.value).encode()).digest())
    entries, teacher = (" ".join(f"{1 + next(drawn) % 95}/32" for _ in range(3)) for _ in range(2))
    return entries, teacher, f"{1 + next(drawn) % 95}/64", f"{1 + next(drawn) % 95}/64"


def _fraction(value: sp.Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _summary(target: ModeTarget, cases: list[_Case]) -> str:
    depths = sorted({int(c.point.get(DEPTH, target.setting.depth)) for c in cases})
    return f"{len(cases)} networks of {target.setting.modes} mode(s) at depth {', '.join(map(str, depths))}"


@witness(
    _METHOD,
    kind=Kind.DETERMINISTIC,
    statement=ModeCoefficient,
    starts_from=_STARTS_FROM,
)
def exact_networks(statement: ModeCoefficient, task: Task) -> Finding:
    """Compare the asserted coefficient with the exact value in small networks."""
    named = statement.target.setting.modes
    most = len(_CASES[0][0].split())
    return in_each_size(_exact_networks, statement, task, range(max(most - named, 0) + 1))


def _exact_networks(statement: ModeCoefficient, task: Task) -> Finding:
    target, domain = statement.target, task.claim.domain
    seen: list[_Case] = []
    left, worst = "", EXACT
    for case in _cases(target, task, (*_CASES, _own_case(statement))):
        seen.append(case)
        told = compare(statement.value, case.value, case.point)
        if told.outcome in ("open", "zero") and exactly_zero(statement.value - case.value, case.point):
            told = Comparison("agree", bits=math.inf)
        if told.outcome == "undefined" or (told.outcome == "differ" and told.principal):
            what = told.reason or f"{statement.value} is not real"
            return undefined(f"{_METHOD}: {what}.", case.point, statement.value, works([statement.value], domain))
        if told.outcome == "differ":
            return refuted(
                f"In a network with rational weights {target.describe()} differs from the formula.",
                case.point,
                f"{target.describe()} = {value_text(statement.value, case.point)}",
                f"{target.describe()} = {case.value}",
                value_text(statement.value - case.value, case.point),
                effect=told.effect,
                certified=True,
            )
        if told.outcome == "agree":
            worst = max(worst, 2.0 ** -min(told.bits, 1000))
        else:
            left = left or f"the formula was neither separated from {case.value} nor shown equal ({told.reason})"
    if not seen:
        return undecided("None of the listed networks lies in the domain.")
    walls, finite = separators([statement.value], domain)
    if walls or not finite:
        left = left or "the formula changes its form, or may lack a value, elsewhere"
    if left:
        return undecided(f"{_METHOD}: what is told agrees in {_summary(target, seen)}, but {left}.")
    return confirmed(f"Equal in {_summary(target, seen)}.", worst)


@witness(
    "exact modes of small networks, dependence",
    kind=Kind.DETERMINISTIC,
    statement=ModeDependence,
    starts_from=_STARTS_FROM,
)
def exact_networks_dependence(statement: ModeDependence, task: Task) -> Finding:
    """Look for two networks that share the named variables and differ in the exact value of the quantity."""
    target = statement.target
    named = set(statement.variables)
    seen: list[_Case] = []
    for case in _CASES:
        for base, moved in zip(
            _cases(target, task, (case,)), _cases(target, task, (_moved_case(statement, case),)), strict=False
        ):
            if any(base.point[s] != moved.point[s] for s in named & set(base.point)):
                continue
            seen += [base, moved]
            if base.value != moved.value:
                changes = ", ".join(f"{s} = {moved.point[s]}" for s in statement.others if s in moved.point)
                return refuted(
                    f"Two networks with equal {', '.join(map(str, statement.variables))} differ in "
                    f"{target.describe()}.",
                    base.point,
                    f"{target.describe()} unchanged when {changes}",
                    f"{base.value} at the point, {moved.value} when {changes}",
                    moved.value - base.value,
                    effect=float(abs(moved.value - base.value) / max(abs(base.value), abs(moved.value))),
                    certified=True,
                )
    if not seen:
        return undecided("None of the listed networks lies in the domain.")
    others = ", ".join(map(str, statement.others))
    return confirmed(f"Exactly unchanged under changes of {others} in {_summary(target, seen)}.", EXACT)


def _moved_case(statement: ModeDependence, case: tuple[str, str, str, str]) -> tuple[str, str, str, str]:
    """Return `case` with the values of the variables that are not named replaced by others."""
    setting = statement.target.setting
    fresh = iter(("2", "3", "1/3", "4", "3/4", "5", "1/4", "5/3"))
    parts = []
    for names, text in zip((setting.amplitudes, setting.teacher), case[:2], strict=True):
        values = text.split()
        parts.append(" ".join(next(fresh) if s in statement.others else v for s, v in zip(names, values, strict=False)))
    sigma, step = (
        next(fresh) if s in statement.others else v for s, v in zip((LABEL_NOISE, STEP), case[2:], strict=True)
    )
    return parts[0], parts[1], sigma, step
