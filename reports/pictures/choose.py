"""Which picture a claim gets: one function for each type of statement, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import shorten

from ...checks.evidence import Verdict
from ...derivations.claim import Claim
from ...derivations.errors import CrossproofError
from ...derivations.statement import Statement
from ...derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ...derivations.statements.batches import BatchFactor
from ...derivations.statements.classes.exit_times import ExitProbability, MeanExitTime
from ...derivations.statements.classes.gram_limits import GramLimit
from ...derivations.statements.classes.linear_covariances import StationaryCovariance
from ...derivations.statements.classes.near_points import AttractiveNear, EscapesNear
from ...derivations.statements.classes.overlaps import SpikedOverlap
from ...derivations.statements.classes.suprema import SupremumBound
from ...derivations.statements.classes.weak_orders import WeakApproximation
from ...derivations.statements.detailed_balance import DetailedBalance, StationaryRotation
from ...derivations.statements.determinant import DeterminantDrift, DeterminantNoiseFree, DeterminantPath
from ...derivations.statements.distances import DistanceDrift
from ...derivations.statements.euler_steps import EulerStep
from ...derivations.statements.expansions import LocalBehaviour, RootExpansion, SmallNoiseGaussian, StationaryExpansion
from ...derivations.statements.extrema import (
    CriticalPoints,
    EquivalentConditions,
    GlobalMaximum,
    Inequality,
    LocalExtrema,
    MaximumExists,
)
from ...derivations.statements.fokker_planck_form import FokkerPlanckForm
from ...derivations.statements.function_limits import FunctionLimit
from ...derivations.statements.long_time_laws import LimitInLaw, StationaryMean
from ...derivations.statements.matrix_equations import MatrixAssertion
from ...derivations.statements.modes import ModeCoefficient, ModeDependence
from ...derivations.statements.networks import MatrixStatement
from ...derivations.statements.passage import EscapeTime, MeanTimeOrder, Observation
from ...derivations.statements.processes import (
    AlmostSureDecay,
    ExpectationAtAllTimes,
    InitialRate,
    LongTimeLimit,
    PathSolution,
    SDETransform,
)
from ...derivations.statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from ...derivations.statements.scalar import Identity
from ...derivations.statements.sets.gradient_classes import GradientBound, RootDistance
from ...derivations.statements.small_steps import SmallStepLimit
from ...derivations.statements.stationary import DiracLaw, NormalisableWhen, StationaryLaw
from . import (
    classes,
    derived,
    extrema,
    laws,
    limits,
    modes,
    numbers,
    paths,
    rates,
    samples,
    sides,
    spectra,
    steps,
    thresholds,
)
from .picture import NoPicture as NoPicture
from .picture import Picture

Maker = Callable[[Claim, Verdict | None, int], Picture]


#: The function that makes the picture of each type of statement.
MAKERS: Mapping[type[Statement], Maker] = {
    AlmostSureDecay: paths.decay,
    Attractive: thresholds.conditions,
    AttractiveNear: thresholds.conditions,
    BatchFactor: derived.batch_factor,
    CollapsesWhen: thresholds.conditions,
    CriticalPoints: extrema.marked_function,
    DetailedBalance: laws.balance,
    DeterminantDrift: samples.determinant,
    DeterminantNoiseFree: samples.noise_free,
    DeterminantPath: samples.determinant,
    DiracLaw: paths.to_a_point,
    DistanceDrift: numbers.distance_drift,
    EquivalentConditions: thresholds.conditions,
    EscapeTime: limits.escape,
    EulerStep: rates.euler_step,
    ExpectationAtAllTimes: paths.expectation,
    FokkerPlanckForm: derived.fokker_planck,
    FunctionLimit: limits.function_limit,
    GlobalMaximum: extrema.marked_function,
    GradientBound: classes.gradients,
    GramLimit: samples.inner_products,
    Identity: sides.identity,
    Inequality: sides.inequality,
    InitialRate: rates.initial_rate,
    LimitInLaw: laws.stationary,
    Linearised: steps.linearised,
    LocalBehaviour: limits.ratios,
    LocalExtrema: extrema.marked_function,
    LongTimeLimit: limits.long_time,
    MaximumExists: extrema.marked_function,
    MeanExitTime: numbers.exit_time,
    ExitProbability: numbers.exit_probability,
    MeanTimeOrder: numbers.passage_order,
    ModeCoefficient: modes.mode_coefficient,
    ModeDependence: modes.mode_dependence,
    NoiseSingularValues: spectra.spectrum,
    NormalisableWhen: thresholds.conditions,
    PathSolution: paths.closed_form,
    RootDistance: classes.roots,
    RootExpansion: numbers.root,
    SDETransform: rates.transform,
    SmallNoiseGaussian: limits.expansion,
    SmallStartLimit: samples.small_starts,
    SmallStepLimit: steps.small_step_limit,
    SpikedOverlap: spectra.spikes,
    SpikedSingularValue: spectra.spikes,
    StationaryCovariance: numbers.covariance,
    StationaryExpansion: limits.expansion,
    StationaryLaw: laws.stationary,
    StationaryMean: numbers.stationary_mean,
    StationaryRotation: numbers.rotation,
    SupremumBound: derived.supremum_bound,
    WeakApproximation: steps.weak_approximation,
}
#: Why statements of other types have no picture; the first that fits counts.
REASONS: tuple[tuple[type[Statement], str], ...] = (
    (MatrixStatement, "it is about matrices of every size, which no one curve shows"),
    (MatrixAssertion, "it is about matrices of every size, which no one curve shows"),
    (EscapesNear, "it says that a time is finite for all functions with these derivatives, and gives no number"),
    (Observation, "it is a report in words"),
    (Statement, "its type of statement has no numbers along one parameter"),
)


def picture_of(claim: Claim, verdict: Verdict | None = None, *, seed: int = 0) -> Picture:
    """Return the picture of a claim, computed anew from the seed.

    Parameters
    ----------
    claim : Claim
        Any claim, also a user's own.
    verdict : Verdict, optional
        Whose counterexample is marked.
    seed : int
        Of all random numbers.

    Raises
    ------
    NoPicture
        If there is nothing that could be drawn; the message gives the reason.
    """
    kind = type(claim.statement)
    maker = next((MAKERS[t] for t in kind.__mro__ if t in MAKERS), None)
    if maker is None:
        reason = next(text for t, text in REASONS if issubclass(kind, t))
        raise NoPicture(f"{claim.id} has no picture: {reason} ({kind.__name__})")
    try:
        return maker(claim, verdict, seed)
    except NoPicture:
        raise
    except CrossproofError as error:
        raise NoPicture(f"{claim.id} has no picture: {shorten(str(error), 160)}") from None
