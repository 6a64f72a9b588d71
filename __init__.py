"""Symbolic-numeric verification of published derivations: proof, rigorous numerics and Monte Carlo in one verdict.

>>> import crossproof as cp
>>> verdict = cp.verify("004.gbm.log")  # doctest: +SKIP
>>> cp.formula("004.conj-i.1").latex  # doctest: +SKIP

Everything that a script, a claims module or a witness needs is here; a name is imported when it is first asked for, so
that the command line starts without SymPy. All names, with a line on each: ``docs/api.md``.
"""

from __future__ import annotations

import ast
import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # where each public name lives, for type checkers and for `__getattr__`
    from .checks.conformance.check_witness import Example, check_witness
    from .checks.effort import Effort
    from .checks.evidence import Counterexample, Evidence, Finding, Kind, Outcome, Verdict
    from .checks.functions.checks import FunctionCheck, function_checks
    from .checks.functions.judgement import FunctionVerdict, judge_function
    from .checks.judgement.findings import confirmed, proved, refuted, undecided, undefined
    from .checks.runs.verify import Run
    from .checks.statistics.bounded_means import compare_bounded_mean
    from .checks.statistics.covariances import compare_covariance
    from .checks.statistics.exponents import compare_exponent
    from .checks.statistics.laws import compare_law, compare_laws
    from .checks.statistics.means import Comparison, compare_mean
    from .checks.statistics.probabilities import compare_cdf, compare_probability, compare_quantile
    from .checks.statistics.ratios import compare_ratio
    from .checks.strategies import points
    from .checks.witness import Task, Witness, witness
    from .derivations.claim import CLAIMS, Claim, Source, claim
    from .derivations.domain import Domain
    from .derivations.errors import (
        AccuracyWarning,
        ClaimError,
        CrossproofError,
        CrossproofWarning,
        DomainError,
        NumericsError,
        ParsingError,
        PrintingError,
        RefutedFormulaWarning,
        SelectionError,
        UndefinedError,
        UsageError,
        WitnessError,
    )
    from .derivations.matrices.kronecker import CommutationMatrix, SampleCovariance, SampleSum, Vec
    from .derivations.matrices.matrix_flow import MatrixFlow
    from .derivations.matrices.networks import NetworkSetting
    from .derivations.matrices.sampling import Sampling, Scheme
    from .derivations.processes.sde import SDE
    from .derivations.ranges import Above, AtLeast, Between, Integers, Positive, Range, Real
    from .derivations.statement import Implication, Statement
    from .derivations.statements.amplitudes import AmplitudeQuantity, AmplitudeTerm, SecondMoment
    from .derivations.statements.attractivity import (
        Attractive,
        CollapsesWhen,
        LabelNoiseTraining,
        Linearised,
        SmallStartLimit,
    )
    from .derivations.statements.batches import BatchFactor, BatchQuantity
    from .derivations.statements.classes.exit_times import ExitProbability, MeanExitTime
    from .derivations.statements.classes.gram_limits import GramLimit, inner_product
    from .derivations.statements.classes.linear_covariances import StationaryCovariance
    from .derivations.statements.classes.near_points import AttractiveNear, EscapesNear, LocalDiffusion, Starts
    from .derivations.statements.classes.overlaps import SpikedOverlap
    from .derivations.statements.classes.suprema import SupremumBound
    from .derivations.statements.classes.weak_orders import WeakApproximation
    from .derivations.statements.detailed_balance import DetailedBalance, StationaryRotation
    from .derivations.statements.determinant import DeterminantDrift, DeterminantNoiseFree, DeterminantPath
    from .derivations.statements.distances import DistanceDrift
    from .derivations.statements.euler_steps import EulerStep, RandomUpdate
    from .derivations.statements.expansions import (
        LocalBehaviour,
        RootExpansion,
        SmallNoiseGaussian,
        StationaryExpansion,
    )
    from .derivations.statements.extrema import (
        CriticalPoints,
        EquivalentConditions,
        GlobalMaximum,
        Inequality,
        LocalExtrema,
        MaximumExists,
    )
    from .derivations.statements.fokker_planck_form import FokkerPlanckForm
    from .derivations.statements.function_limits import FunctionLimit, Jet
    from .derivations.statements.hessians import LossHessian
    from .derivations.statements.invariances import CriticalWhen, FlowInvariant, HiddenBasisChange, Invariant
    from .derivations.statements.long_time_laws import LimitInLaw, StationaryMean
    from .derivations.statements.matrix_equations import MatrixAssertion, MatrixEquation, MatrixGradient
    from .derivations.statements.mode_curvature import HessianBlocks, VanishingCurvature
    from .derivations.statements.modes import ModeCoefficient, ModeDependence, ModeQuantity, ModeSetting, ModeTarget
    from .derivations.statements.networks import (
        AllOf,
        GradientNoiseCovariance,
        GradientOf,
        LayerGradient,
        MatrixIdentity,
        MatrixStatement,
        NetworkJacobian,
    )
    from .derivations.statements.passage import EscapeTime, MeanTimeOrder, Observation, Passage
    from .derivations.statements.processes import (
        AlmostSureDecay,
        ExpectationAtAllTimes,
        InitialRate,
        LongTimeLimit,
        PathSolution,
        SDETransform,
    )
    from .derivations.statements.random_matrices import NoiseSingularValues, SpikedSingularValue
    from .derivations.statements.scalar import Identity
    from .derivations.statements.sets.flow_sets import FlowKeepsSet, GradientClass
    from .derivations.statements.sets.gradient_classes import GradientBound, GradientQuantity, RootDistance
    from .derivations.statements.sets.invariant_sets import (
        Activation,
        Along,
        ConstantProjection,
        ConstantSums,
        FeedForward,
        Head,
        InvariantSet,
        LinearForm,
        Shape,
        SilentNeuron,
        Sums,
        TiedNeurons,
    )
    from .derivations.statements.sets.neuron_gradients import NeuronGradient, NeuronPart
    from .derivations.statements.sets.symmetry_sets import (
        FixedSetInvariant,
        InterpolatingPoint,
        MatrixKind,
        PropertySet,
        SampleLoss,
        TranslationInvariant,
        Translations,
    )
    from .derivations.statements.small_steps import OnlineTraining, SmallStepLimit
    from .derivations.statements.stationary import DiracLaw, NormalisableWhen, StationaryLaw
    from .derivations.symbols import dimension, positive, real
    from .numerics.formula import Formula
    from .numerics.kernels.request import Request
    from .numerics.kernels.summaries import Summaries
    from .numerics.matrix_formula import MatrixFormula
    from .numerics.models.adaptive import adam_langevin, rmsprop_langevin
    from .numerics.models.central_flow import sharpness_of, with_central_flow
    from .numerics.models.clocks import TimeChanged
    from .numerics.models.langevin import (
        anisotropic_langevin,
        heavy_ball_langevin,
        isotropic_langevin,
        underdamped_langevin,
    )
    from .numerics.models.networks import ScalarNetwork
    from .numerics.models.refined import refined_model
    from .numerics.models.run import model_states
    from .numerics.networks.invariance import Invariance, invariance
    from .numerics.random.random_stream import RandomStream
    from .numerics.schemes.own import scheme
    from .numerics.simulation.own_backend import backend
    from .numerics.simulation.recorded import simulate_paths
    from .numerics.simulation.simulate import simulate
    from .numerics.trajectories.correlations import (
        estimate_autocorrelation,
        estimate_autocorrelation_time,
        estimate_memory,
    )
    from .numerics.trajectories.currents import estimate_entropy_production, estimate_rotation
    from .numerics.trajectories.displacement import estimate_msd, estimate_msd_exponent
    from .numerics.trajectories.distances import estimate_wasserstein
    from .numerics.trajectories.divergences import estimate_kl, estimate_mmd
    from .numerics.trajectories.estimate import PathEstimate, difference
    from .numerics.trajectories.exits import estimate_exit_rate, estimate_exit_time, first_exits
    from .numerics.trajectories.gradient_noise import estimate_gradient_noise
    from .numerics.trajectories.growth import estimate_lyapunov, estimate_lyapunov_spectrum
    from .numerics.trajectories.mixing import estimate_mixing_time, estimate_spectral_gap
    from .numerics.trajectories.moments import estimate_density, estimate_moments, estimate_time_average
    from .numerics.trajectories.tails import estimate_tail_index
    from .reports.pictures.picture import Picture

    __version__: str

__all__ = [
    "CLAIMS",
    "SDE",
    "Above",
    "AccuracyWarning",
    "Activation",
    "AllOf",
    "AlmostSureDecay",
    "Along",
    "AmplitudeQuantity",
    "AmplitudeTerm",
    "AtLeast",
    "Attractive",
    "AttractiveNear",
    "BatchFactor",
    "BatchQuantity",
    "Between",
    "Claim",
    "ClaimError",
    "CollapsesWhen",
    "CommutationMatrix",
    "Comparison",
    "ConstantProjection",
    "ConstantSums",
    "Counterexample",
    "CriticalPoints",
    "CriticalWhen",
    "CrossproofError",
    "CrossproofWarning",
    "DetailedBalance",
    "DeterminantDrift",
    "DeterminantNoiseFree",
    "DeterminantPath",
    "DiracLaw",
    "DistanceDrift",
    "Domain",
    "DomainError",
    "Effort",
    "EquivalentConditions",
    "EscapeTime",
    "EscapesNear",
    "EulerStep",
    "Evidence",
    "Example",
    "ExitProbability",
    "ExpectationAtAllTimes",
    "FeedForward",
    "Finding",
    "FixedSetInvariant",
    "FlowInvariant",
    "FlowKeepsSet",
    "FokkerPlanckForm",
    "Formula",
    "FunctionCheck",
    "FunctionLimit",
    "FunctionVerdict",
    "GlobalMaximum",
    "GradientBound",
    "GradientClass",
    "GradientNoiseCovariance",
    "GradientOf",
    "GradientQuantity",
    "GramLimit",
    "Head",
    "HessianBlocks",
    "HiddenBasisChange",
    "Identity",
    "Implication",
    "Inequality",
    "InitialRate",
    "Integers",
    "InterpolatingPoint",
    "Invariance",
    "Invariant",
    "InvariantSet",
    "Jet",
    "Kind",
    "LabelNoiseTraining",
    "LayerGradient",
    "LimitInLaw",
    "LinearForm",
    "Linearised",
    "LocalBehaviour",
    "LocalDiffusion",
    "LocalExtrema",
    "LongTimeLimit",
    "LossHessian",
    "MatrixAssertion",
    "MatrixEquation",
    "MatrixFlow",
    "MatrixFormula",
    "MatrixGradient",
    "MatrixIdentity",
    "MatrixKind",
    "MatrixStatement",
    "MaximumExists",
    "MeanExitTime",
    "MeanTimeOrder",
    "ModeCoefficient",
    "ModeDependence",
    "ModeQuantity",
    "ModeSetting",
    "ModeTarget",
    "NetworkJacobian",
    "NetworkSetting",
    "NeuronGradient",
    "NeuronPart",
    "NoiseSingularValues",
    "NormalisableWhen",
    "NumericsError",
    "Observation",
    "OnlineTraining",
    "Outcome",
    "ParsingError",
    "Passage",
    "PathEstimate",
    "PathSolution",
    "Picture",
    "Positive",
    "PrintingError",
    "PropertySet",
    "RandomStream",
    "RandomUpdate",
    "Range",
    "Real",
    "RefutedFormulaWarning",
    "Request",
    "RootDistance",
    "RootExpansion",
    "Run",
    "SDETransform",
    "SampleCovariance",
    "SampleLoss",
    "SampleSum",
    "Sampling",
    "ScalarNetwork",
    "Scheme",
    "SecondMoment",
    "SelectionError",
    "Shape",
    "SilentNeuron",
    "SmallNoiseGaussian",
    "SmallStartLimit",
    "SmallStepLimit",
    "Source",
    "SpikedOverlap",
    "SpikedSingularValue",
    "Starts",
    "Statement",
    "StationaryCovariance",
    "StationaryExpansion",
    "StationaryLaw",
    "StationaryMean",
    "StationaryRotation",
    "Summaries",
    "Sums",
    "SupremumBound",
    "Task",
    "TiedNeurons",
    "TimeChanged",
    "TranslationInvariant",
    "Translations",
    "UndefinedError",
    "UsageError",
    "VanishingCurvature",
    "Vec",
    "Verdict",
    "WeakApproximation",
    "Witness",
    "WitnessError",
    "__version__",
    "adam_langevin",
    "anisotropic_langevin",
    "backend",
    "check_witness",
    "claim",
    "compare_bounded_mean",
    "compare_cdf",
    "compare_covariance",
    "compare_exponent",
    "compare_law",
    "compare_laws",
    "compare_mean",
    "compare_probability",
    "compare_quantile",
    "compare_ratio",
    "confirmed",
    "difference",
    "dimension",
    "estimate_autocorrelation",
    "estimate_autocorrelation_time",
    "estimate_density",
    "estimate_entropy_production",
    "estimate_exit_rate",
    "estimate_exit_time",
    "estimate_gradient_noise",
    "estimate_kl",
    "estimate_lyapunov",
    "estimate_lyapunov_spectrum",
    "estimate_memory",
    "estimate_mixing_time",
    "estimate_mmd",
    "estimate_moments",
    "estimate_msd",
    "estimate_msd_exponent",
    "estimate_rotation",
    "estimate_spectral_gap",
    "estimate_tail_index",
    "estimate_time_average",
    "estimate_wasserstein",
    "first_exits",
    "formula",
    "function_checks",
    "heavy_ball_langevin",
    "inner_product",
    "invariance",
    "isotropic_langevin",
    "judge_function",
    "load_catalog",
    "matrix_formula",
    "model_states",
    "picture",
    "points",
    "positive",
    "proved",
    "real",
    "refined_model",
    "refuted",
    "rmsprop_langevin",
    "scheme",
    "sharpness_of",
    "simulate",
    "simulate_paths",
    "undecided",
    "undefined",
    "underdamped_langevin",
    "verify",
    "verify_all",
    "with_central_flow",
    "witness",
]


@cache
def _homes() -> dict[str, str]:
    """Return the module of every public name that is not made here, as the imports at the top of this file say."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    found = (node for node in block.body if isinstance(node, ast.ImportFrom))
    return {alias.name: f"{__name__}.{node.module}" for node in found for alias in node.names}


if not TYPE_CHECKING:  # a type checker must not believe that any name is there

    def __getattr__(name: str) -> Any:
        """Import a public name on first use."""
        if name == "__version__":
            from importlib.metadata import version

            value = version(__name__)
        elif name in __all__ and name in _homes():
            value = getattr(importlib.import_module(_homes()[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


def load_catalog(*modules: str) -> None:
    """Register the catalog and the claims of the given importable modules and TOML files in :data:`CLAIMS`.

    Raises
    ------
    UsageError
        If one cannot be imported or read.
    ClaimError
        If a claim is malformed; all that are get named.
    """
    from .checks.runs.unit import load_catalog as load

    load(modules)


def verify(claim: str | Claim, **options: Any) -> Verdict:
    """Verify one claim with every witness that can speak to it and return the verdict.

    Parameters
    ----------
    claim : str or Claim
        Id of a registered claim, or the claim, registered or not.
    **options
        ``effort`` ("quick", "default", "thorough"), ``device`` ("auto", "cpu", "cuda"), ``seed`` (int >= 0),
        ``workers`` (int >= 1), ``modules`` (names of importable modules and TOML files with further claims).

    Raises
    ------
    SelectionError
        If no claim has that id; the message suggests the nearest.
    UsageError
        If an option is outside its range.

    Notes
    -----
    Worker processes examine the claim, under limits of time and memory. What they cannot be told of (a witness or a
    type of statement that is defined in the script or notebook itself) is examined in this process, without limits.
    """
    from dataclasses import replace

    from .checks.runs.verify import verify_one
    from .reports.formats.terminal import verdict_lines

    verdict = verify_one(claim, **options)
    return replace(verdict, text="\n".join(verdict_lines(verdict)))


def verify_all(*selectors: str, **options: Any) -> Run:
    """Verify all claims that the selectors name (the whole catalog without any); options as in :func:`verify`."""
    from .checks.runs.verify import verify_claims

    return verify_claims(selectors, **options)


def formula(claim: str | Claim) -> Formula:
    """Return the closed form that a claim asserts: a function, with expression, LaTeX, domain, verdict and repairs.

    Raises
    ------
    SelectionError
        If no claim has that id.
    PrintingError
        If the claim asserts no scalar closed form; see :func:`matrix_formula` for claims on matrices.

    Warns
    -----
    RefutedFormulaWarning
        Once, if the claim is refuted; it names the claims that repair it.
    """
    from .checks.functions.described import announced

    return announced(_claim(claim))


def matrix_formula(claim: str | Claim, part: int = 1) -> MatrixFormula:
    """Return the value in matrices that a claim asserts: a function of tensors, with LaTeX, verdict and repairs.

    Parameters
    ----------
    claim : str or Claim
        Id of a registered claim, or the claim.
    part : int
        Which part of a statement that joins several, from 1.

    Raises
    ------
    SelectionError
        If no claim has that id.
    PrintingError
        If the claim asserts no value in matrices, or has no such part.

    Warns
    -----
    RefutedFormulaWarning
        Once, if the claim is refuted; it names the claims that repair it.
    """
    from .checks.functions.described import announced_matrix

    return announced_matrix(_claim(claim), part)


def picture(claim: str | Claim, verdict: Verdict | None = None, *, seed: int = 0) -> Picture:
    """Return the picture of a claim, by the type of its statement: data, shown by a notebook, written by ``save``.

    Parameters
    ----------
    claim : str or Claim
        Id of a registered claim, or the claim, registered or not.
    verdict : Verdict, optional
        Whose counterexample is marked; by default the last one that is kept, if it speaks to this claim.
    seed : int
        Of all random numbers that the picture is computed with.

    Raises
    ------
    SelectionError
        If no claim has that id.
    UsageError
        If the verdict is on another claim, or there is nothing that could be drawn; the message gives the reason.
    """
    from .checks.store.saved import load
    from .derivations.errors import UsageError
    from .reports.pictures.choose import picture_of

    chosen = _claim(claim)
    if verdict is None:
        verdict = load().verdict(chosen)
    elif verdict.claim.id != chosen.id:
        raise UsageError(f"verdict is on {verdict.claim.id}, and the picture is of {chosen.id}; give the one on it")
    return picture_of(chosen, verdict, seed=seed)


def _claim(claim: str | Claim) -> Claim:
    from .checks.selection import select
    from .derivations.claim import CLAIMS
    from .derivations.errors import SelectionError

    load_catalog()
    if not isinstance(claim, str):
        return claim
    chosen = select([claim], CLAIMS)
    if len(chosen) != 1:
        raise SelectionError(f"{claim!r} selects {len(chosen)} claims; give one id")
    return chosen[0]
