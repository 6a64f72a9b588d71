"""Which picture a claim gets: one function for each type of statement, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import shorten

from ...checks.evidence import Verdict
from ...derivations.claim import Claim
from ...derivations.errors import CrossproofError
from ...derivations.statement import Statement
from ...derivations.statements.attractivity import Attractive, CollapsesWhen
from ...derivations.statements.batches import BatchFactor
from ...derivations.statements.classes.overlaps import SpikedOverlap
from ...derivations.statements.classes.suprema import SupremumBound
from ...derivations.statements.detailed_balance import DetailedBalance
from ...derivations.statements.euler_steps import EulerStep
from ...derivations.statements.expansions import LocalBehaviour, SmallNoiseGaussian, StationaryExpansion
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
from ...derivations.statements.long_time_laws import LimitInLaw
from ...derivations.statements.networks import MatrixStatement
from ...derivations.statements.passage import EscapeTime, Observation
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
from ...derivations.statements.stationary import NormalisableWhen, StationaryLaw
from . import derived, extrema, laws, limits, paths, rates, sides, spectra, thresholds
from .picture import NoPicture as NoPicture
from .picture import Picture

Maker = Callable[[Claim, Verdict | None, int], Picture]


#: The function that makes the picture of each type of statement.
MAKERS: Mapping[type[Statement], Maker] = {
    AlmostSureDecay: paths.decay,
    Attractive: thresholds.conditions,
    BatchFactor: derived.batch_factor,
    CollapsesWhen: thresholds.conditions,
    CriticalPoints: extrema.marked_function,
    DetailedBalance: laws.balance,
    EquivalentConditions: thresholds.conditions,
    EscapeTime: limits.escape,
    EulerStep: rates.euler_step,
    ExpectationAtAllTimes: paths.expectation,
    FokkerPlanckForm: derived.fokker_planck,
    FunctionLimit: limits.function_limit,
    GlobalMaximum: extrema.marked_function,
    Identity: sides.identity,
    Inequality: sides.inequality,
    InitialRate: rates.initial_rate,
    LimitInLaw: laws.stationary,
    LocalBehaviour: limits.ratios,
    LocalExtrema: extrema.marked_function,
    LongTimeLimit: limits.long_time,
    MaximumExists: extrema.marked_function,
    NoiseSingularValues: spectra.spectrum,
    NormalisableWhen: thresholds.conditions,
    SDETransform: rates.transform,
    SmallNoiseGaussian: limits.expansion,
    SpikedOverlap: spectra.spikes,
    SpikedSingularValue: spectra.spikes,
    PathSolution: paths.closed_form,
    StationaryExpansion: limits.expansion,
    StationaryLaw: laws.stationary,
    SupremumBound: derived.supremum_bound,
}
#: Why statements of other types have no picture; the first that fits counts.
REASONS: tuple[tuple[type[Statement], str], ...] = (
    (MatrixStatement, "it is about matrices of every size, which no one curve shows"),
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
