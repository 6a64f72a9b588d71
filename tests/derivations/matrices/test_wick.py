"""Means of products of traces follow Isserlis' theorem, for symbolic shapes."""

import numpy as np
import pytest
import sympy as sp

from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.networks import NetworkSetting
from crossproof.derivations.matrices.stacked_words import words
from crossproof.derivations.matrices.wick import TraceProducts, gradient, mean_words, without
from crossproof.derivations.matrices.words import Letter, Words

sigma = sp.Symbol("sigma", nonnegative=True)
setting = NetworkSetting(sp.Rational(1, 2), "teacher", label_noise=sigma)
x, eps = Letter("x"), Letter("epsilon")
A, B, u, v = (Letter(name) for name in "ABuv")
d = setting.inputs


def product(*words):
    return TraceProducts.of([(tuple(words), sp.Integer(1))])


def test_fourth_moment_of_two_quadratic_forms():
    found = product((x.T, A, x), (x.T, B, x)).mean(setting, ())
    assert (found - product((A,), (B,)) - product((A, B)) - product((A, B.T))).is_zero


def test_sizes_of_empty_cycles():
    assert product((x.T, x), (x.T, x)).mean(setting, ()).terms == {(): sp.expand(d * (d + 2))}


def test_bilinear_forms_keep_their_ends():
    found = product((u.T, A, x, x.T, B, v)).mean(setting, ("u", "v"))
    assert (found - product((u.T, A, B, v))).is_zero


def test_label_noise_pairs_with_itself_only():
    found = product((u.T, A, eps, x.T, B, eps, x.T, v)).mean(setting, ("u", "v"))
    assert (found - product((u.T, A, B.T, v)).scaled(sigma**2)).is_zero
    assert product((eps.T, A, x)).mean(setting, ()).is_zero
    with pytest.raises(ClaimError, match="four label noises"):
        product((eps.T, A, eps), (eps.T, B, eps)).mean(setting, ())


def test_against_exact_moments_of_small_gaussian_vectors():
    """E[(x^T A x)(x^T B x)] by summing over pairings of coordinates, for explicit 3 x 3 matrices."""
    a, b = np.arange(9).reshape(3, 3), (np.arange(9).reshape(3, 3) * 7) % 5
    exact = 0
    for i, j, k, m in np.ndindex(3, 3, 3, 3):
        pairs = int(i == j and k == m) + int(i == k and j == m) + int(i == m and j == k)
        exact += a[i, j] * b[k, m] * pairs
    assert exact == np.trace(a) * np.trace(b) + np.trace(a @ b) + np.trace(a @ b.T)


def test_rank_one_traces_split_into_scalars():
    whole = product((A, u, v.T, B, v, u.T)).split(("u", "v"))
    assert (whole - product((u.T, A, u), (v.T, B, v))).is_zero


def test_gradient_of_a_trace():
    W, M = sp.MatrixSymbol("W", 2, 3), sp.MatrixSymbol("M", 2, 3)
    found = gradient(words((W - M).T * (W - M)).trace(), W)
    assert (found - words(2 * W - 2 * M)).terms == {}


def test_means_of_matrices():
    shape = (sp.Integer(2), sp.Integer(2))
    matrix = Words.of([((A, x, x.T, B), sp.Integer(1)), ((A, eps, x.T), sp.Integer(3))], shape)
    assert mean_words(matrix, setting).terms == {(A, B): 1}
    with pytest.raises(ClaimError, match="x x"):
        mean_words(Words.of([((x, A, x.T), sp.Integer(1))], shape), setting)


def test_replacement_also_transposed():
    shape = (sp.Integer(2), sp.Integer(2))
    found = without(Words.of([((B.T, A.T), sp.Integer(1))], shape), (A, B), (u,))
    assert found.terms == {(u.T,): 1}


@pytest.mark.parametrize("word", [(A, x), (x.T, A, x, B), (u.T, x), (x.T, A, x.T, v)])
def test_no_letter_is_lost(word):
    """What stands in no scalar a^T A b would count as 1."""
    with pytest.raises(ClaimError, match="no product of scalars"):
        product(word).mean(setting, ("v",))
