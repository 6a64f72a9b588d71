"""The argument for or against a claim, for readers: the transform, the residuals, the normal forms.

The steps are computed anew, by the functions that the witnesses compute with. They decide nothing: they are shown with
a verdict that an exact argument has reached, and where they cannot be computed in short time there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from ....checks.evidence import Outcome, Verdict
from ....checks.judgement.rungs import TimeUp, interrupted_after
from ....derivations.domain import Domain
from ....derivations.errors import CrossproofError
from ....derivations.statement import Statement
from ....derivations.statements.amplitudes import AmplitudeTerm, SecondMoment
from ....derivations.statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ....derivations.statements.batches import BatchFactor
from ....derivations.statements.classes.exit_times import ExitProbability, MeanExitTime
from ....derivations.statements.classes.gram_limits import GramLimit
from ....derivations.statements.classes.linear_covariances import StationaryCovariance
from ....derivations.statements.classes.near_points import AttractiveNear
from ....derivations.statements.classes.overlaps import SpikedOverlap
from ....derivations.statements.classes.suprema import SupremumBound
from ....derivations.statements.classes.weak_orders import WeakApproximation
from ....derivations.statements.detailed_balance import DetailedBalance, StationaryRotation
from ....derivations.statements.determinant import DeterminantDrift, DeterminantNoiseFree, DeterminantPath
from ....derivations.statements.distances import DistanceDrift
from ....derivations.statements.euler_steps import EulerStep
from ....derivations.statements.expansions import LocalBehaviour, RootExpansion, SmallNoiseGaussian, StationaryExpansion
from ....derivations.statements.extrema import (
    CriticalPoints,
    EquivalentConditions,
    GlobalMaximum,
    Inequality,
    LocalExtrema,
    MaximumExists,
)
from ....derivations.statements.fokker_planck_form import FokkerPlanckForm
from ....derivations.statements.function_limits import FunctionLimit
from ....derivations.statements.hessians import LossHessian
from ....derivations.statements.invariances import CriticalWhen, FlowInvariant, HiddenBasisChange
from ....derivations.statements.long_time_laws import LimitInLaw, StationaryMean
from ....derivations.statements.matrix_equations import MatrixEquation, MatrixGradient
from ....derivations.statements.modes import ModeCoefficient
from ....derivations.statements.networks import (
    AllOf,
    GradientNoiseCovariance,
    LayerGradient,
    MatrixIdentity,
    NetworkJacobian,
)
from ....derivations.statements.passage import EscapeTime, MeanTimeOrder
from ....derivations.statements.processes import (
    AlmostSureDecay,
    ExpectationAtAllTimes,
    InitialRate,
    LongTimeLimit,
    PathSolution,
    SDETransform,
)
from ....derivations.statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from ....derivations.statements.scalar import Identity
from ....derivations.statements.sets.gradient_classes import GradientBound, RootDistance
from ....derivations.statements.sets.invariant_sets import (
    ConstantProjection,
    ConstantSums,
    SilentNeuron,
    TiedNeurons,
)
from ....derivations.statements.sets.neuron_gradients import NeuronGradient
from ....derivations.statements.stationary import NormalisableWhen, StationaryLaw
from ..model import Step
from . import bounds, laws, limits, matrices, networks, neurons, processes, scalars, spectra

#: CPU seconds for the steps of one claim, and steps that are shown.
_SECONDS, _MOST = 2.0, 16

#: The function that writes out the argument of each type of statement.
ARGUMENTS: dict[type[Statement], Callable[[Any, Domain], Iterator[Step]]] = {
    AllOf: networks.together,
    AlmostSureDecay: limits.decay,
    AmplitudeTerm: networks.by_words,
    Attractive: processes.attractive,
    AttractiveNear: processes.attractive_near,
    BatchFactor: scalars.batch_factor,
    CollapsesWhen: processes.collapse,
    ConstantProjection: neurons.invariant,
    ConstantSums: neurons.invariant,
    CriticalPoints: scalars.extrema,
    CriticalWhen: networks.by_words,
    DetailedBalance: laws.balance,
    DeterminantDrift: processes.determinant,
    DeterminantNoiseFree: processes.noise_free,
    DeterminantPath: processes.determinant,
    DistanceDrift: scalars.distance_drift,
    EquivalentConditions: scalars.equivalence,
    EscapeTime: laws.escape,
    EulerStep: processes.euler_step,
    ExpectationAtAllTimes: processes.expectation,
    FlowInvariant: networks.by_words,
    FokkerPlanckForm: processes.fokker_planck,
    FunctionLimit: scalars.function_limit,
    GlobalMaximum: scalars.extrema,
    GradientBound: bounds.gradients,
    GradientNoiseCovariance: networks.by_words,
    GramLimit: scalars.gram_limit,
    HiddenBasisChange: networks.by_words,
    Identity: scalars.identity,
    Inequality: scalars.inequality,
    InitialRate: processes.initial_rate,
    LayerGradient: networks.gradient,
    LimitInLaw: laws.stationary,
    Linearised: processes.linearised,
    LocalBehaviour: limits.ratios,
    LocalExtrema: scalars.extrema,
    LongTimeLimit: limits.long_time,
    LossHessian: networks.by_words,
    MatrixEquation: matrices.equation,
    MatrixGradient: matrices.gradient,
    MatrixIdentity: networks.matrix_identity,
    MaximumExists: scalars.extrema,
    MeanExitTime: processes.exit_time,
    ExitProbability: processes.exit_probability,
    MeanTimeOrder: laws.passages,
    ModeCoefficient: networks.mode_coefficient,
    NetworkJacobian: networks.by_words,
    NeuronGradient: neurons.neuron_gradient,
    NoiseSingularValues: spectra.noise,
    NormalisableWhen: laws.normalisable,
    PathSolution: processes.path,
    RootDistance: bounds.roots,
    RootExpansion: limits.root,
    SDETransform: processes.transform,
    SecondMoment: networks.by_words,
    SilentNeuron: neurons.invariant,
    SmallNoiseGaussian: limits.laplace,
    SmallStartLimit: processes.small_start,
    SpikedOverlap: spectra.spike,
    SpikedSingularValue: spectra.spike,
    StationaryCovariance: laws.covariance,
    StationaryExpansion: limits.laplace,
    StationaryLaw: laws.stationary,
    StationaryMean: laws.mean,
    StationaryRotation: laws.rotation,
    SupremumBound: bounds.supremum,
    TiedNeurons: neurons.invariant,
    WeakApproximation: processes.weak,
}
#: Types whose last step is a reason of the witness in words: by which rung a sign is seen.
_SAID = (Attractive, AttractiveNear, CollapsesWhen, CriticalPoints, EquivalentConditions, GlobalMaximum, Inequality,
         LocalExtrema, MaximumExists, MeanTimeOrder, NormalisableWhen)  # fmt: skip
#: Types of which nothing follows where they fail: their counterexample says all.
_NOTHING_INSTEAD = (Identity, Inequality, EquivalentConditions)


def argument(verdict: Verdict) -> tuple[Step, ...]:
    """Return the steps by which a claim follows, or by which something else follows in its place.

    Parameters
    ----------
    verdict : Verdict
        Only one that is proved, or refuted with a certified gap, has steps.
    """
    decided = [e for e in verdict.evidence if e.finding.outcome is verdict.outcome]
    exact = verdict.outcome is Outcome.PROVED or any(e.finding.certified for e in decided)
    make = ARGUMENTS.get(type(verdict.claim.statement))
    if make is None or not exact or verdict.outcome not in (Outcome.PROVED, Outcome.REFUTED):
        return ()
    if verdict.outcome is Outcome.REFUTED and isinstance(verdict.claim.statement, _NOTHING_INSTEAD):
        return ()
    try:
        with interrupted_after(_SECONDS):
            steps = list(make(verdict.claim.statement, verdict.claim.domain))
    except (TimeUp, CrossproofError, NotImplementedError, ValueError, TypeError, sp.PolynomialError):
        return ()
    if len(steps) > _MOST:
        rest = len(steps) - _MOST
        steps = [*steps[:_MOST], Step(f"and {rest} further step{'s' * (rest != 1)} of the same kind", "")]
    if steps and verdict.outcome is Outcome.PROVED and isinstance(verdict.claim.statement, _SAID):
        steps += [Step(f"so, by {e.witness}: {e.finding.detail.rstrip('.')}", "") for e in decided[:1]]
    return tuple(steps)
