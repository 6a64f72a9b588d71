"""Arguments about single neurons, for layers of every size: what the gradient leaves of the equations of a set."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from ....checks.witnesses.invariance.algebra import remainders
from ....checks.witnesses.invariance.neuron_gradients import slope_at_neuron
from ....derivations.domain import Domain
from ....derivations.statements.sets.invariant_sets import InvariantSet
from ....derivations.statements.sets.neuron_gradients import NeuronGradient
from ..model import Step
from .lines import compared, line


def invariant(statement: InvariantSet, domain: Domain) -> Iterator[Step]:
    """Yield what the gradient at a neuron leaves of each equation of the set, for arbitrary layers around it."""
    for what, remainder in remainders(statement):
        yield line(f"on the set, {what}{' leaves' if remainder != 0 else ''}", sp.expand(remainder))


def neuron_gradient(statement: NeuronGradient, domain: Domain) -> Iterator[Step]:
    """Yield the derivative along one activation of the next layer, by the chain rule, beside the printed term."""
    yield from compared(f"the gradient for {statement.part}, one term,", statement.term,
                        slope_at_neuron(statement), "by the chain rule")  # fmt: skip
