"""Every type of statement that a text can state, by its name."""

from __future__ import annotations

from ..statements.attractivity import Attractive, CollapsesWhen, Linearised, SmallStartLimit
from ..statements.classes.exit_times import ExitProbability, MeanExitTime
from ..statements.classes.gram_limits import GramLimit, inner_product
from ..statements.classes.overlaps import SpikedOverlap
from ..statements.classes.suprema import SupremumBound
from ..statements.detailed_balance import StationaryRotation
from ..statements.distances import DistanceDrift
from ..statements.expansions import LocalBehaviour, RootExpansion, SmallNoiseGaussian, StationaryExpansion
from ..statements.extrema import CriticalPoints, EquivalentConditions, GlobalMaximum, LocalExtrema, MaximumExists
from ..statements.long_time_laws import LimitInLaw, StationaryMean
from ..statements.passage import EscapeTime, Observation
from ..statements.processes import AlmostSureDecay, ExpectationAtAllTimes, InitialRate, LongTimeLimit
from ..statements.random_matrices import NoiseSingularValues, SpikedSingularValue
from ..statements.sets.flow_sets import FlowKeepsSet, GradientClass
from ..statements.sets.gradient_classes import GradientBound, GradientQuantity, RootDistance
from ..statements.sets.symmetry_sets import (
    FixedSetInvariant,
    InterpolatingPoint,
    MatrixKind,
    SampleLoss,
    TranslationInvariant,
    Translations,
)
from ..statements.stationary import DiracLaw, NormalisableWhen
from .descriptions import DESCRIBED
from .forms import (
    CONDITION,
    CONDITION_OR_NEVER,
    EQUATION,
    EXPRESSION,
    EXPRESSIONS,
    FLAG,
    INTERVAL,
    NAME,
    ORDER,
    PAIRS,
    SUPPORT,
    TEXT,
    TEXTS,
    WHOLE,
    Part,
    equation,
    form,
    one_of,
)
from .jets import JETS
from .matrix_claims import MATRICES
from .network_claims import NETWORKS
from .statements import BASIC, Fields, Type

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

_INNER = {g.name: g for j in range(1, 10) for g in (inner_product(i, j) for i in range(1, j + 1))}
_PRODUCTS = Part(lambda fields, name: Fields(fields.entry, _INNER, fields.written).expression(name))

_FUNCTIONS = {
    "equivalent-conditions": form(EquivalentConditions, first=CONDITION, second=CONDITION),
    "critical-points": form(
        CriticalPoints, function=EXPRESSION, variable=NAME, locations=EXPRESSIONS, interval=INTERVAL
    ),
    "local-extrema": form(LocalExtrema, function=EXPRESSION, variable=NAME, minima=EXPRESSIONS, maxima=EXPRESSIONS),
    "global-maximum": form(GlobalMaximum, function=EXPRESSION, variable=NAME, location=EXPRESSION, interval=INTERVAL),
    "maximum-exists": form(MaximumExists, function=EXPRESSION, variable=NAME, interval=INTERVAL, condition=CONDITION),
    "long-time-limit": form(LongTimeLimit, expression=EXPRESSION, time=NAME, limit=EXPRESSION),
    "local-behaviour": form(LocalBehaviour, variable=NAME, point=EXPRESSION, pairs=PAIRS),
    "root-expansion": form(
        RootExpansion, function=EXPRESSION, variable=NAME, parameter=NAME, zeroth=EXPRESSION, first=EXPRESSION
    ),
}
_PROCESSES = {
    "mean-at-all-times": form(
        ExpectationAtAllTimes, sde=EQUATION, observable=EXPRESSION, time=NAME, start=EXPRESSION, value=EXPRESSION
    ),
    "initial-rate": form(InitialRate, sde=EQUATION, observable=EXPRESSION, start=EXPRESSION, value=EXPRESSION),
    "almost-sure-decay": form(AlmostSureDecay, sde=EQUATION, function=EXPRESSION),
    "normalisable-when": form(
        NormalisableWhen, sde=EQUATION, support=SUPPORT, condition=CONDITION_OR_NEVER, direction=TEXT
    ),
    "point-mass": form(DiracLaw, sde=EQUATION, point=EXPRESSION, support=INTERVAL),
    "limit-in-law": form(LimitInLaw, sde=EQUATION, support=INTERVAL, density=EXPRESSION, point=EXPRESSION),
    "mean-exit-time": form(
        MeanExitTime, sde=EQUATION, low=EXPRESSION, high=EXPRESSION, value=EXPRESSION, reflecting=FLAG
    ),
    "exit-probability": form(
        ExitProbability, sde=EQUATION, value=EXPRESSION, low=EXPRESSION, high=EXPRESSION, through=TEXT
    ),
    "escape-time": form(
        EscapeTime,
        sde=EQUATION,
        small=NAME,
        low=EXPRESSION,
        start=EXPRESSION,
        barrier=EXPRESSION,
        level=EXPRESSION,
        value=EXPRESSION,
    ),
    "stationary-rotation": form(StationaryRotation, sde=EQUATION, value=EXPRESSION),
    "small-noise-gaussian": form(
        SmallNoiseGaussian, sde=EQUATION, support=INTERVAL, parameter=NAME, centre=EXPRESSION, variance=EXPRESSION
    ),
    "stationary-mean": form(StationaryMean, sde=EQUATION, support=INTERVAL, observable=EXPRESSION, value=EXPRESSION),
    "stationary-expansion": form(
        StationaryExpansion,
        sde=EQUATION,
        support=INTERVAL,
        observable=TEXT,
        parameter=NAME,
        centre=EXPRESSION,
        zeroth=EXPRESSION,
        first=EXPRESSION,
    ),
    "attractive": form(Attractive, sde=EQUATION, point=EXPRESSIONS, condition=CONDITION, direction=TEXT),
    "collapses-when": form(CollapsesWhen, sde=EQUATION, condition=CONDITION, direction=TEXT),
    "linearised": form(Linearised, sde=EQUATION, point=EXPRESSIONS, linear=equation("linear_")),
    "small-start-limit": form(SmallStartLimit, sde=EQUATION, rate=EXPRESSION, volatility=EXPRESSION),
    "observation": form(Observation, observed=TEXT, missing=TEXTS),
}
_CLASSES = {
    "distance-drift": form(
        DistanceDrift,
        power=NAME,
        distance=NAME,
        push=EXPRESSION,
        spread=EXPRESSION,
        radial=EXPRESSION,
        value=EXPRESSION,
    ),
    "gradient-bound": form(
        GradientBound, quantity=one_of(GradientQuantity), lipschitz=NAME, size=NAME, distance=NAME, bound=EXPRESSION
    ),
    "root-distance": form(RootDistance, dimension=NAME, root_norm=ORDER, norm=ORDER, factor=EXPRESSION),
    "spiked-singular-value": form(SpikedSingularValue, spike=EXPRESSION, aspect=EXPRESSION, value=EXPRESSION),
    "spiked-overlap": form(SpikedOverlap, spike=EXPRESSION, aspect=EXPRESSION, value=EXPRESSION),
    "supremum-bound": form(SupremumBound, power=EXPRESSION, start=EXPRESSION, level=EXPRESSION, bound=EXPRESSION),
    "noise-singular-values": form(
        NoiseSingularValues,
        variable=NAME,
        aspect=EXPRESSION,
        density=EXPRESSION,
        low=EXPRESSION,
        high=EXPRESSION,
        atom=EXPRESSION,
    ),
    "gram-limit": form(GramLimit, vectors=WHOLE, expression=_PRODUCTS, value=EXPRESSION),
    "flow-keeps-set": form(FlowKeepsSet, gradients=one_of(GradientClass)),
    "fixed-set-invariant": form(FixedSetInvariant, kind=one_of(MatrixKind)),
    "translation-invariant": form(TranslationInvariant, by=one_of(Translations)),
    "interpolating-point": form(InterpolatingPoint, loss=one_of(SampleLoss)),
}

TYPES: dict[str, Type] = {**BASIC, **_FUNCTIONS, **_PROCESSES, **_CLASSES, **DESCRIBED, **JETS, **MATRICES, **NETWORKS}
