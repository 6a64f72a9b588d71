"""Means and covariances of mini-batch gradients: document 001, sections 2.3 to 2.8 and (15)-(17)."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...matrices.sampling import Sampling, Scheme
from ...ranges import Integers
from ...statements.batches import BatchFactor, BatchQuantity
from ...statements.extrema import Inequality
from ...statements.processes import LongTimeLimit
from ...symbols import dimension

B: Any = dimension("B")
n: Any = dimension("n")

repeated = Sampling(Scheme.WITH_REPLACEMENT, B, n)
distinct = Sampling(Scheme.WITHOUT_REPLACEMENT, B, n)
one_draw = Sampling(Scheme.WITH_REPLACEMENT, sp.Integer(1), n)
data_set = Sampling(Scheme.ONLINE, n)
any_sizes = Domain(B=Integers(1), n=Integers(1))
within = Domain(B=Integers(1), n=Integers(sp.Max(2, B)))
REPLACED = "each index is drawn independently and uniformly from n samples (2.5, 1)"
DISTINCT = "B distinct indices are drawn uniformly from n samples (2.5, 2)"
IID = "the n samples are independent draws from P, at a parameter that does not depend on them; finite variance"
EMPIRICAL = "Sigma_emp is the covariance over the data set with 1/n"

# Means

for suffix, sampling, given, domain in (
    ("", distinct, DISTINCT, within),
    (".replacement", repeated, REPLACED, any_sizes),
):
    claim(
        f"001.2.3.unbiased{suffix}",
        "The stochastic gradient is an unbiased estimator of the empirical gradient.",
        source=Source("001", "2.3, note; 2.5"),
        statement=BatchFactor(sampling, BatchQuantity.MEAN, sp.Integer(1)),
        domain=domain,
        given=(given,),
        printed=r"\mathbb{E}_{\mathcal{B}}[g_{\mathcal{B}}(\theta)] = \nabla L_n(\theta)",
    )

for name, title, place, sampling, domain, given, printed in (
    (
        "eq1",
        "The noise of sampling the data set has mean zero: the empirical gradient has the mean g.",
        "2.8.1, (1)",
        data_set,
        Domain(n=Integers(1)),
        IID,
        r"\mathbb{E}_{\mathcal{D}_n}[\nu_{\text{sampling}}(\theta)] = \mathbb{E}_{\mathcal{D}_n} "
        r"\left[ \frac{1}{n} \sum_{i=1}^n g_i(\theta) \right] - g(\theta) = 0",
    ),
    (
        "eq5",
        "The noise of a batch has mean zero given the data set.",
        "2.8.1, (5)",
        repeated,
        any_sizes,
        REPLACED,
        r"\mathbb{E}_{\mathcal{B}}[\nu_{\text{batch}}(\theta) | \mathcal{D}_n] = \mathbb{E}_{\mathcal{B}} "
        r"\left[ \frac{1}{B} \sum_{i \in \mathcal{B}} g_i(\theta) \right] - g_n(\theta) = 0",
    ),
    (
        "prop1.1",
        "The gradient noise has mean zero given the data set.",
        "Proposition 1 (1)",
        repeated,
        any_sizes,
        REPLACED,
        r"\mathbb{E}_{\mathcal{B}}[\xi(\theta) | \mathcal{D}_n, \theta] = 0",
    ),
    (
        "eq15",
        "The gradient of a uniformly drawn sample has the empirical gradient as mean.",
        "3.1, (15)",
        one_draw,
        Domain(n=Integers(1)),
        REPLACED,
        r"\mathbb{E}[g_i(\theta_k)] = \frac{1}{n} \sum_{i=1}^n g_i(\theta_k) = g_n(\theta_k)",
    ),
):
    claim(
        f"001.{name}",
        title,
        source=Source("001", place),
        statement=BatchFactor(sampling, BatchQuantity.MEAN, sp.Integer(1)),
        domain=domain,
        given=(given,),
        printed=printed,
    )

# Covariances

for name, title, place, sampling, value, domain, assumed, printed in (
    (
        "eq3",
        "The covariance of the mean of n independent gradients is the sum of theirs over n^2.",
        "2.8.1, (3)",
        data_set,
        sp.Mul(n, 1 / n**2, evaluate=False),
        Domain(n=Integers(1)),
        (IID,),
        r"\frac{1}{n^2} \sum_{i=1}^n \text{Cov}_{(X_i, Y_i)}[g_i(\theta)]",
    ),
    (
        "eq4",
        "The noise of sampling the data set has 1/n of the population covariance.",
        "2.8.1, (2)-(4)",
        data_set,
        1 / n,
        Domain(n=Integers(1)),
        (IID,),
        r"\text{Cov}_{\mathcal{D}_n}[\nu_{\text{sampling}}(\theta)] = \text{Cov}_{\mathcal{D}_n} "
        r"\left[ \frac{1}{n} \sum_{i=1}^n g_i(\theta) \right] = \frac{1}{n^2} \sum_{i=1}^n "
        r"\text{Cov}_{(X_i, Y_i)}[g_i(\theta)] = \frac{1}{n} \Sigma_{\text{pop}}(\theta)",
    ),
    (
        "eq7",
        "The noise of a batch has 1/B of the empirical covariance.",
        "2.8.1, (6)-(7)",
        repeated,
        1 / B,
        any_sizes,
        (REPLACED, EMPIRICAL),
        r"\text{Cov}_{\mathcal{B}}[\nu_{\text{batch}}(\theta) | \mathcal{D}_n] = \text{Cov}_{\mathcal{B}} "
        r"\left[ \frac{1}{B} \sum_{i \in \mathcal{B}} g_i(\theta) \middle| \mathcal{D}_n \right] = "
        r"\frac{1}{B} \Sigma_{\text{emp}}(\theta, \mathcal{D}_n)",
    ),
    (
        "prop1.2",
        "The gradient noise has 1/B of the empirical covariance.",
        "Proposition 1 (2), (8)-(11)",
        repeated,
        1 / B,
        any_sizes,
        (REPLACED, EMPIRICAL),
        r"\text{Cov}_{\mathcal{B}}[\xi(\theta)|\mathcal{D}_n, \theta] = "
        r"\frac{1}{B} \Sigma_{\text{emp}}(\theta, \mathcal{D}_n)",
    ),
    (
        "2.8.4.noreplace",
        "Without replacement the covariance has the finite population correction (n - B)/(n - 1).",
        "2.8.4, item 4",
        distinct,
        (n - B) / (n - 1) / B,
        within,
        (DISTINCT, EMPIRICAL),
        r"\text{Cov}_{\mathcal{B}}[\xi(\theta)|\mathcal{D}_n] = "
        r"\frac{n-B}{n-1} \cdot \frac{1}{B} \Sigma_{\text{emp}}(\theta, \mathcal{D}_n)",
    ),
    (
        "eq17",
        "The noise of a batch has the covariance Sigma/B, with the one-sample covariance Sigma of (16).",
        "3.1, (16)-(17)",
        repeated,
        1 / B,
        any_sizes,
        (REPLACED, "Cov(xi) under the sum is that of one sample"),
        r"\Sigma_{\text{batch}}(\theta_k) := \frac{1}{B^2} \sum_{i \in \mathcal{B}_k} \text{Cov}(\xi(\theta_k)) "
        r"= \frac{1}{B} \Sigma(\theta_k)",
    ),
    (
        "2.7.full",
        "A batch of all n samples has no gradient noise.",
        "2.7, item 1",
        Sampling(Scheme.WITHOUT_REPLACEMENT, n, n),
        sp.Integer(0),
        Domain(n=Integers(2)),
        ("the batch is {1, ..., n}; a noise of mean and covariance zero is zero", "one sample alone has no noise"),
        r"\mathcal{B}_k = \{1, \dots, n\}, \text{ so } \xi_k = 0",
    ),
):
    claim(
        f"001.{name}",
        title,
        source=Source("001", place),
        statement=BatchFactor(sampling, BatchQuantity.COVARIANCE, value),
        domain=domain,
        given=assumed,
        printed=printed,
    )

for suffix, sampling, given, domain, reading in (
    ("", repeated, REPLACED, any_sizes, None),
    (".distinct", distinct, DISTINCT, within, "without replacement, too; item 4 corrects the factor for that"),
):
    claim(
        f"001.2.8.4.scaling{suffix}",
        "The noise covariance scales inversely with the batch size.",
        source=Source("001", "2.8.4, item 1"),
        statement=BatchFactor(sampling, BatchQuantity.COVARIANCE, 1 / B),
        domain=domain,
        given=(given, EMPIRICAL),
        reading=reading,
        stated=reading is None,
        printed=r"\text{The noise covariance scales inversely with batch size } B",
    )

claim(
    "001.2.7.single",
    "No batch size has a larger noise covariance than single samples, with replacement.",
    source=Source("001", "2.7, item 2"),
    statement=Inequality(sp.Le(1 / B, 1, evaluate=False)),
    domain=Domain(B=Integers(1)),
    given=("a batch with replacement has the factor 1/B of Proposition 1, a single sample 1",),
    note="The factors are proved as 001.prop1.2 and 001.2.8.4.noreplace; this compares them.",
    printed=r"|\mathcal{B}_k| = 1, \text{ maximum noise}",
)
claim(
    "001.2.7.single.distinct",
    "No batch size has a larger noise covariance than single samples, without replacement.",
    source=Source("001", "2.7, item 2"),
    statement=Inequality(sp.Le((n - B) / (n - 1) / B, 1, evaluate=False)),
    domain=within,
    given=("a batch without replacement has the factor of 2.8.4, item 4, a single sample 1",),
    printed=r"|\mathcal{B}_k| = 1, \text{ maximum noise}",
)

# Expectations over data sets

for name, title, place, sampling, value, printed in (
    (
        "prop1.3",
        "Over data sets the covariance of the gradient noise has the mean (n-1)/n Sigma_pop/B.",
        "Proposition 1 (3)",
        repeated,
        (n - 1) / n / B,
        r"\mathbb{E}_{\mathcal{D}_n}[\text{Cov}_{\mathcal{B}}[\xi(\theta)|\mathcal{D}_n, \theta]] "
        r"= \frac{1}{B} \cdot \frac{n-1}{n} \Sigma_{\text{pop}}(\theta)",
    ),
    (
        "prop1.emp",
        "The empirical covariance has the mean (n-1)/n Sigma_pop.",
        "proof of Proposition 1",
        one_draw,
        (n - 1) / n,
        r"\mathbb{E}[\Sigma_{\text{emp}}] = \frac{n-1}{n} \Sigma_{\text{pop}}",
    ),
):
    claim(
        f"001.{name}",
        title,
        source=Source("001", place),
        statement=BatchFactor(sampling, BatchQuantity.EXPECTED_COVARIANCE, value),
        domain=any_sizes if sampling is repeated else Domain(n=Integers(1)),
        given=(IID, REPLACED, EMPIRICAL),
        note="" if sampling is repeated else "A batch of one draw has the empirical covariance.",
        printed=printed,
    )
claim(
    "001.2.8.4.limit",
    "For large data sets the mean covariance of the noise tends to Sigma_pop/B.",
    source=Source("001", "2.8.4, item 3"),
    statement=LongTimeLimit((n - 1) / n / B, n, 1 / B),
    domain=Domain(B=Integers(1)),
    given=("the mean over data sets of Proposition 1 (3), in units of the population covariance",),
    printed=r"\text{As } n \rightarrow \infty, \text{ we recover } \mathbb{E}[\text{Cov}[\xi]] "
    r"= \frac{1}{B} \Sigma_{\text{pop}}(\theta)",
)
