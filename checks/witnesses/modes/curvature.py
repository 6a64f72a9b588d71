"""Second derivatives of mode amplitudes at arbitrary rational weights, pair by pair."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from ....derivations.errors import DomainError
from ....derivations.statements.mode_curvature import HessianBlocks, VanishingCurvature
from ....derivations.statements.modes import DEPTH
from ....numerics.networks.aligned import ModeNetwork, amplitude
from ....numerics.networks.rational import BruteForce, Place, rotation
from ...evidence import Finding, Kind
from ...judgement.findings import confirmed, refuted, undecided
from ...witness import Task, witness
from ..networks.exact_networks import EXACT

#: Depths of the networks.
_DEPTHS = (2, 3, 4)


@witness(
    "exact curvature of small networks",
    kind=Kind.DETERMINISTIC,
    statement=VanishingCurvature,
    starts_from="amplitudes of networks with arbitrary rational weights, differentiated by every pair of weights",
)
def exact_curvature(statement: VanishingCurvature, task: Task) -> Finding:
    """Look for a non-zero entry, or contraction with a covariance, in the asserted blocks of the Hessian."""
    same = statement.blocks is HessianBlocks.SAME_LAYER
    depth = sp.sympify(statement.depth)
    depths = [int(depth)] if depth.is_Integer else [d for d in _DEPTHS if _allowed(task, d)]
    n, seen = 2, list[int]()
    for number in depths:
        network = _general_network(number, n)
        brute = BruteForce(network, Fraction(0))
        found = [
            (brute.places[a], brute.places[b], bend)
            for a, b, bend in brute.bends(amplitude(network, 0, 1))
            if (brute.places[a][0] == brute.places[b][0]) is same
        ]
        if not any((p[0] == q[0]) is same for p in brute.places for q in brute.places):
            continue  # a single layer has no blocks of two
        seen.append(number)
        total = sum((bend * _covariance(p, q) for p, q, bend in found), Fraction(0))
        value = total if statement.contracted else (found[0][2] if found else Fraction(0))
        if value:
            what = "the contraction with a covariance" if statement.contracted else f"entry {found[0][:2]}"
            weights = {
                f"W_{k}": str([[str(v) for v in row] for row in w]) for k, w in enumerate(network.weights, start=1)
            }
            return refuted(
                f"At rational weights of depth {number} {what} does not vanish.",
                {"L": number, **weights},
                f"{what} = 0",
                f"{what} = {value}",
                value,
                effect=1.0,
                certified=True,
            )
    if not seen:
        return undecided("None of the listed depths lies in the domain and has such blocks.")
    listed = ", ".join(map(str, seen))
    return confirmed(f"All entries in question vanish exactly at 2 x 2 rational weights of depth {listed}.", EXACT)


def _allowed(task: Task, depth: int) -> bool:
    try:
        task.claim.domain.check({DEPTH: sp.Integer(depth)})
    except DomainError:
        return False
    return True


def _general_network(depth: int, n: int) -> ModeNetwork:
    """Return a network that is neither balanced nor aligned."""
    weights = [
        [[Fraction((3 * i + 5 * j + 7 * k) % 11 - 4, 2 + k) for j in range(n)] for i in range(n)] for k in range(depth)
    ]
    layers = tuple(np.array(layer, dtype=object) for layer in weights)
    return ModeNetwork(layers, rotation(n, 0), (rotation(n, 2), rotation(n, 1)))


def _covariance(p: Place, q: Place) -> Fraction:
    """Return an entry of a covariance v v^T + identity in the stacked weights; zero blocks are left out."""
    one, other = (Fraction(1 + place[1] + 2 * place[2], 1 + place[0]) for place in (p, q))
    return one * other + int(p == q)
