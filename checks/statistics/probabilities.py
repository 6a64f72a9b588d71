"""Values of a distribution function and quantiles: intervals valid at any time, for every law and sample size.

The number s of n independent samples that lie below a place is a sum of Bernoulli(p) variables. The likelihood ratio
of the Beta(a, a) mixture to the asserted p,

    M_n(p) = B(a + s, a + n - s) / (B(a, a) p^s (1 - p)^(n - s)),

is a nonnegative martingale of mean 1, so that {p : M_n(p) < 1/level} covers the true p at all n at once with
probability at least 1 - level (Robbins 1970; Ville's inequality). A quantile q of order p is the place where the
distribution function is p; it is compared in units of probability, so that no density enters.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log, log1p
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from ...derivations.errors import WitnessError
from .means import Comparison, Terms, check_level, checked, compare

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Weight a of the mixing Beta(a, a) law: Jeffreys' prior, as narrow near 0 and 1 as in the middle.
WEIGHT = 0.5


def log_mixture(successes: int, n: int) -> float:
    """Return log (B(a + s, a + n - s) / B(a, a)), the numerator of M_n."""
    return float(betaln(WEIGHT + successes, WEIGHT + n - successes) - betaln(WEIGHT, WEIGHT))


def log_likelihood(successes: int, n: int, p: float) -> float:
    """Return log (p^s (1 - p)^(n - s)); -inf where p makes the counts impossible."""
    failures = n - successes
    if (successes and p <= 0) or (failures and p >= 1):
        return float("-inf")
    return (successes * log(p) if successes else 0.0) + (failures * log1p(-p) if failures else 0.0)


def proportion_interval(successes: int, n: int, level: float) -> tuple[float, float]:
    """Return the beta-binomial confidence sequence after `successes` in `n` trials, rounded outwards to 1e-14.

    Parameters
    ----------
    successes, n : int
        0 <= successes <= n, n >= 1.
    level : float
        Probability, over all n at once, that the true probability is ever outside.
    """
    check_level(level)
    if not 0 <= successes <= n or n < 1:
        raise WitnessError(f"successes={successes}, n={n}: a count between 0 and n >= 1 is needed")
    # M_n(p) < 1/level where the likelihood exceeds this
    seen, least = successes / n, log_mixture(successes, n) + log(level)
    ends = []
    for end in (0.0, 1.0):
        inside, outside = (seen, end) if log_likelihood(successes, n, end) <= least else (end, end)
        # the likelihood falls on either side of s/n
        while abs(outside - inside) > 1e-14:
            middle = (inside + outside) / 2
            if log_likelihood(successes, n, middle) > least:
                inside = middle
            else:
                outside = middle
        ends.append(outside)
    return ends[0], ends[1]


def compare_probability(
    draw: Callable[[int], ArrayLike],
    asserted: float,
    *,
    level: float,
    **terms: Unpack[Terms],
) -> Comparison:
    """Compare the probability of an event with `asserted`; ``draw(look)`` returns its indicators, shape (n,).

    Parameters are those of :func:`crossproof.checks.statistics.bounded_means.compare_bounded_mean`, with samples 0 and
    1 only.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or a sample is neither 0 nor 1.
    """
    check_level(level)
    if not 0 <= asserted <= 1:
        raise WitnessError(f"asserted={asserted} is no probability: it must lie in [0, 1]")
    successes = n = 0

    def interval(look: int) -> tuple[float, float]:
        nonlocal successes, n
        samples = checked(draw(look))
        wrong = (samples != 0) & (samples != 1)
        if wrong.any():
            raise WitnessError(
                f"{np.count_nonzero(wrong)} of {samples.size} indicators are neither 0 nor 1: compare averages of "
                "indicators with compare_bounded_mean"
            )
        successes, n = successes + int(samples.sum()), n + samples.size
        return proportion_interval(successes, n, level)

    return compare(interval, asserted, **terms)


def compare_cdf(
    draw: Callable[[int], ArrayLike],
    place: float,
    asserted: float,
    *,
    level: float,
    **terms: Unpack[Terms],
) -> Comparison:
    """Compare P(X <= `place`) with `asserted`; ``draw(look)`` returns samples of X, shape (n,).

    `bias` bounds the error of the probability. No moment of X need exist. See :func:`compare_probability`.
    """
    if not np.isfinite(place):
        raise WitnessError(f"place={place} must be finite")
    return compare_probability(
        lambda look: checked(draw(look)) <= place,
        asserted,
        level=level,
        **terms,
    )


def compare_quantile(
    draw: Callable[[int], ArrayLike],
    order: float,
    asserted: float,
    *,
    level: float,
    **terms: Unpack[Terms],
) -> Comparison:
    """Compare the quantile of order `order` of a law without atoms with `asserted`, in units of probability.

    The interval is that of P(X <= asserted), to be compared with `order`: a confirmation says that `asserted` is the
    quantile of an order within ``resolution * scale`` of `order`. See :func:`compare_probability`.

    Raises
    ------
    WitnessError
        If an argument is outside its range, or a sample equals `asserted`: then the law has an atom there, and values
        of its distribution function are to be compared instead.
    """
    _check_order(order)

    def samples(look: int) -> NDArray[np.float64]:
        drawn = checked(draw(look))
        if np.any(drawn == asserted):
            raise WitnessError(
                f"{np.count_nonzero(drawn == asserted)} of {drawn.size} samples equal the asserted quantile "
                f"{asserted}: the law has an atom there; compare P(X <= x) with compare_cdf"
            )
        return drawn

    return compare_cdf(samples, asserted, order, level=level, **terms)


def band_half_width(n: int, level: float) -> float:
    """Return w such that the empirical distribution function stays within w of the true one, at all places and n.

    w = 0.85 sqrt((log log(e n) + 0.8 log(1612/level)) / n) (Howard and Ramdas 2022, Corollary 2): the inequality of
    Dvoretzky, Kiefer and Wolfowitz made uniform over n; ``docs/statistics.md`` proves the constants.
    """
    check_level(level)
    if n != ceil(n) or n < 1:
        raise WitnessError(f"n={n} must be an integer >= 1")
    return 0.85 * float(np.sqrt((log1p(log(n)) + 0.8 * log(1612 / level)) / n))


def _check_order(order: float) -> None:
    if not 0 < order < 1:
        raise WitnessError(f"order={order} must lie in (0, 1)")
