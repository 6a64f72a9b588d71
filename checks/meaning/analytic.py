"""Is an expression analytic and real around a point, for all parameters?"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from ...derivations.domain import Domain
from ...derivations.processes.fokker_planck import possible_signs
from .state_pieces import ANALYTIC

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def analytic_at(f: sp.Expr, at: Mapping[sp.Basic, sp.Expr], domain: Domain) -> bool:
    """Return True when `f` is seen to be analytic and real in the symbols of `at` around these values.

    What is raised to a negative power vanishes there for no parameter of the domain (a quotient whose limit exists may
    have another one where it does); what roots and logarithms are taken of is positive.
    """
    for n in sp.preorder_traversal(f):
        if not n.has(*at) or not n.args or n.is_Add or n.is_Mul:
            continue
        if isinstance(n, sp.log) or (n.is_Pow and not n.exp.is_integer):
            if possible_signs(n.args[0].subs(at), domain) != {1}:
                return False
        elif n.is_Pow:
            if n.exp.has(*at) or (not n.exp.is_nonnegative and 0 in possible_signs(n.base.subs(at), domain)):
                return False
        elif not isinstance(n, ANALYTIC):
            return False
    return True
