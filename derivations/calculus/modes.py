r"""Ito coefficients of mode amplitudes on the balanced aligned manifold, for symbolic depth.

Everything starts from the one-sample loss as a function of the end-to-end matrix W. With
:math:`W=A_kW_kB_k`, the chain rule carries a perturbation of W's gradient to layer k as
:math:`A_k^T\Xi B_k^T`. In the singular bases of the teacher all matrices are diagonal; rotations of the hidden
layers cancel between neighbours. Sums over layers are geometric and are closed exactly.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import sympy as sp

from ..errors import DomainError
from ..matrices.gaussian_moments import expectation
from ..statements.modes import DEPTH, ModeQuantity, ModeSetting, ModeTarget, Pair
from ..symbols import dimension, positive

Coefficients = dict[Pair, sp.Expr]


def closed_sum(summand: sp.Expr, index: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    r"""Return :math:`\sum_{i=\mathrm{low}}^{\mathrm{high}}` of terms :math:`c\,i^j\prod b^{m i}` in closed form.

    The result holds for ``high >= low - 1``; where a ratio of neighbouring terms is 1 it is the limit that holds,
    because a finite sum is continuous in the ratio.

    Parameters
    ----------
    summand : sympy.Expr
        Sum of products of powers whose exponents are linear in `index`, and of non-negative powers of `index`.
    index : Symbol
        Summation index.
    low, high : Expr
        Bounds, both included.

    Raises
    ------
    DomainError
        If a term has another form.
    """
    terms = sp.Add.make_args(sp.expand(sp.expand_power_exp(sp.expand(summand))))
    return sp.Add(*(_close_term(t, index, sp.sympify(low), sp.sympify(high)) for t in terms))


def _close_term(term: sp.Expr, index: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    constant, varying = term.as_independent(index, as_Add=False)
    ratio, order = sp.Integer(1), 0
    for factor in sp.Mul.make_args(varying):
        base, exponent = factor.as_base_exp()
        slope = sp.expand(exponent).coeff(index)
        offset = sp.expand(exponent - slope * index)
        if base == index and exponent.is_Integer and exponent > 0:
            order = int(exponent)
        elif not base.has(index) and not offset.has(index) and not slope.has(index):
            ratio *= base**slope
            constant *= base**offset
        else:
            raise DomainError(f"the term {term} is not geometric in {index}; no closed sum is known here")
    if ratio == 1:
        return constant * _power_sum(order, low, high)
    r = sp.Dummy("r", positive=True)
    total = (r**low - r ** (high + 1)) / (1 - r)
    for _ in range(order):
        total = r * sp.diff(total, r)
    return constant * total.subs(r, ratio)


def _power_sum(order: int, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    r"""Return :math:`\sum_{k=low}^{high} k^{order}` by Faulhaber's formula (Bernoulli polynomials)."""
    x = sp.Dummy("x")
    antidifference = sp.bernoulli(order + 1, x) / (order + 1)
    return sp.expand(antidifference.subs(x, high + 1) - antidifference.subs(x, low))


def layer_weights(setting: ModeSetting) -> tuple[sp.Symbol, ...]:
    """Return the symbols a1, a2, ... of the diagonal entries of every layer, ``s_i = a_i**L``."""
    return tuple(positive(f"a{i}") for i in range(1, setting.modes + 1))


@cache
def gradient_noise(
    setting: ModeSetting,
) -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix, dict[sp.Symbol, sp.Expr]]:
    """Return (noise, mean, variances) of the one-sample gradient with respect to the end-to-end matrix.

    The loss is differentiated by the entries of W, and W is then set to diag(s). `noise` holds the symbols of one
    sample x, eps, whose variances come last.
    """
    n = setting.modes
    entries = sp.Matrix(n, n, lambda i, j: sp.Symbol(f"W_{i}_{j}"))
    x = sp.Matrix(n, 1, lambda i, _: sp.Symbol(f"x{i + 1}", real=True))
    eps = sp.Matrix(n, 1, lambda i, _: sp.Symbol(f"eps{i + 1}", real=True))
    variances = {**dict.fromkeys(x, sp.Integer(1)), **dict.fromkeys(eps, setting.label_noise**2)}
    residual = entries * x - sp.diag(*setting.teacher) * x - eps
    loss = (residual.T * residual)[0] / 2
    here = dict(zip(entries, sp.diag(*setting.amplitudes), strict=True))
    gradient = entries.applyfunc(lambda w: sp.expand(sp.diff(loss, w).subs(here)))
    mean = gradient.applyfunc(lambda g: expectation(g, variances))
    return sp.ImmutableMatrix(gradient - mean), sp.ImmutableMatrix(mean), variances


def _moment(setting: ModeSetting, p: Pair, q: Pair) -> sp.Expr:
    """Return E[Xi_p Xi_q] of the gradient noise Xi of the end-to-end matrix (indices from 0)."""
    noise, _, variances = gradient_noise(setting)
    return sp.factor(expectation(sp.expand(noise[p] * noise[q]), variances))


def first_variation(setting: ModeSetting, pair: Pair) -> Coefficients:
    """Return w with ``dc_pair = sum_ij w_ij X_ij`` when layer k moves by ``A_k^T X B_k^T`` for every k.

    Indices count from 0; the weights are in a1, a2, ... and L.
    """
    k = sp.Symbol("k", integer=True, positive=True)
    n, matrix = setting.modes, _placeholder(setting.modes)
    above, below = _layers(setting, DEPTH - k), _layers(setting, k - 1)
    entry = sp.expand((above * above * matrix * below * below)[pair])
    return {
        ij: closed_sum(entry.coeff(matrix[ij]), k, 1, DEPTH)
        for ij in itertools.product(range(n), range(n))
        if entry.has(matrix[ij])
    }


def second_variation(setting: ModeSetting, pair: Pair) -> sp.Expr:
    """Return E[second-order change of c_pair] when layer k moves by the noise ``A_k^T Xi B_k^T``.

    It is the sum over layers k < l of ``A_l N_l (W_{l-1}...W_{k+1}) N_k B_k``; layers at distance d = l - k.
    """
    k: Any = dimension("k")
    d: Any = dimension("d")
    alpha, beta = pair
    total = sp.Integer(0)
    for gamma in range(setting.modes):
        moment = _moment(setting, (alpha, gamma), (gamma, beta))
        if moment == 0:
            continue
        # N_l between A_l and the layers in the middle, N_k between those and B_k
        powers = (
            _layers(setting, DEPTH - k - d)[alpha, alpha] ** 2
            * _layers(setting, k + d - 1)[gamma, gamma]
            * _layers(setting, d - 1)[gamma, gamma]
            * _layers(setting, DEPTH - k)[gamma, gamma]
            * _layers(setting, k - 1)[beta, beta] ** 2
        )
        at_distance = closed_sum(powers, k, 1, DEPTH - d)
        total += moment * closed_sum(at_distance, d, 1, DEPTH - 1)
    return total


def _imbalance_drift(setting: ModeSetting, pair: Pair, layer: int) -> sp.Expr:
    """Return E of the entry of ``N_{l+1}^T N_{l+1} - N_l N_l^T``, all widths equal to the number of modes."""

    def noise(number: int, i: int, j: int) -> tuple[sp.Expr, Pair]:
        return _layers(setting, DEPTH - number)[i, i] * _layers(setting, sp.Integer(number - 1))[j, j], (i, j)

    alpha, beta = pair
    total = sp.Integer(0)
    for gamma in range(setting.modes):
        for sign, one, other in (
            (1, noise(layer + 1, gamma, alpha), noise(layer + 1, gamma, beta)),
            (-1, noise(layer, alpha, gamma), noise(layer, beta, gamma)),
        ):
            total += sign * one[0] * other[0] * _moment(setting, one[1], other[1])
    return total


def coefficient(target: ModeTarget) -> sp.Expr:
    """Return the quantity as an expression in a1, a2, ... (``s_i = a_i**L``), s1, ..., and the other symbols.

    See :func:`in_amplitudes` for an expression in the amplitudes alone. Source: document 003, appendices B-E, derived
    here anew.
    """
    setting, pair = target.setting, _zero_based(target.first)
    match target.quantity:
        case ModeQuantity.GRADIENT_DRIFT:
            _, mean, _ = gradient_noise(setting)
            value = -sp.Add(*(w * mean[ij] for ij, w in first_variation(setting, pair).items()))
        case ModeQuantity.ITO_DRIFT:
            value = setting.step * second_variation(setting, pair)
        case ModeQuantity.LABEL_ITO_DRIFT:
            silent = ModeSetting(setting.modes, setting.depth, sp.Integer(0), setting.step)
            value = setting.step * (second_variation(setting, pair) - second_variation(silent, pair))
        case ModeQuantity.DRIFT:
            parts = (ModeQuantity.GRADIENT_DRIFT, ModeQuantity.ITO_DRIFT)
            value = sp.Add(*(coefficient(ModeTarget(setting, part, target.first)) for part in parts))
        case ModeQuantity.COVARIATION:
            assert target.second is not None
            one, other = first_variation(setting, pair), first_variation(setting, _zero_based(target.second))
            value = setting.step * sp.Add(
                *(w * v * _moment(setting, p, q) for p, w in one.items() for q, v in other.items())
            )
        case ModeQuantity.IMBALANCE_DRIFT:
            assert target.layer is not None
            value = setting.step * _imbalance_drift(setting, pair, target.layer)
    return value.subs(DEPTH, setting.depth)


def in_layer_weights(expr: sp.Expr, setting: ModeSetting) -> sp.Expr:
    """Return `expr` with ``s_i = a_i**L`` and its finite sums closed."""
    weights = dict(zip(setting.amplitudes, layer_weights(setting), strict=True))
    lifted = sp.sympify(expr).subs({s: a**setting.depth for s, a in weights.items()})
    return lifted.replace(lambda e: isinstance(e, sp.Sum), lambda e: closed_sum(_combined(e.function), *e.limits[0]))


def in_amplitudes(expr: sp.Expr, setting: ModeSetting) -> sp.Expr:
    """Return `expr` with ``a_i = s_i**(1/L)``."""
    return expr.subs(
        {a: s ** (1 / setting.depth) for s, a in zip(setting.amplitudes, layer_weights(setting), strict=True)}
    )


def normal_form(expr: sp.Expr, setting: ModeSetting) -> sp.Expr:
    """Return `expr` as a reduced fraction in a_i, a_i**L and the other symbols; 0 proves that it vanishes.

    ``a_i**(m L + c)`` is read as ``s_i**m a_i**c`` with independent s_i and a_i, which is exact because a rational
    function that vanishes identically also vanishes at s_i = a_i**L.
    """
    weights = dict(zip(layer_weights(setting), setting.amplitudes, strict=True))

    def split(power: sp.Pow) -> sp.Expr:
        exponent = sp.expand(power.exp)
        slope = exponent.coeff(DEPTH)
        return weights[power.base] ** slope * power.base ** (exponent - slope * DEPTH)

    lifted = _combined(in_layer_weights(expr, setting))
    return sp.cancel(sp.together(lifted.replace(lambda e: e.is_Pow and e.base in weights, split)))


def _combined(expr: sp.Expr) -> sp.Expr:
    """Return `expr` with nested powers of positive bases merged and exponents expanded."""
    merged = sp.powdenest(expr)
    return merged.replace(lambda e: e.is_Pow, lambda e: e.base ** sp.expand(e.exp))


def _placeholder(n: int) -> sp.Matrix:
    return sp.Matrix(n, n, lambda i, j: sp.Symbol(f"X_{i}_{j}"))


def _layers(setting: ModeSetting, count: sp.Expr) -> sp.Matrix:
    """Return the product of `count` layers, a diagonal matrix."""
    return sp.diag(*(a**count for a in layer_weights(setting)))


def _zero_based(pair: Pair) -> Pair:
    return pair[0] - 1, pair[1] - 1
