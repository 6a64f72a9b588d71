"""Findings: the one place where a witness's values become an outcome with its counterexample.

A witness computes values and hands them over; what makes a refutation certified, how an exact point is written down
and which facts an outcome needs is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..evidence import Counterexample, Fault, Finding, Outcome

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def as_text(point: Mapping[Any, Any]) -> dict[str, str]:
    """Return a point with names and exact values as text."""
    return {str(symbol): _text(value) for symbol, value in point.items()}


def _text(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no whole number of more than 4300 digits
        return f"about {sp.N(value, 15)}"


def proved(detail: str) -> Finding:
    """Return the finding of an exact argument that covers the whole domain; `detail` says which."""
    return Finding(Outcome.PROVED, detail)


def confirmed(detail: str, resolution: float, *, level: float | None = None, quantity: str = "") -> Finding:
    """Return the finding that values agree.

    Parameters
    ----------
    detail : str
        What was compared, and where.
    resolution : float
        The smallest relative deviation that would have been caught, as measured; positive and finite.
    level : float, optional
        Probability of a false refutation that the comparison was allowed (None for exact arguments).
    quantity : str
        What was compared; evidence on one quantity contradicts evidence on the same one only.
    """
    return Finding(Outcome.CONFIRMED, detail, resolution=resolution, level=level, quantity=quantity)


def refuted(
    detail: str,
    point: Mapping[Any, Any],
    stated: object,
    found: object,
    gap: object,
    *,
    effect: float | None = None,
    level: float | None = None,
    certified: bool = False,
    quantity: str = "",
) -> Finding:
    """Return the finding that the assertion fails at `point`.

    Parameters
    ----------
    detail : str
        What was computed and what came out.
    point : mapping
        The exact parameters, inside the domain of the claim, by symbol or name.
    stated, found, gap : object
        What the claim asserts there, what was found, and by how much they differ; shown as text.
    effect : float, optional
        Relative size of the deviation.
    level : float, optional
        Probability of a false refutation (None for exact arguments).
    certified : bool
        Whether the gap is exact or enclosed by a ball that excludes 0, so that no sampled agreement can outrank it.
    quantity : str
        As for :func:`confirmed`.
    """
    example = Counterexample(as_text(point), str(stated), str(found), str(gap))
    return Finding(
        Outcome.REFUTED,
        detail,
        effect=effect,
        level=level,
        counterexample=example,
        certified=certified,
        quantity=quantity,
    )


def undefined(detail: str, point: Mapping[Any, Any], what: object, works: str = "") -> Finding:
    """Return the finding that the statement has no meaning at an exact point of its domain.

    Parameters
    ----------
    detail : str
        What is undefined there, and why.
    point : mapping
        The exact point, inside the domain.
    what : object
        The expression that has no real value there.
    works : str
        The largest range on which it has one, in words; empty when it was not found.
    """
    example = Counterexample(as_text(point), f"{what} has a real value", "it has none", works or "not defined")
    text = f"{detail} It is defined for {works}." if works else detail
    return Finding(Outcome.UNDEFINED, text, counterexample=example)


def undecided(reason: str, fault: Fault | None = None) -> Finding:
    """Return the finding that nothing was decided; `reason` gives the closest miss."""
    return Finding(Outcome.UNDECIDED, reason, fault=fault)
