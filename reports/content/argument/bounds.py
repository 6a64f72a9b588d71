"""Arguments about bounds over classes: the least bound of the class, a member that comes near, and the stated one."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from ....checks.witnesses.bounds.gradient_classes import ceiling_of, of_clipped_lines, ratio_of_identity
from ....checks.witnesses.bounds.suprema import logarithm_of, ville
from ....derivations.domain import Domain
from ....derivations.statements.classes.suprema import SupremumBound
from ....derivations.statements.sets.gradient_classes import GradientBound, RootDistance
from ..model import Step
from .lines import line, shorter


def gradients(statement: GradientBound, domain: Domain) -> Iterator[Step]:
    """Yield what the class obeys, a member on the line, and the stated bound less both."""
    ceiling, why = ceiling_of(statement)
    member = of_clipped_lines(statement)
    yield line(f"the class obeys ({why})", ceiling)
    words = "a line cut off on both sides, alone for means, among opposite ones for deviations and covariances"
    yield line(f"{statement.quantity} for a member, {words},", member)
    yield line("the bound as stated", statement.bound)
    yield line("the bound less what the class obeys", shorter(sp.expand(statement.bound - ceiling)))
    yield line("the bound less that member's", shorter(sp.expand(statement.bound - member)))


def roots(statement: RootDistance, domain: Domain) -> Iterator[Step]:
    """Yield the ratios of two pairs, the larger of which is the least constant, and the stated constant."""
    of_identity = ratio_of_identity(statement)
    yield Step("the least constant is the larger of two ratios, by the inequalities of Ando and Hölder: "
               "1, for A of rank one and B = 0, and the next one", "")  # fmt: skip
    yield line("the ratio for A = I and B = 0", of_identity)
    yield line("the constant as stated", statement.factor)
    quotient = sp.powsimp(sp.simplify(statement.factor / of_identity))
    yield line("the stated constant over the ratio, to be 1 or larger", quotient)


def supremum(statement: SupremumBound, domain: Domain) -> Iterator[Step]:
    """Yield the logarithm of Ville's bound, and that of the stated bound less it."""
    least = ville(statement)
    yield line(
        "the least bound, by Ville's inequality, is 1 or, if smaller, (start/level)^power, whose logarithm is", least
    )
    yield line("logarithm of the bound as stated", logarithm_of(statement.bound))
    above = sp.factor(sp.expand(logarithm_of(statement.bound) - least))
    yield line("their difference, to be nowhere negative", above)
