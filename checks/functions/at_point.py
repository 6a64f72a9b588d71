"""What the samples of a witness say of a function at one point of its claim's domain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray

from ...derivations.claim import Claim
from ...derivations.domain import Point
from ...derivations.errors import CrossproofError, NumericsError
from ...derivations.statement import Statement
from ...derivations.statements.classes.overlaps import SpikedOverlap
from ...derivations.statements.determinant import DeterminantPath
from ...derivations.statements.invariances import CriticalWhen, FlowInvariant
from ...derivations.statements.networks import MatrixIdentity, MatrixStatement
from ...derivations.statements.processes import ExpectationAtAllTimes
from ...derivations.statements.random_matrices import SpikedSingularValue
from ...derivations.statements.small_steps import SmallStepLimit
from ...derivations.statements.stationary import StationaryLaw
from ...numerics.diffusions.quadrature import Law
from ...numerics.formula import Formula, Function, argument_name
from ...numerics.matrix_formula import MatrixFormula
from ...numerics.networks.matrix_flow import MatrixProblem
from ..effort import Effort
from ..evidence import Finding
from ..judgement.findings import undecided
from ..witness import Task, Witness
from ..witnesses.processes.quadrature import moderate_points
from ..witnesses.stationary.sampling import simulated
from .called import called, called_matrix, pinned
from .checks import asserted_field

#: Probability of rejecting a right function at one point: a thousand points together err once in a million sessions.
LEVEL = 1e-9
#: Sizes of the samples, which have to tell right from wrong by WRONG: one look, so that both see the same ones.
EFFORT = Effort("functions", points=1, samples=32_768, looks=1, resolution=0.1, algebra_seconds=20.0)
#: The same for long paths, of which fewer serve and which are looked at half as often.
_LONG = replace(EFFORT, samples=8192, looks=2)
#: Relative deviation of the wrong function; of a density, that of its exponent.
WRONG, WRONG_EXPONENT = 0.2, 0.3
#: Relative noise up to which an expectation is simulated, in units of the start: below what its witness allows.
_NOISE = 0.5
#: Types whose witnesses ask for the value at a point of the domain before they choose any other.
_AT_ONCE = (ExpectationAtAllTimes, SmallStepLimit, SpikedOverlap, SpikedSingularValue)

Change = Callable[[Function], Function]


def unchanged(function: Function) -> Function:
    """Return the function itself."""
    return function


def changed(statement: Statement, formula: Formula | MatrixFormula) -> Change:
    """Return what makes a function wrong in the sense of the statement.

    A function is multiplied by 1 + WRONG, so that samples where it is 0 tell nothing; one that is 0 everywhere becomes
    WRONG. A density that is asserted up to a factor gets another exponent, an invariant quantity another first
    argument, and a condition is nowhere fulfilled.
    """
    shift = WRONG * (isinstance(statement, CriticalWhen) or formula.expression == 0)

    def wrong(function: Function) -> Function:
        def other(**arguments: Any) -> Any:
            if isinstance(statement, StationaryLaw):
                return function(**arguments) ** (1 + WRONG_EXPONENT)
            if isinstance(statement, FlowInvariant):
                first = min(arguments)
                return function(**arguments | {first: arguments[first] * (1 + WRONG)})
            return function(**arguments) * (1 + WRONG) + shift

        return other

    return wrong


def finding_at(
    claim: Claim,
    statement: Statement,
    formula: Formula | MatrixFormula,
    witness: Witness,
    point: Point,
    seed: int,
    device: str,
    change: Change,
) -> Finding:
    """Return what the witness says of the claim at one point with ``change(function)`` in place of its formula.

    Parameters
    ----------
    claim, statement : Claim, Statement
        Whose domain the point is of, and which of its statements the witness examines.
    formula : Formula or MatrixFormula
        Whose function is judged.
    witness : Witness
        Who draws samples.
    point, seed, device
        Where, with which random numbers, and on which device.
    change : callable
        Makes another function of the one that users call.
    """
    task = Task(replace(claim, statement=statement), EFFORT, seed, device, LEVEL, witness.name)
    try:
        if isinstance(formula, MatrixFormula):
            assert isinstance(statement, MatrixStatement)
            return _matrix(statement, formula, witness, task, point, change)
        function = change(_on(device, formula.torch()))
        if isinstance(statement, StationaryLaw):
            return _law(statement, formula, task, point, function)
        return _number(statement, formula, witness, task, point, function)
    except CrossproofError as error:
        return undecided(str(error))


def _on(device: str, function: Function) -> Function:
    """Return the function of numbers or arrays that calls `function` with float64 tensors on the device."""

    def moved(**arguments: Any) -> Any:
        return function(**{k: torch.as_tensor(v, dtype=torch.float64, device=device) for k, v in arguments.items()})

    return moved


def _ask(witness: Witness, task: Task, statement: Statement, point: Point, field: str, value: Any) -> Finding:
    """Return the finding on the statement with another value in a field, where the parameters in `point` are fixed."""
    stand_in = replace(statement, **{field: value})  # type: ignore[type-var]
    claim = replace(task.claim, statement=stand_in, domain=pinned(task.claim.domain, point))
    return witness.examine(stand_in, replace(task, claim=claim))


def _number(
    statement: Statement, formula: Formula, witness: Witness, task: Task, point: Point, function: Function
) -> Finding:
    if isinstance(statement, ExpectationAtAllTimes):
        places = moderate_points(statement, task, limit=_NOISE, count=1, points=[point])
        moved = next(places, None)
        if moved is None:
            return undecided("no positive time near the point at which the noise is weak enough for a simulation.")
        point = moved[0]
    if isinstance(statement, DeterminantPath):  # the witness has its own matrices and times
        free = {*MatrixProblem(1, 1, 1).values(statement.flow), statement.time}
        point = {s: v for s, v in point.items() if s not in free}
    at_once = isinstance(statement, _AT_ONCE)
    arguments = [point[s] if at_once else s for s in formula.arguments]
    value = called(function, formula.arguments)(*arguments)
    return _ask(witness, task, statement, point, str(asserted_field(statement, formula.expression)), value)


def _law(statement: StationaryLaw, formula: Formula, task: Task, point: Point, density: Function) -> Finding:
    x = statement.sde.state[0]
    parameters = {s: v for s, v in point.items() if s != x}
    given = {argument_name(s): float(parameters[s]) for s in formula.arguments if s != x}
    support = statement.support.subs(parameters)
    low, high = float(support.start), float(support.end)
    lost: list[float] = []

    def log_density(at: NDArray[np.float64]) -> NDArray[np.float64]:
        values = np.full(at.shape, np.nan)
        inside = (low < at) & (at < high)
        values[inside] = np.log(_or_infinite(lambda z: density(**{argument_name(x): z}, **given), at[inside]))
        lost.extend(at[values == np.inf])
        return np.where(values == np.inf, np.nan, values)

    def law() -> Law:
        made = Law(log_density, low, high)
        first, last = made.coordinate.x(made.edges[[0, -1]])
        if any(first <= place <= last for place in lost):
            raise NumericsError(f"the function overflows where the law has mass, between {first:.3g} and {last:.3g}")
        return made

    return simulated(statement, replace(task, effort=_LONG), parameters, task.level, law)


def _or_infinite(function: Function, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of a function at an array, infinite where it says that it has none in float64."""
    try:
        found: NDArray[np.float64] = function(at).cpu().numpy()
        return found
    except NumericsError:
        if len(at) == 1:
            return np.array([np.inf])
    return np.concatenate([_or_infinite(function, half) for half in np.array_split(at, 2)])


def _matrix(
    statement: MatrixStatement, formula: MatrixFormula, witness: Witness, task: Task, point: Point, change: Change
) -> Finding:
    if not isinstance(statement, MatrixIdentity):  # sizes are those of the witness's networks within the domain
        nodes = [n for e in statement.expressions() for n in sp.preorder_traversal(e) if isinstance(n, sp.MatrixExpr)]
        sizes = {s for node in nodes for side in node.shape for s in sp.sympify(side).free_symbols}
        ranges, numbers = task.claim.domain.ranges, set(formula.numbers) - sizes
        point = {s: v for s, v in point.items() if s in numbers or not ranges[s].integral}
    value = called_matrix(formula, change)
    return _ask(witness, task, statement, point, str(asserted_field(statement, formula.expression)), value)
