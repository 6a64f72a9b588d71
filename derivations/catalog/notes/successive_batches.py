"""Correlations of the noise of successive batches: document 001, sections 3.3 and 3.4."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Above, Integers, Real
from ...statements.batches import BatchFactor, BatchQuantity
from ...statements.extrema import Inequality
from ...symbols import real
from .batch_noise import B, distinct, n

epochs = Domain(B=Integers(1), n=Integers(2 * B))
EPOCH = "an epoch: the data set in a random order, cut into batches; n >= 2 B"
claim(
    "001.3.4.noreplace",
    "Successive batches of an epoch have correlated noise: the covariance is -Sigma/(n - 1).",
    source=Source("001", "3.4"),
    statement=BatchFactor(distinct, BatchQuantity.NEXT_BATCH, -1 / (n - 1)),
    domain=epochs,
    given=(EPOCH,),
    note="The document says that there is some auto-correlation; its value is derived here. It does not depend on B.",
    printed=r"\text{Sampling without replacement is common introducing some auto-correlation}",
)

g1, g2, g3 = real("g1 g2 g3")
centred = [g - (g1 + g2 + g3) / 3 for g in (g1, g2, g3)]
any_two = sum((a * b for a in centred for b in centred), sp.Integer(0)) / 9
_three = Domain(g1=Real, g2=Above(g1), g3=Above(g2))
_PRINTED = (
    r"\text{Another example is if the sampling of the batches is not without replacement. "
    r"In this case it seems that the noise is anti-correlated as argued in this paper.}"
)
_given = "three samples with different gradients of one parameter, batches of one"
claim(
    "001.3.3.anticorr",
    "Where batches are sampled not without replacement, the noises of two successive batches are anti-correlated.",
    source=Source("001", "3.3, auto-correlation"),
    statement=Inequality(sp.Lt(any_two, 0, evaluate=False)),
    domain=_three,
    given=(_given, "not without replacement is with replacement: both draws are independent"),
    reading="word for word",
    stated=False,
    note="A slip of words in what the text hedges ('it seems') and takes from a paper: 'not' is one too many, and 3.4 "
    "speaks of sampling without replacement.",
    printed=_PRINTED,
)
claim(
    "001.3.3.anticorr.epoch",
    "Without replacement the noises of successive batches are anti-correlated: their covariance is -Sigma/(n - 1).",
    source=Source("001", "3.3, auto-correlation"),
    statement=BatchFactor(distinct, BatchQuantity.NEXT_BATCH, -1 / (n - 1)),
    domain=epochs,
    given=(EPOCH,),
    reading="'not without replacement' is a slip for 'without replacement', of which 3.4 speaks",
    note="The document states the sign; the value is derived here.",
    printed=_PRINTED,
)
