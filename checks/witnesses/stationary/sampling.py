"""Monte Carlo on stationary laws: long simulations of the SDE."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray

from ....derivations.domain import Point
from ....derivations.errors import NumericsError
from ....derivations.processes.boundary_classification import Fate
from ....derivations.processes.sde import SDE
from ....derivations.statements.stationary import StationaryLaw
from ....numerics.codegen import compile_expressions
from ....numerics.diffusions.quadrature import Law
from ...evidence import Finding, Kind, Outcome
from ...judgement.deterministic import generic_points
from ...judgement.findings import as_text, confirmed, refuted, undecided
from ...meaning.laws import meaning, meaning_at
from ...statistics.bounded_means import compare_bounded_mean
from ...statistics.means import Comparison
from ...statistics.richardson import remaining_bias
from ...witness import Task, witness
from ..simulations import planned, sampled
from .numerics import QUANTITY, claimed_law, not_comparable, on_line, parameter_points

Array = NDArray[np.float64]

LEVELS = (0.25, 0.5, 0.75)
#: Deviations of a distribution function are measured in units of its value at the median.
SCALE = 0.5
#: Relaxation times per run (averages are taken over the second half), and steps per relaxation time.
RELAXATIONS = 36
STEPS = 32
#: A refutation must exceed this many times the bound of the bias, which is fitted and not proved.
_CAUTION = 4.0
#: Looks before all paths of the effort are drawn; the interval holds after any number of them.
_EARLY = 4
#: Paths whose steps are halved, at most.
PILOT = 16384
#: Steps between two looks at the path, which divide a quarter of all steps.
LOOK_EVERY = 24


def _relaxation(line: SDE, point: Point) -> tuple[float, float]:
    """Return (z*, k): a stable zero of the drift on the line and minus the slope there."""
    z, drift, _ = line.scalar()
    function = compile_expressions((z,), [drift.subs(point), sp.diff(drift, z).subs(point)], "numpy")
    grid = np.linspace(-30, 30, 6001)
    with np.errstate(all="ignore"):
        values = np.asarray(function(grid)[0]) + np.zeros_like(grid)
    down = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    if down.size == 0:
        raise NumericsError("the drift has no stable zero from which to start")
    start = float(grid[down[0] + 1])
    rate = -float(function(start)[1])
    if not rate > 0:
        raise NumericsError("the drift is flat at its zero; no relaxation time to choose steps by")
    return start, rate


def averages(
    line: SDE, point: Point, thresholds: Array, paths: int, task: Task, stream: str, *, halve: bool, law: Law | None
) -> Array:
    """Return time-averaged indicators of lying below the thresholds, shape (5, paths, thresholds).

    Rows: averages over the second half of the time on the fine scheme and (if `halve`, else equal) on those with steps
    two and four times as long and the same noise, then over the third and the fourth quarter on the fine scheme. Paths
    start in the law `law`, or at the zero of the drift.
    """
    start, rate = _relaxation(line, point)
    steps = RELAXATIONS * STEPS
    plan = planned(line, point, start, task, stream, horizon=RELAXATIONS / rate, steps=steps, paths=paths)
    below = torch.as_tensor(thresholds, dtype=torch.float64, device=task.device)
    times = range(steps // 2 + LOOK_EVERY, steps + 1, LOOK_EVERY)
    begin = None
    if law is not None:
        drawn = law.on_line(task.draws(f"{stream}, start").uniform(paths).cpu().numpy())
        begin = torch.as_tensor(drawn, dtype=torch.float64, device=task.device)[:, None]
    sums = torch.zeros(3, 2, paths, below.numel(), dtype=torch.float64, device=task.device)
    for level in range(3):
        if level and not halve:
            sums[level] = sums[0]
            continue
        coarse = plan.coarser(1 << level)
        for number, at in enumerate(sampled(coarse, task, [n >> level for n in times], begin)):
            sums[level, 2 * number // len(times)] += at <= below
    rows = torch.cat([sums.sum(dim=1) / 2, sums[0]])
    return np.asarray((rows / (len(times) // 2)).cpu().numpy())


def _correction(pilot: Array, column: int) -> tuple[float, float]:
    """Return (shift, bias): Richardson correction of the fine scheme, and a bound on what then remains.

    The bound is that of the steps, and the change between the last two quarters of the time where it is significant.
    """
    change = (pilot[4] - pilot[3])[:, column]
    drift, error = abs(float(change.mean())), float(change.std(ddof=1) / np.sqrt(change.size))
    schemes = torch.from_numpy(pilot[:3, :, column])
    shift = float((schemes[0] - schemes[1]).mean())
    return shift, remaining_bias(list(schemes)) + (drift if drift > 4 * error else 0.0)


@witness(
    "long simulation",
    kind=Kind.MONTE_CARLO,
    statement=StationaryLaw,
    starts_from="the SDE: Euler paths in the line coordinate from the zero of its drift; to refute, from the law too",
)
def long_simulation(statement: StationaryLaw, task: Task) -> Finding:
    """Compare time-averaged probabilities of lying below three quantiles of the claim; step-halving bounds the bias."""
    x = statement.sde.state[0]
    # at the simplest parameters, often 1, exponents and products are not told apart: they come second
    generic = {s: v for s, v in next(generic_points(task.claim.domain, 1)).items() if s != x}
    (simplest,) = parameter_points(task, [x], 1)
    points = [generic] if generic == simplest else [generic, simplest]
    findings = []
    for point in points:
        findings.append(simulated(statement, task, point, task.level / len(points)))
        if findings[-1].outcome is not Outcome.UNDECIDED:
            return _everywhere(findings[-1], statement, task)
    return undecided("; ".join(f.detail for f in findings))


def _everywhere(finding: Finding, statement: StationaryLaw, task: Task) -> Finding:
    """Return the finding at one point; a confirmation stands only for a law that is one on the whole domain."""
    missing = meaning(statement, task.claim.domain).missing
    if finding.outcome is Outcome.CONFIRMED and missing:
        return undecided(f"{finding.detail} But {missing}")
    return finding


def _touched(statement: StationaryLaw, point: Point) -> str:
    """Return the reason where the process reaches an end, at which steps in the line coordinate have no meaning."""
    for law in meaning_at(statement, point).laws:
        for end in law.ends:
            if law.fates(end) != {Fate.INACCESSIBLE}:
                return f"no paths are drawn: the process may reach {end.place}"
    return ""


def simulated(
    statement: StationaryLaw, task: Task, point: Point, level: float, law: Callable[[], Law] | None = None
) -> Finding:
    """Compare at one parameter point with the asserted law, or with another one that `law` makes."""
    reason = not_comparable(statement, point) or _touched(statement, point)
    if reason:
        return undecided(f"at {as_text(point)}: {reason}")
    try:
        return _compared(statement, task, point, level, law() if law else claimed_law(statement, point))
    except NumericsError as error:
        return undecided(f"at {as_text(point)}: {error}")


def _compared(statement: StationaryLaw, task: Task, point: Point, level: float, law: Law) -> Finding:
    x = statement.sde.state[0]
    line = on_line(statement)
    places = [law.quantile(q) for q in LEVELS]
    thresholds = np.array([law.coordinate.z(v) for v in places])
    paths = max(task.effort.samples // 128 * 128, 128)

    @cache
    def run(look: int, begin: Law | None) -> Array:
        stream = f"paths {look}" + ("" if begin is None else " from the law")
        # all paths so far are as many again at every look, until they are `paths`
        count = paths >> max(_EARLY - max(look - 1, 0), 0)
        return np.asarray(averages(line, point, thresholds, count, task, stream, halve=False, law=begin)[0])

    @cache
    def pilot(begin: Law | None) -> Array:
        stream = "pilot" if begin is None else "pilot from the law"
        return averages(line, point, thresholds, min(PILOT, paths), task, stream, halve=True, law=begin)

    def compared(column: int, begin: Law | None, caution: float = 1.0) -> tuple[Comparison, float]:
        shift, bias = _correction(pilot(begin), column)
        result = compare_bounded_mean(
            lambda look: run(look, begin)[:, column] + shift,
            LEVELS[column],
            # averages of indicators; the interval needs no limit theorem
            bounds=(shift, 1 + shift),
            scale=SCALE,
            resolution=task.effort.resolution,
            level=level / len(LEVELS),
            looks=_EARLY + task.effort.looks // 2,
            bias=caution * bias,
        )
        return result, bias

    worst = 0.0
    for j, (q, place) in enumerate(zip(LEVELS, places, strict=True)):
        result, bias = compared(j, None)
        if result.outcome is Outcome.REFUTED:
            # a law that relaxes more slowly than the run looks wrong from afar; from within, a true one stays exactly
            again, _ = compared(j, law, _CAUTION)
            if again.outcome is Outcome.REFUTED:
                return refuted_average(again, q, f"P[{x} <= {place:.6g}]", SCALE, point, level, QUANTITY)
            return undecided(
                f"P[{x} <= {place:.6g}] = {result.estimate:.4f} +- {result.half_width:.4f} from the zero of the drift, "
                f"{again.estimate:.4f} +- {again.half_width:.4f} from the asserted law: relaxation outlasts the run"
            )
        if result.outcome is not Outcome.CONFIRMED:
            return undecided(
                f"P[{x} <= {place:.6g}] = {result.estimate:.4f} +- {result.half_width:.4f} (bias up to {bias:.4f}) "
                f"leaves deviations up to {result.resolution:.2g} open"
            )
        worst = max(worst, result.resolution)
    detail = f"Time-averaged probabilities below three quantiles agree at {as_text(point)}."
    return confirmed(detail, worst, level=level, quantity=QUANTITY)


def refuted_average(
    result: Comparison, stated: float, what: str, scale: float, point: Point, level: float, quantity: str = ""
) -> Finding:
    """Return the finding that a sampled average is not the stated one, with the deviation in units of `scale`."""
    gap = result.estimate - stated
    return refuted(
        f"The sampled {what} is {result.estimate:.5f} +- {result.half_width:.5f}, not {stated:.5g}.",
        point,
        f"{what} = {stated:.5g}",
        f"{what} = {result.estimate:.5f}",
        f"{gap:.4f}",
        effect=abs(gap) / scale,
        level=level,
        quantity=quantity,
    )
