"""Schemes from outside: the engine's numbers where they coincide, a weak error as declared, and refusals by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import sympy as sp

import crossproof as cp
from crossproof.numerics.schemes.own import OwnScheme
from crossproof.numerics.schemes.table import one_step
from crossproof.numerics.simulation.simulate import plan_of
from crossproof.numerics.simulation.states import states

x, y, q = cp.real("x y q")
s = cp.positive("s")
GROWTH = cp.SDE(s, s, s / 2)
WAVE = cp.SDE(x, sp.cos(x), x / 2 + 1, "stratonovich")


@cp.scheme(weak_order=1)
def milstein(sde: cp.SDE, h: Any, noises: Sequence[Any]) -> list[Any]:
    (state,), (xi,) = sde.state, noises
    drift, noise = sde.drift[0], sde.diffusion[0]
    return [state + drift * h + noise * sp.sqrt(h) * xi + noise * noise.diff(state) * h * (xi**2 - 1) / 2]


@cp.scheme(weak_order=2, law="three-point")
def platen(sde: cp.SDE, h: Any, noises: Sequence[Any]) -> list[Any]:
    """The explicit weak scheme of order 2 for one noise, without derivatives (Kloeden and Platen, (15.1.1))."""
    (state,), (xi,) = sde.state, noises
    drift, noise = sde.drift[0], sde.diffusion[0]
    root = sp.sqrt(h)
    ahead, up, down = (state + drift * h + noise * root * z for z in (xi, 1, -1))
    plus, minus = noise.subs(state, up), noise.subs(state, down)
    total = state + h * (drift.subs(state, ahead) + drift) / 2 + root * xi * (plus + minus + 2 * noise) / 4
    return [total + root * (plus - minus) * (xi**2 - 1) / 4]


@pytest.mark.parametrize("sde", [GROWTH, WAVE], ids=["growth", "stratonovich"])
@pytest.mark.parametrize("backend", ["torch", "numba"])
def test_it_is_the_built_in_one_where_they_coincide(sde: cp.SDE, backend: Any) -> None:
    given = {"horizon": 1.0, "steps": 8, "paths": 50, "key": (1, 2), "dtype": "float64"}
    plans = [plan_of(sde, {}, 0.5, scheme=chosen, **given) for chosen in (milstein, "milstein", "euler-maruyama")]
    (mine, engine), (built_in, _), (other, _) = (states(plan, backend=backend) for plan in plans)
    np.testing.assert_allclose(mine, built_in, rtol=1e-13)
    assert not np.allclose(mine, other, rtol=1e-3)
    assert str(engine) == f"{backend} on cpu, float64, {__name__}.milstein, 8 steps"


def test_two_noises_of_two_draws_each_follow_the_same_words() -> None:
    diagonal = cp.SDE([x, s], [-x, s], sp.Matrix([[1, 0, 0], [0, 0, s / 2]]))

    @cp.scheme(weak_order=2, draws=2)
    def strong(sde: cp.SDE, h: Any, noises: Sequence[Any]) -> list[Any]:
        assert sde.diffusion.shape == (2, 2)  # the noise that moves nothing is left out
        step = one_step(sde, "strong-1.5")
        own = {step.dt: h, **dict(zip(step.noises, noises, strict=True))}
        return [u.subs(own, simultaneous=True) for u in step.update]

    given = {"horizon": 1.0, "steps": 4, "paths": 9, "key": (1, 2), "dtype": "float64"}
    plans = [plan_of(diagonal, {}, [0.1, 1.0], scheme=c, **given) for c in (strong, "strong-1.5", "milstein")]
    mine, built_in, other = (states(plan)[0] for plan in plans)
    np.testing.assert_allclose(mine, built_in, rtol=1e-13)
    assert not np.allclose(mine, other, rtol=1e-3)


def mean_error(chosen: Any, steps: int) -> float:
    """Return E X_1 / e - 1 of the chain for dX = X dt + X dB / 2, from the step's own mean: exact up to rounding."""
    step = one_step(GROWTH, chosen)
    (xi,), third = step.noises, sp.Rational(1, 6)
    nodes = [(third, -sp.sqrt(3)), (1 - 2 * third, 0), (third, sp.sqrt(3))]  # to degree five those of a normal, too
    factor = sum(w * step.update[0].subs({xi: z, s: 1, step.dt: sp.Rational(1, steps)}) for w, z in nodes)
    return float(sp.N(factor, 30)) ** steps / math.e - 1


@pytest.mark.parametrize(("chosen", "order"), [(milstein, 1), (platen, 2)])
def test_the_weak_error_falls_as_declared(chosen: OwnScheme, order: int) -> None:
    """The mean of the chain against its closed form; the simulated mean is that of the chain (level 6e-7)."""
    errors = [mean_error(chosen, steps) for steps in (64, 128)]
    assert math.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.05)
    found = cp.simulate(
        GROWTH, {}, 1.0, horizon=1.0, steps=8, paths=100_000, scheme=chosen, backend="torch", dtype="float64"
    )  # fmt: skip
    gap = found.mean[0, 0] / math.e - 1 - mean_error(chosen, 8)
    assert abs(gap) < 5 * found.standard_error[0, 0] / math.e < 0.02
    assert (abs(mean_error(chosen, 8)) > 0.03) == (order == 1)


def half_the_noise(sde: cp.SDE, h: Any, noises: Sequence[Any]) -> list[Any]:
    return [sde.state[0] + sde.drift[0] * h + sde.diffusion[0] * sp.sqrt(h) * noises[0] / 2]


def stratonovich_drift(sde: cp.SDE, h: Any, noises: Sequence[Any]) -> list[Any]:
    noise = sde.diffusion[0]
    return [milstein.update(sde, h, noises)[0] + noise * noise.diff(sde.state[0]) * h / 2]


@pytest.mark.parametrize(
    ("update", "options", "said"),
    [
        (
            half_the_noise,
            {},
            r"half_the_noise: moment 2 of one step is wrong by O\(h\^1\) at s=3/7, and weak",
        ),
        (stratonovich_drift, {}, r"stratonovich_drift: moment 1 of one step is wrong by O\(h\^1\)"),
        (milstein.update, {"weak_order": 2}, r"milstein: moment 1 of one step is wrong by O\(h\^2\).* declare less"),
        (lambda sde, h, noises: sde.state[0], {}, "not iterable; return a list of expressions, one a coordinate"),
        (lambda sde, h, noises: ["s"], {}, "return a list of expressions, one a coordinate"),
        (lambda sde, h, noises: [h, h], {}, r"\[dt, dt\] for 1 coordinates"),
        (lambda sde, h, noises: [sp.Matrix([h])], {}, "its weak order cannot be checked"),
        (lambda sde, h, noises: [sde.state[0] + q], {}, "holds q, to which no value is given"),
    ],
)
def test_a_wrong_scheme_is_refused_before_its_first_step(update: Any, options: Any, said: str) -> None:
    wrong = cp.scheme(**{"weak_order": 1, **options})(update)
    for job in (cp.simulate, cp.simulate_paths):
        with pytest.raises(cp.NumericsError, match=said) as caught:
            job(GROWTH, {}, 1.0, horizon=1.0, steps=2, paths=3, scheme=wrong)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("update", "options", "said"),
    [
        (lambda sde, h: [h], {}, r"lambda>: define it as a function \(sde, h, noises\)"),
        ("euler", {}, r"scheme 'euler': define it as a function"),
        (milstein.update, {"weak_order": 3}, "weak_order=3; with gaussian increments it must be 1 or 2"),
        (milstein.update, {"weak_order": True}, "weak_order=True"),
        (milstein.update, {"weak_order": 2, "law": "two-point"}, "with two-point increments it must be 1$"),
        (milstein.update, {"law": "uniform"}, "law='uniform'; it must be one of gaussian, two-point, three-point"),
        (milstein.update, {"draws": 0}, "draws=0; give 1, 2 or 3 increments a Brownian motion"),
    ],
)
def test_what_cannot_be_a_scheme_is_refused_where_it_is_made(update: Any, options: Any, said: str) -> None:
    with pytest.raises(cp.UsageError, match=said):
        cp.scheme(**{"weak_order": 1, **options})(update)
    with pytest.raises(TypeError, match="weak_order"):  # nothing is assumed of an order
        cp.scheme()(milstein.update)  # type: ignore[call-arg]
    with pytest.raises(cp.NumericsError, match=r"scheme=<function .*; give a text or what cp\.scheme has made"):
        cp.simulate(GROWTH, {}, 1.0, horizon=1.0, steps=2, paths=3, scheme=half_the_noise)  # type: ignore[arg-type]
