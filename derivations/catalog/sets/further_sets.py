"""Sets of neurons that have a residual connection, without the layer that it comes from: document 004, Section 5."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...statements.sets.invariant_sets import Activation, FeedForward, SilentNeuron, TiedNeurons

zero, one = sp.Integer(0), sp.Integer(1)
for name, of, activation, number, words in (
    ("004.sec5.residual.sign", SilentNeuron, Activation.ORIGIN_PASSING, zero, "silent"),
    ("004.sec5.residual.perm", TiedNeurons, Activation.ANY, one, "tied to another"),
):
    claim(
        name,
        f"A neuron of layer l2 {words} there forms an invariant set although l2 has a residual connection from l1.",
        source=Source("004", "Section 5, after Figure 4"),
        statement=of(FeedForward(activation, (("l1", "l2"),)), number, number, number, ("l2",)),
        domain=Domain(),
        given=("Propositions 3.1 and 3.2 applied to a layer with a residual connection, against the document",),
        reading="the opposite of what the document says; that it fails is what the document says",
        stated=False,
    )
