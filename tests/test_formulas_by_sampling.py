"""Monte Carlo from first principles judges the functions that users call, at points that nobody chose.

Hypothesis draws the point from the claim's own domain; real weight matrices of that point, per-sample autograd
gradients and real SGD steps give the measured value. Level 1e-7 an example; power: the same samples must refute the
function times 1.1 (or plus a tenth of the natural scale).
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings

import crossproof as cp
from crossproof.checks.evidence import Outcome
from crossproof.checks.statistics.means import compare_mean
from crossproof.checks.strategies import points
from crossproof.numerics.networks.linear import end_to_end, per_sample_gradients, teacher_samples
from crossproof.numerics.networks.modes import aligned_network, amplitude, gradient_noise, half_curvatures, slopes
from crossproof.numerics.random.philox import key_words
from crossproof.numerics.random.random_stream import RandomStream

cp.load_catalog()

LEVEL, SAMPLES, LOOKS = 1e-7, 16_384, 12


def _value(claim_id: str, point) -> float:
    """The function that users call, as a torch function of float64 numbers."""
    formula = cp.formula(claim_id)
    return float(formula.torch()(**{a.name: float(point[a]) for a in formula.arguments}))


def _named(point) -> dict[str, float]:
    return {s.name: float(v) for s, v in point.items()}


def _stream(point, stream: object) -> RandomStream:
    return RandomStream(key_words(0, repr(sorted(_named(point).items())), repr(stream)))


def _network(point):
    at = _named(point)
    depth = int(at.get("L", 2))
    widths = [2, *([3, 2, 3, 2, 3] * 3)[: depth - 1], 2]
    return aligned_network([at["s1"]], [at["stilde1"]], widths, _stream(point, "network"))


def _judge(draw, asserted: float, scale: float) -> None:
    options = {"scale": scale, "resolution": 0.03, "level": LEVEL, "looks": LOOKS}
    result = compare_mean(draw, asserted, **options)
    assert result.outcome is not Outcome.REFUTED, f"measured {result.estimate} +- {result.half_width}, not {asserted}"
    assert compare_mean(draw, asserted + 0.1 * scale, **options).outcome is Outcome.REFUTED


def _small(claim_id: str):
    """Points of a domain with depth at most 5: nets of greater depth add time and nothing else."""
    return points(cp.CLAIMS[claim_id].domain, largest=12).filter(
        lambda p: all(v <= 5 for s, v in p.items() if s.name == "L")
    )


@pytest.mark.parametrize("claim_id", ["003.eq7"])
def test_the_covariation_rate_of_a_mode(claim_id: str) -> None:
    @settings(max_examples=8)
    @given(_small(claim_id))
    def judged(point) -> None:
        network, at = _network(point), _named(point)

        def draw(look: int) -> np.ndarray:
            x, y = teacher_samples(network.teacher, at["sigma"], SAMPLES, _stream(point, look))
            along = slopes(amplitude(network, 0, 0), network.weights, gradient_noise(network, x, y))
            return (at["eta_b"] * along**2).numpy()

        asserted = _value(claim_id, point)
        if asserted == 0.0:  # the teacher's value without label noise: no noise at all
            assert float(np.abs(draw(0)).max()) < 1e-20
            return
        _judge(draw, asserted, asserted)

    judged()


def test_the_ito_drift_of_a_single_mode() -> None:
    claim_id = "003.eq6.single-mode"

    @settings(max_examples=6)
    @given(_small(claim_id))
    def judged(point) -> None:
        network, at = _network(point), _named(point)

        def draw(look: int) -> np.ndarray:
            x, y = teacher_samples(network.teacher, at["sigma"], SAMPLES, _stream(point, look))
            curved = half_curvatures(amplitude(network, 0, 0), network.weights, gradient_noise(network, x, y))
            return (at["eta_b"] * curved).numpy()

        asserted = _value(claim_id, point)
        if asserted == 0.0:
            assert float(np.abs(draw(0)).max()) < 1e-20
            return
        # other entries of the noise average to zero in this drift but not in its spread
        _judge(draw, asserted, asserted if asserted > 0.05 * float(draw(99).std()) else float(draw(99).std()))

    judged()


@pytest.mark.parametrize("claim_id", ["003.eq2", "003.eq5"])
def test_the_gradient_drift_by_real_sgd_steps(claim_id: str) -> None:
    """Mean change of the amplitude in one SGD step of vanishing size on fresh samples, divided by the step size."""

    @settings(max_examples=6)
    @given(_small(claim_id))
    def judged(point) -> None:
        network = _network(point)
        weights, f = network.weights, amplitude(network, 0, 0)
        step = 1e-6

        def draw(look: int) -> np.ndarray:
            x, y = teacher_samples(network.teacher, 0.0, SAMPLES, _stream(point, look))
            gradients = per_sample_gradients(weights, x, y, loss_scale=0.5)
            # batches of 16 samples, each one a step from the same weights
            batches = [g.reshape(-1, 16, *g.shape[1:]).mean(dim=1) for g in gradients]
            moved = torch.func.vmap(lambda *g: f(tuple(w - step * one for w, one in zip(weights, g, strict=True))))
            return ((moved(*batches) - f(weights)) / step).numpy()

        asserted = _value(claim_id, point)
        spread = float(draw(99).std())
        if asserted == 0.0 and spread < 1e-6:
            assert end_to_end(weights).allclose(network.teacher, atol=1e-9)
            return
        _judge(draw, asserted, max(abs(asserted), spread / 4))

    judged()
