r"""The Langevin model of SGD on batched deep linear networks, by Euler-Maruyama steps.

:math:`dW=-\nabla\ell\,dt+\sqrt{\eta/B}\,\Sigma^{1/2}(W)\,dB` with the full covariance :math:`\Sigma`
of the one-sample gradient noise, all layers together (document 001 (23), document 003 (1)). No root of :math:`\Sigma`
is ever taken: :math:`\Sigma^{1/2}\xi` has the law of the transposed Jacobian of the end-to-end map applied to a
Gaussian matrix of the size of that map.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from ...derivations.errors import DomainError
from ..arguments import checked
from .data import Data
from .draws import Draws
from .flow import check_loss_scale, check_rate, warn_if_unstable
from .linear import pull_back
from .named import end_to_end
from .runs import NetworkRun, Watch, Weights, check_weights, iterate
from .sgd import check_draws


@checked(DomainError)
def anisotropic_langevin(
    weights: Sequence[Tensor],
    data: Data,
    draws: Draws,
    *,
    learning_rate: float,
    batch: int = 1,
    dt: float,
    steps: int,
    loss_scale: float,
    watch: Watch | None = None,
) -> NetworkRun:
    """Simulate ``dW = -grad dt + sqrt(eta/B) Sigma^{1/2} dB``; with dt = eta a step has the two moments of an SGD step.

    Parameters
    ----------
    learning_rate, batch : float, int
        eta > 0 and B >= 1; both act through their ratio only.
    dt : float
        Step of time, > 0; one SGD step takes time eta.
    steps : int
        Number of steps.

    Other arguments, results and errors as in :func:`crossproof.numerics.networks.sgd.sgd`.
    """
    check_rate("learning_rate", learning_rate)
    if batch < 1:
        raise DomainError(f"batch={batch}; it must be >= 1")
    start = check_weights(weights, data.inputs, data.outputs)
    check_draws(start, draws)
    check_loss_scale(loss_scale)
    check_rate("dt", dt)
    warn_if_unstable("dt", dt, 2.0, len(start), data, loss_scale)
    second, cross = data.moments(start[0])
    amplitude = (learning_rate * dt / batch) ** 0.5

    def advance(now: Weights, first: int, count: int) -> Weights:
        for step in range(first, first + count):
            product = end_to_end(now)
            gap = product @ second - cross
            # drift and noise pass through the same Jacobian
            change = pull_back(now, 2 * loss_scale * (amplitude * data.noise(product, draws, step) - dt * gap))
            now = tuple(w + c for w, c in zip(now, change, strict=True))
        return now

    return iterate(advance, start, steps, Watch() if watch is None else watch)
