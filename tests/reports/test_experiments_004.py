"""Figures of document 004: their predictions are those of the simulated equations, and wrong ones are noticed."""

import numpy as np
import pytest
import sympy as sp

from crossproof.checks.runs.unit import load_catalog
from crossproof.reports.experiments import double_well_004 as well
from crossproof.reports.experiments import neuron_004 as neuron
from crossproof.reports.experiments import student_004 as student
from crossproof.reports.experiments import two_neurons_004 as pair

load_catalog()


def test_gibbs_laws_have_mass_one():
    at = np.linspace(-12, 12, 240_001)
    for noise, power in ((1.0, 1.0), (0.5, 3.0), (1.2, 0.4)):
        assert well.gibbs(noise, power, at[at != 0]).sum() * 1e-4 == pytest.approx(1, abs=1e-3)


def test_probability_of_collapse_is_that_of_the_double_well():
    """1000 paths at each noise: a probability has a standard deviation of at most 0.016, and a drift of the logarithm
    without Ito's term, or with twice as much, is off by more than 0.3."""
    noises = np.array([1.9, 2.3])
    seen = (np.abs(well.final_states(noises, 1000, (12_000,), 1)[0]) < well.NEAR).mean(axis=1)
    made = well.reflected(noises, well.MU, well.SPREAD, well.NEAR, well.STEP, 12_000)
    assert np.abs(seen - made).max() < 0.08
    for growth in (well.MU - noises**2 / 2, well.MU + noises**2 / 2):
        wrong = [
            well.reflected(np.array([z]), g, well.SPREAD, well.NEAR, well.STEP, 12_000)[0]
            for z, g in zip(noises, growth, strict=True)
        ]
        assert np.abs(seen - wrong).max() > 0.3


@pytest.mark.parametrize("activation", [sp.tanh, sp.sin])
def test_neuron_has_drift_and_covariance_of_equation_31(activation):
    sde = neuron.neuron(0, activation)
    x, y = (v.numpy() for v in neuron.data(0))
    w1, w2 = 0.7, -0.4
    point = {**dict(zip(sde.state, (w1, w2), strict=True)), sp.Symbol("zeta", positive=True): 1.3}
    u = sp.Symbol("u")
    value, slope = (sp.lambdify(u, f)(w1 * x) for f in (activation(u), sp.diff(activation(u), u)))
    gradients = np.stack([w2 * x * slope, value])
    drift = -((w2 * value - y) * gradients).mean(axis=1)
    covariance = 1.3**2 * gradients @ gradients.T / len(x)
    found = sp.Matrix(sde.diffusion).subs(point)
    assert np.allclose([float(sp.sympify(e).subs(point)) for e in sde.drift], drift)
    assert np.allclose(np.array(found * found.T, dtype=float), covariance)
    assert not np.allclose(np.array(found * found.T, dtype=float), covariance * len(x))  # with 1/sqrt(n) left out


def test_students_without_noise_fit_the_data_and_noisy_ones_shrink():
    made = student.data(0)
    runs = student.train(made, 0, replicas=4, before=6_000, after=100)
    final = student.errors(made, runs.students)
    mean, (train_error, test_error) = student.settled(made, 0.0)
    assert np.allclose(mean, made.values)
    assert final[0][-1, 0].mean() == pytest.approx(train_error, abs=2e-3)
    assert final[1][-1, 0].mean() == pytest.approx(test_error, rel=2e-2)
    # the printed (62) would have no error here
    assert train_error > 0.9
    assert (np.diff(runs.students[-1].mean(axis=(1, 2))) < 0).all()


def test_errors_are_those_of_the_definition():
    """(34) with explicit matrices: the teacher as the student has no test error."""
    made = student.data(0)
    assert student.errors(made, made.teacher)[1] < student.errors(made, made.values)[1]
    flat = np.zeros(student.WIDTH)
    assert student.errors(made, flat)[0] == pytest.approx(1)
    assert student.errors(made, flat)[1] == pytest.approx(1)


def test_pairs_fall_together_as_fast_as_the_linearised_equation_says():
    made = pair.train(np.array([0.5]), np.array([1.0]), 0, 1, steps=2_500, replicas=16)
    (seen,), (error,) = pair.speeds(made, made.trained)
    (expected,), (other,) = pair.speeds(made, made.linearised)
    assert seen > 10 * error
    assert abs(seen - expected) < 5 * np.hypot(error, other)
    apart = pair.train(np.array([0.5]), np.array([1.0]), 0, 0, steps=2_500, replicas=16)
    assert pair.speeds(apart, apart.linearised)[0][0] < 0
