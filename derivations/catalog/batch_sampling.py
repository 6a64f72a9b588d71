"""Batch gradients against one-sample gradients: document 003, sections 2.1 and 2.2, appendices A.1 and G.1."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..claim import Source, claim
from ..domain import Domain
from ..matrices.sampling import Sampling, Scheme
from ..ranges import Integers
from ..statements.batches import BatchFactor, BatchQuantity
from ..statements.processes import LongTimeLimit
from ..symbols import dimension

B: Any = dimension("B")
n: Any = dimension("n")

online = Sampling(Scheme.ONLINE, B)
offline = Sampling(Scheme.WITHOUT_REPLACEMENT, B, n)
any_batch = Domain(B=Integers(1))
data_set = Domain(B=Integers(1), n=Integers(sp.Max(2, B)))
REDERIVED = "Re-derived: the stored text has lost its formulas."

claim(
    "003.2.1.unbiased",
    "The batch gradient is an unbiased estimator of the population gradient.",
    source=Source("003", "2.1"),
    statement=BatchFactor(online, BatchQuantity.MEAN, sp.Integer(1)),
    domain=any_batch,
    given=("online sampling: every batch holds independent draws from the data distribution",),
)

claim(
    "003.appa.batchcov",
    "The covariance of the batch-gradient noise is the one-sample covariance over the batch size.",
    source=Source("003", "2.2, A.1"),
    statement=BatchFactor(online, BatchQuantity.COVARIANCE, 1 / B),
    domain=any_batch,
    given=("online sampling: every batch holds independent draws from the data distribution",),
    note=REDERIVED,
)

_given = ("the batch is drawn without replacement from n >= 2 samples, B <= n",)
claim(
    "003.g.inclusion",
    "A sample is in a batch drawn without replacement with probability B/n.",
    source=Source("003", "G.1"),
    statement=BatchFactor(offline, BatchQuantity.INCLUSION, B / n),
    domain=data_set,
    given=_given,
    note=REDERIVED,
)

claim(
    "003.g.joint",
    "Two samples are both in a batch drawn without replacement with probability B(B-1)/(n(n-1)).",
    source=Source("003", "G.1, joint probability"),
    statement=BatchFactor(offline, BatchQuantity.JOINT_INCLUSION, B * (B - 1) / (n * (n - 1))),
    domain=data_set,
    given=_given,
    note=REDERIVED,
)

claim(
    "003.g.factor",
    "Without replacement the batch covariance is (n - B)/(B(n - 1)) times the empirical one-sample covariance.",
    source=Source("003", "G.1 (32)"),
    statement=BatchFactor(offline, BatchQuantity.COVARIANCE, (n - B) / (B * (n - 1))),
    domain=data_set,
    given=(*_given, "the empirical one-sample covariance has the factor 1/n"),
    note=REDERIVED + " With 1/(n - 1) in the empirical covariance the factor is (n - B)/(B n).",
)

claim(
    "003.g.limit",
    "As the data set grows the factor of the batch covariance tends to 1/B, that of online learning.",
    source=Source("003", "2.4, G.2"),
    statement=LongTimeLimit((n - B) / (B * (n - 1)), n, 1 / B),
    domain=Domain(B=Integers(1), n=Integers(sp.Max(2, B))),
    given=("003.g.factor; the empirical covariance tends to that of the distribution by the law of large numbers",),
    printed=r"\text{This can be seen as a large-sample limit of the offline, finite-dataset case}",
)
