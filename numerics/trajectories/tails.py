r"""Tail index: the power alpha in :math:`P(|X|>x)\sim x^{-\alpha}`, from the largest of independent samples.

With descending order statistics and :math:`\gamma=1/\alpha`,

.. math::
    \hat\gamma_{\text{Hill}}=\frac1k\sum_{i\le k}\log\frac{X_{(i)}}{X_{(k+1)}},\qquad
    \hat\gamma_{\text{moment}}=M_1+1-\frac{1/2}{1-M_1^2/M_2},\qquad
    \hat\gamma_{\text{Pickands}}=\frac1{\log2}\log\frac{X_{(k/4)}-X_{(k/2)}}{X_{(k/2)}-X_{(k)}},

M_r the mean of the r-th powers of the logarithms in Hill's estimate. For an exact power law :math:`k\hat\gamma/\gamma`
is Gamma(k) and the normalised spacings :math:`i\log(X_{(i)}/X_{(i+1)})` are independent exponentials; a trend in them
shows a tail that is none over the k largest. Sources: Hill, Ann. Statist. 3 (1975) 1163; Dekkers, Einmahl and de Haan,
ibid. 17 (1989) 1833; Pickands, ibid. 3 (1975) 119.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from scipy import stats

from ...derivations.errors import DomainError
from ..arguments import checked
from .estimate import Array, PathEstimate, check_level
from .paths import samples as independent
from .replication import FALSE_ALARM


@checked(DomainError)
def estimate_tail_index(
    samples: Any,
    *,
    method: Literal["hill", "moment", "pickands"] = "hill",
    largest: int | None = None,
    level: float = 0.05,
) -> PathEstimate:
    r"""Return alpha in :math:`P(|X|>x)\sim x^{-\alpha}`; infinite where no power tail is seen.

    Parameters
    ----------
    samples : array of shape (n,)
        Independent samples, 80 at least; their absolute values are taken.
    method : {"hill", "moment", "pickands"}
        "hill" is the sharpest for an exact power law, depends on the origin, and always gives a finite index;
        "moment" also knows light tails; "pickands" depends on no origin and is the least sharp.
    largest : int, optional
        k, from 8 to a quarter of n; a twentieth of n by default (20 at least).
    level : float
        Probability that the interval misses, in (0, 1): exact for "hill" on a power law, asymptotic for the others.
        The bias of a tail that is a power only far out comes on top.

    Raises
    ------
    DomainError
        If an argument is outside its range, or fewer samples than k differ from 0. A trend of the normalised spacings
        (no power law over the k largest) is a caveat for "hill".
    """
    check_level(level)
    values = np.sort(np.abs(independent("samples", samples, least=80, columns=1)[:, 0]))[::-1]
    n = len(values)
    k = max(n // 20, 20) if largest is None else largest
    if not 8 <= k <= n // 4:
        raise DomainError(f"largest={k}; give an integer from 8 to a quarter of the {n} samples")
    if values[k] <= 0:
        raise DomainError(f"samples has fewer than {k + 1} values that are not 0; give fewer in largest")
    top = values[: k + 1]
    logs = np.log(top[:-1] / top[-1])
    if method == "hill":
        return _hill(top, logs, n, level)
    if method == "moment":
        first, second = float(logs.mean()), float((logs**2).mean())
        spread = 1 - first**2 / second if second > 0 else 0.0
        if spread <= 0:
            raise DomainError(f"samples has {k} equal largest values; give a law without atoms")
        gamma = first + 1 - 0.5 / spread
        variance, used = _moment_variance(gamma) / k, k
    else:
        used = k // 4
        gaps = [float(values[i * used - 1] - values[2 * i * used - 1]) for i in (1, 2)]
        if min(gaps) <= 0:
            raise DomainError(f"samples repeats among its {k} largest values; give a law without atoms")
        gamma = math.log2(gaps[0] / gaps[1])
        variance = _pickands_variance(gamma) / used
    return _inverse(gamma, math.sqrt(variance), f"asymptotic variance, {k} largest of {n}", n, level, method)


def _hill(top: Array, logs: Array, n: int, level: float) -> PathEstimate:
    k, gamma = len(logs), float(logs.mean())
    if gamma <= 0:
        raise DomainError(f"samples has {k} equal largest values; give a law without atoms")
    low, high = (float(stats.chi2.isf(q, 2 * k)) / (2 * k * gamma) for q in (1 - level / 2, level / 2))
    index = np.arange(1, k + 1)
    spacings, weight = index * np.log(top[:-1] / top[1:]), index - (k + 1) / 2
    trend = float(weight @ spacings) / (gamma * math.sqrt(float(weight @ weight)))
    caveats = []
    if abs(trend) > float(stats.norm.isf(FALSE_ALARM / 2)):
        way = "steeper" if trend > 0 else "flatter"
        caveats.append(
            f"the tail gets {way} over the {k} largest ({abs(trend):.3g} standard errors): no power law there, and "
            "the index depends on their number; take fewer, or another method"
        )
    value = (k - 1) / (k * gamma)
    method = f"Gamma law of an exact power tail, {k} largest of {n}"
    return PathEstimate(
        "tail index (hill)", value, value / math.sqrt(k - 2), low, high, level, n, method, tuple(caveats)
    )


def _inverse(gamma: float, error: float, how: str, n: int, level: float, method: str) -> PathEstimate:
    """Return 1/gamma with the inverse of the Gaussian interval of gamma."""
    half = float(stats.norm.isf(level / 2)) * error
    low, high = (1 / g if g > 0 else math.inf for g in (gamma + half, gamma - half))
    value = 1 / gamma if gamma > 0 else math.inf
    caveats = () if high < math.inf else ("no upper bound: the tail may be lighter than every power",)
    spread = error / gamma**2 if gamma > 0 else math.inf
    return PathEstimate(f"tail index ({method})", value, spread, low, high, level, n, how, caveats)


def _moment_variance(gamma: float) -> float:
    if gamma >= 0:
        return 1 + gamma**2
    one, two, three, four = (1 - j * gamma for j in (1, 2, 3, 4))
    return one**2 * two * (4 - 8 * two / three + (5 - 11 * gamma) * two / (three * four))


def _pickands_variance(gamma: float) -> float:
    slope = math.expm1(gamma * math.log(2)) / gamma if gamma else math.log(2)
    return (2 ** (2 * gamma + 1) + 1) / (2 * slope * math.log(2)) ** 2
