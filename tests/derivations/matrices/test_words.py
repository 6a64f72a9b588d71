"""Normal forms of matrix expressions, Kronecker operators and Gaussian moments of traces."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Identity, KroneckerProduct, MatrixSymbol

from crossproof.derivations.errors import ClaimError
from crossproof.derivations.matrices.gaussian import data_covariance, data_mean
from crossproof.derivations.matrices.kronecker import CommutationMatrix, SampleCovariance, SampleSum, Vec
from crossproof.derivations.matrices.networks import NetworkSetting
from crossproof.derivations.matrices.stacked_words import bilinear, words
from crossproof.derivations.matrices.words import Letter, TraceSum, Words, cyclic

m, n, p, q, N = sp.symbols("m n p q N", integer=True, positive=True)
A, B, C = MatrixSymbol("A", m, n), MatrixSymbol("B", n, p), MatrixSymbol("C", p, q)
S, T = MatrixSymbol("S", n, n), MatrixSymbol("T", n, n)


def same(left: sp.MatrixExpr, right: sp.MatrixExpr) -> bool:
    return not (words(left) - words(right)).terms


def test_sums_products_and_transposes_have_one_normal_form() -> None:
    assert same((A * B).T, B.T * A.T)
    assert same((S + T) * (S - T), S * S - S * T + T * S - T * T)
    assert same(A * Identity(n) * B, A * B)
    assert not same(S * T, T * S)
    assert not same(S, S.T)
    assert not same(2 * S, S)


def test_trace_is_unchanged_by_rotation_and_transposition() -> None:
    assert words(S * T * T).trace() == words(T * S * T).trace() == words((S * T * T).T).trace()
    assert words(S * T).trace() != words(S * T.T).trace()
    assert words(Identity(n)).trace().terms == {((),): n}
    assert cyclic(()) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Vec(A * B * C), KroneckerProduct(C.T, A) * Vec(B)),
        (Vec(A * B), KroneckerProduct(Identity(p), A) * Vec(B)),
        (Vec(A * B), KroneckerProduct(B.T, Identity(m)) * Vec(A)),
        (Vec(A.T), CommutationMatrix(m, n) * Vec(A)),
        (Vec(A), CommutationMatrix(n, m) * CommutationMatrix(m, n) * Vec(A)),
        (Vec(A), CommutationMatrix(m, n).T * CommutationMatrix(m, n) * Vec(A)),
    ],
)
def test_kronecker_rules(left: sp.MatrixExpr, right: sp.MatrixExpr) -> None:
    assert same(left, right)


def test_wrong_kronecker_order_is_refused_or_differs() -> None:
    with pytest.raises(ClaimError, match="shape"):
        words(sp.MatMul(KroneckerProduct(A, Identity(p)), Vec(B)))
    assert not same(Vec(S * T), KroneckerProduct(S, Identity(n)) * Vec(T))
    with pytest.raises(ClaimError, match="acts on a matrix of shape"):
        words(CommutationMatrix(n, m) * Vec(A))


def test_commutation_matrix_swaps_a_kronecker_product() -> None:
    swapped = CommutationMatrix(n, n) * KroneckerProduct(S, T) * CommutationMatrix(n, n)
    x = MatrixSymbol("X", n, n)
    assert same(sp.MatMul(swapped, Vec(x)), KroneckerProduct(T, S) * Vec(x))


def test_directional_derivative_replaces_one_occurrence_at_a_time() -> None:
    slope = words(S.T * S).trace().derivative("S", "U")
    u = MatrixSymbol("U", n, n)
    assert slope == (words(2 * u.T * S)).trace()
    assert words(T).trace().derivative("S", "U").is_zero


def test_bilinear_form_of_a_block_matrix() -> None:
    blocks = sp.BlockMatrix([[KroneckerProduct(Identity(n), S)], [KroneckerProduct(T, Identity(n))]])
    operator = sp.MatMul(blocks, sp.Transpose(blocks))
    tests = [[Words.symbol(f"{k}{i}", (n, n)) for i in range(2)] for k in "uv"]
    value = bilinear(operator, *tests, lambda *_: TraceSum({}))
    u0, u1, v0, v1 = (MatrixSymbol(f"{k}{i}", n, n) for k in "uv" for i in range(2))
    expected = words((S.T * u0 + u1 * T).T * (S.T * v0 + v1 * T)).trace()
    assert value == expected


def test_sums_over_data_mark_their_letters() -> None:
    x = MatrixSymbol("x", n, 1)
    mean = words(SampleSum(x * x.T, N, (x,)) / N)
    assert mean == words(SampleSum(x * x.T, N, (x,)) * Identity(n) / N)
    assert mean != words(x * x.T)
    assert words(SampleSum(S, N, (x,))) == words(N * S)
    with pytest.raises(ClaimError, match="two averages"):
        words(SampleSum(x * x.T, N, (x,)) * SampleSum(x * x.T, N, (x,)))


def test_unknown_nodes_are_refused() -> None:
    with pytest.raises(ClaimError, match="not understood"):
        words(sp.HadamardProduct(S, T))
    with pytest.raises(ClaimError, match="no words"):
        words(KroneckerProduct(S, T))
    with pytest.raises(ClaimError, match="Vec on its right"):
        words(Vec(S) + MatrixSymbol("b", n * n, 1))


sigma = sp.Symbol("sigma", nonnegative=True)
online = NetworkSetting(sp.Rational(1, 2), "teacher", label_noise=sigma)


def quadratic(middle: sp.MatrixExpr, first: sp.MatrixExpr, second: sp.MatrixExpr) -> tuple[Letter, ...]:
    ((word, _),) = words(first.T * middle * second).terms.items()
    return cyclic(word)


def test_gaussian_moments_against_isserlis_on_numbers() -> None:
    d, r = online.inputs, online.outputs
    F, G = MatrixSymbol("F", d, d), MatrixSymbol("G", d, d)
    H, J = MatrixSymbol("H", r, d), MatrixSymbol("J", r, d)
    pair = data_covariance(online)
    x, e = online.x, online.noise
    assert pair(quadratic(F, x, x), quadratic(G, x, x)) == words(F * G + F * G.T).trace()
    assert pair(quadratic(H, e, x), quadratic(J, e, x)) == words(sigma**2 * H * J.T).trace()
    assert pair(quadratic(H, e, x), quadratic(J.T, x, e)) == words(sigma**2 * H * J.T).trace()
    assert pair(quadratic(H, e, x), quadratic(G, x, x)).is_zero
    mean = data_mean(words(x.T * F * x + e.T * H * x + e.T * H * H.T * e).trace(), online)
    assert mean == words(F).trace() + words(sigma**2 * H * H.T).trace()
    with pytest.raises(ClaimError, match="fourth moment"):
        pair(quadratic(H * H.T, e, e), quadratic(F, x, x))


def test_settings_name_their_matrices_and_refuse_nonsense() -> None:
    two = NetworkSetting(sp.Integer(1), "dataset", depth=2)
    assert two.left("2") == Identity(two.width("2"))
    assert two.network("1") == two.weight("2") * two.weight("1")
    with pytest.raises(ClaimError, match="'1' to '2'"):
        two.weight("3")
    with pytest.raises(ClaimError, match="one of dataset, teacher"):
        NetworkSetting(sp.Integer(1), "offline")
    with pytest.raises(ClaimError, match="need data='teacher'"):
        NetworkSetting(sp.Integer(1), "dataset", depth=2, label_noise=sigma)


def test_special_matrices_print_in_latex() -> None:
    x = MatrixSymbol("x_mu", n, 1)
    text = sp.latex(KroneckerProduct(S, T) * CommutationMatrix(n, n) * SampleCovariance(x * x.T, (x,)))
    assert "K_{n,n}" in text
    assert r"\operatorname{Cov}_\mu" in text
    assert sp.latex(SampleSum(x, N, (x,))).startswith(r"\sum_{\mu=1}^{N}")
    assert sp.latex(Vec(S)) == r"\operatorname{vec}\left(S\right)"
