"""Types of statement as text that hold descriptions: passages, updates, batches, networks, fields of force."""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy as sp

from ..errors import ParsingError
from ..matrices.matrix_flow import MatrixFlow
from ..matrices.sampling import Sampling, Scheme
from ..processes.sde import SDE
from ..statement import Statement
from ..statements.batches import BatchFactor, BatchQuantity
from ..statements.classes.linear_covariances import StationaryCovariance
from ..statements.classes.weak_orders import WeakApproximation
from ..statements.detailed_balance import DetailedBalance
from ..statements.determinant import DeterminantDrift, DeterminantNoiseFree, DeterminantPath
from ..statements.euler_steps import EulerStep, RandomUpdate
from ..statements.fokker_planck_form import FokkerPlanckForm
from ..statements.mode_curvature import HessianBlocks, VanishingCurvature
from ..statements.modes import ModeCoefficient, ModeDependence, ModeQuantity, ModeSetting, ModeTarget
from ..statements.passage import MeanTimeOrder, Passage
from ..statements.processes import PathSolution
from ..statements.sets.invariant_sets import (
    Activation,
    Along,
    ConstantProjection,
    ConstantSums,
    FeedForward,
    Head,
    SilentNeuron,
    Sums,
    TiedNeurons,
)
from ..statements.sets.neuron_gradients import (
    NeuronGradient,
    NeuronPart,
    b_next,
    b_next_i,
    delta,
    h,
    sigma,
    sigma_slope,
    u,
    w_out,
    z,
)
from ..statements.small_steps import OnlineTraining, SmallStepLimit
from .forms import EXPRESSION, FLAG, NAME, NAMES, Part, form, items, one_of, rows, table, whole
from .quoting import shown
from .statements import Fields, Type

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def _draws(fields: Fields, name: str) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
    """Return the draws of a table with their variances."""
    found = []
    for draw, variance in table(fields, name).items():
        own = Fields({name: draw, draw: variance}, fields.symbols, fields.written)
        found.append((own.name(name), own.expression(draw)))
        fields.bound |= own.bound
    return tuple(found)


def _functions(fields: Fields) -> list[sp.Symbol]:
    """Return the state, and declare the undefined functions of it that the claim names."""
    state = fields.state()
    for name in items(fields, "functions") if "functions" in fields.entry else ():
        fields.declare("functions", name, state)
    return state


def _path_solution(fields: Fields) -> Statement:
    sde, time = fields.sde(fields.state()), fields.name("time")
    start = fields.expression("start")
    path = fields.declare("brownian", fields.entry["brownian"], [time])
    solution = fields.expression("solution")

    def along(integral: sp.Integral) -> sp.Integral:
        (variable, *ends) = integral.limits[0]
        return sp.Integral(integral.function.xreplace({path: path.func(variable)}), (variable, *ends))

    solution = solution.replace(lambda e: isinstance(e, sp.Integral), along)
    return PathSolution(sde, solution, time, path.func, start)


def _passage(fields: Fields, which: str) -> Passage:
    sde = fields.sde(fields.state(f"{which}_state"), f"{which}_drift", f"{which}_diffusion")
    return Passage(sde, fields.expression(f"{which}_start"), fields.expression(f"{which}_level"))


def _mean_time_order(fields: Fields) -> Statement:
    return MeanTimeOrder(_passage(fields, "quicker"), _passage(fields, "slower"))


def _update(fields: Fields) -> tuple[RandomUpdate, SDE]:
    """Return an update and the equation that is said to stand for it."""
    state = _functions(fields)
    update = RandomUpdate(tuple(state), tuple(fields.expressions("change")), _draws(fields, "draws"))
    return update, fields.sde(state)


def _euler_step(fields: Fields) -> Statement:
    return EulerStep(*_update(fields), fields.expression("step"))


def _weak_approximation(fields: Fields) -> Statement:
    return WeakApproximation(*_update(fields), fields.name("step"))


def _stationary_covariance(fields: Fields) -> Statement:
    state = fields.state()
    steps = "change" in fields.entry
    update = ("change", "draws")
    equation = ("drift", "diffusion")
    for name in (*update, *equation):
        if (name in fields.entry) != (name in (update if steps else equation)):
            raise ParsingError(f"{name}: give drift and diffusion of an equation, or change and draws of an update")
    process: SDE | RandomUpdate = (
        RandomUpdate(tuple(state), tuple(fields.expressions("change")), _draws(fields, "draws"))
        if steps
        else fields.sde(state)
    )
    lag = fields.expression("lag") if "lag" in fields.entry else sp.Integer(0)
    first, second = (fields.name(which) for which in ("first", "second"))
    return StationaryCovariance(process, first, second, fields.expression("value"), lag)


def _small_step_limit(fields: Fields) -> Statement:
    weight = fields.name("weight")
    training = OnlineTraining(
        fields.expression("loss"),
        weight,
        _draws(fields, "data"),
        fields.expression("start"),
        fields.name("steps_per_unit"),
    )
    more: dict[str, Any] = {}
    if "process_drift" in fields.entry:
        more["process"] = fields.sde([weight], "process_drift", "process_diffusion")
    if "factor" in fields.entry:
        more["factor"] = fields.expression("factor")
    if "spread" in fields.entry:
        more["spread"] = FLAG.read(fields, "spread")
    observable, limit = fields.expression("observable"), fields.expression("limit")
    return SmallStepLimit(training, observable, fields.name("time"), limit, **more)


def _fokker_planck(fields: Fields) -> Statement:
    state = _functions(fields)
    density = fields.declare("density", fields.entry["density"], state)
    return FokkerPlanckForm(fields.sde(state), density, fields.expression("right_side"))


def _detailed_balance(fields: Fields) -> Statement:
    state = _functions(fields)
    density = fields.expression("density") if "density" in fields.entry else None
    force = sp.ImmutableMatrix(fields.expressions("force"))
    return DetailedBalance(tuple(state), force, rows(fields, "tensor"), density, fields.text("current", "printed"))


def _flow(fields: Fields, name: str) -> MatrixFlow:
    inputs, outputs, samples = (fields.name(size) for size in ("inputs", "outputs", "samples"))
    return MatrixFlow(inputs, outputs, samples, fields.expression("variance"), fields.name("gram_trace"))


def _sampling(fields: Fields, name: str) -> Sampling:
    scheme = one_of(Scheme).read(fields, "scheme")
    population = fields.expression("population") if "population" in fields.entry else None
    return Sampling(scheme, fields.expression("batch"), population)


def _network(fields: Fields, name: str) -> FeedForward:
    skips = []
    for pair in items(fields, "skips") if "skips" in fields.entry else ():
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(layer, str) for layer in pair)):
            raise ParsingError(f"skips: {shown(pair)} is no pair of layers; write ['l1', 'l2']")
        skips.append((pair[0], pair[1]))
    head = one_of(Head).read(fields, "head") if "head" in fields.entry else Head.NONE
    return FeedForward(one_of(Activation).read(fields, "activation"), tuple(skips), head)


def _neuron_set(kind: type[SilentNeuron] | type[TiedNeurons], fields: Fields) -> Statement:
    incoming, bias, outgoing = (
        fields.expression(name) if name in fields.entry else None for name in ("incoming", "bias", "outgoing")
    )
    at = tuple(items(fields, "at")) if "at" in fields.entry else ("l",)
    return kind(_network(fields, "network"), incoming, bias, outgoing, at)


def _neuron_gradient(fields: Fields) -> Statement:
    known = {"delta": delta, "w_out": w_out, "z": z, "b_next": b_next, "b_next_i": b_next_i, "u": u, "h": h}
    known |= {"sigma_u": sigma(u), "sigma_z": sigma(z), "slope_u": sigma_slope(u), "slope_z": sigma_slope(z)}
    own = Fields(fields.entry, known, fields.written)
    return NeuronGradient(one_of(NeuronPart).read(fields, "part"), own.expression("term"))


def _target(fields: Fields, name: str) -> ModeTarget:
    given = {n: fields.expression(n) for n in ("depth", "label_noise", "step") if n in fields.entry}
    setting = ModeSetting(whole(fields, "modes"), **given)
    places: dict[str, Any] = {n: _modes(fields, n) for n in ("first", "second") if n in fields.entry}
    if "layer" in fields.entry:
        places["layer"] = whole(fields, "layer")
    return ModeTarget(setting, one_of(ModeQuantity).read(fields, "quantity"), **places)


def _modes(fields: Fields, name: str) -> tuple[int, int]:
    pair = items(fields, name)
    if len(pair) != 2 or not all(isinstance(i, int) and not isinstance(i, bool) for i in pair):
        raise ParsingError(f"{name} is {shown(pair)}; write two numbers of modes, such as [1, 2]")
    return pair[0], pair[1]


_FLOW = Part(_flow, ("inputs", "outputs", "samples", "variance", "gram_trace"))
_SAMPLING = Part(_sampling, ("scheme", "batch"), ("population",))
_NETWORK = Part(_network, ("activation",), ("skips", "head"))
_TARGET = Part(_target, ("modes", "quantity"), ("depth", "label_noise", "step", "first", "second", "layer"))
_NEURON = ("activation",), ("incoming", "bias", "outgoing", "at", "skips", "head")
_PASSAGES = tuple(f"{w}_{f}" for w in ("quicker", "slower") for f in ("state", "drift", "diffusion", "start", "level"))
_SDE = ("state", "drift", "diffusion")

DESCRIBED = {
    "path-solution": Type((*_SDE, "time", "brownian", "start", "solution"), ("calculus",), _path_solution),
    "mean-time-order": Type(_PASSAGES, (), _mean_time_order),
    "euler-step": Type((*_SDE, "change", "draws", "step"), ("functions",), _euler_step),
    "weak-approximation": Type((*_SDE, "change", "draws", "step"), ("functions",), _weak_approximation),
    "stationary-covariance": Type(
        ("state", "first", "second", "value"),
        ("drift", "diffusion", "change", "draws", "lag", "calculus"),
        _stationary_covariance,
    ),
    "small-step-limit": Type(
        ("loss", "weight", "data", "start", "steps_per_unit", "observable", "time", "limit"),
        ("spread", "factor", "process_drift", "process_diffusion"),
        _small_step_limit,
    ),
    "fokker-planck-form": Type((*_SDE, "density", "right_side"), ("functions", "calculus"), _fokker_planck),
    "detailed-balance": Type(("state", "force", "tensor"), ("density", "current", "functions"), _detailed_balance),
    "determinant-drift": form(DeterminantDrift, flow=_FLOW, rate=EXPRESSION),
    "determinant-noise-free": form(DeterminantNoiseFree, flow=_FLOW),
    "determinant-path": form(DeterminantPath, flow=_FLOW, time=NAME, factor=EXPRESSION),
    "batch-factor": form(BatchFactor, sampling=_SAMPLING, quantity=one_of(BatchQuantity), value=EXPRESSION),
    "silent-neuron": Type(*_NEURON, partial(_neuron_set, SilentNeuron)),
    "tied-neurons": Type(*_NEURON, partial(_neuron_set, TiedNeurons)),
    "constant-sums": form(ConstantSums, network=_NETWORK, over=one_of(Sums)),
    "constant-projection": form(ConstantProjection, network=_NETWORK, along=one_of(Along)),
    "neuron-gradient": Type(("part", "term"), (), _neuron_gradient),
    "mode-coefficient": form(ModeCoefficient, target=_TARGET, value=EXPRESSION),
    "mode-dependence": form(ModeDependence, target=_TARGET, variables=NAMES),
    "vanishing-curvature": form(VanishingCurvature, blocks=one_of(HessianBlocks), contracted=FLAG, depth=EXPRESSION),
}
