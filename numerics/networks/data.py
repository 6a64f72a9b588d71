"""What a linear network learns from: a teacher with Gaussian inputs, or a fixed data set; batches and gradient noise.

The per-sample gradient of ``c ||W x - y||^2`` is the transposed Jacobian of the end-to-end map applied to
``2 c G``, ``G = (W x - y) x^T``. So a Gaussian matrix Z with the covariance of G gives, layer by layer through the
same Jacobian, Gaussian noise with exactly the covariance of the per-sample gradients of all layers together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

import torch
from torch import Tensor

from ...derivations.errors import DomainError
from ..argument_kinds import is_whole
from ..arguments import check_fields
from .draws import Draws

Order = Literal["with-replacement", "without-replacement"]
#: From (first step, number of steps) to inputs (steps, batch, d_0, replicas) and labels (steps, batch, d_L, replicas).
Sampler = Callable[[int, int], tuple[Tensor, Tensor]]


class Data(Protocol):
    """Samples of a regression problem."""

    @property
    def inputs(self) -> int:
        """Input dimension d_0."""
        ...

    @property
    def outputs(self) -> int:
        """Output dimension d_L."""
        ...

    def sampler(self, draws: Draws, batch: int) -> Sampler:
        """Return a function that yields the batches of given steps, in order."""
        ...

    def moments(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return E[x x^T] and E[y x^T], in the dtype and on the device of `like`."""
        ...

    def noise(self, product: Tensor, draws: Draws, step: int) -> Tensor:
        """Return Gaussian matrices of shape (replicas, d_L, d_0) with mean 0 and the covariance of (W x - y) x^T.

        `product` is the end-to-end matrix W, of that shape.
        """
        ...


@dataclass(frozen=True)
class TeacherData:
    """Fresh samples at every step: ``x ~ N(0, I)``, ``y = M x + eps``, ``eps ~ N(0, sigma^2 I)``.

    Parameters
    ----------
    teacher : Tensor
        M, of shape (d_L, d_0).
    label_noise : float
        Standard deviation sigma >= 0.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    """

    teacher: Tensor
    label_noise: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.teacher.ndim != 2 or 0 in self.teacher.shape or not bool(torch.isfinite(self.teacher).all()):
            raise DomainError(f"teacher has shape {tuple(self.teacher.shape)}; give a finite matrix (d_L, d_0)")
        _check_noise(self.label_noise)

    @property
    def inputs(self) -> int:
        """Input dimension d_0."""
        return int(self.teacher.shape[1])

    @property
    def outputs(self) -> int:
        """Output dimension d_L."""
        return int(self.teacher.shape[0])

    def sampler(self, draws: Draws, batch: int) -> Sampler:
        """Return a function from (first step, steps) to fresh batches."""
        _check_batch(batch)
        teacher = self.teacher.to(draws.device, draws.dtype)

        def sample(first: int, steps: int) -> tuple[Tensor, Tensor]:
            x = draws.normals("inputs", first, steps, batch * self.inputs)
            x = x.reshape(steps, batch, self.inputs, draws.replicas)
            return x, _noisy(teacher @ x, self.label_noise, draws, first)

        return sample

    def moments(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return the identity and M."""
        return torch.eye(self.inputs, dtype=like.dtype, device=like.device), self.teacher.to(like)

    def noise(self, product: Tensor, draws: Draws, step: int) -> Tensor:
        r"""Return ``Z = D S + sigma E``, D = W - M: exactly the covariance of :math:`(D x - \epsilon) x^T`.

        S is symmetric with independent N(0, 1) entries above the diagonal and N(0, 2) on it, E has independent N(0, 1)
        entries. Indeed :math:`(Dx-\epsilon)x^T - D = D(xx^T - I) - \epsilon x^T`; the fourth moments of x give
        :math:`E[(xx^T-I)_{ab}(xx^T-I)_{cd}] = \delta_{ac}\delta_{bd}+\delta_{ad}\delta_{bc}`, the covariance of S; and
        :math:`\epsilon x^T` has covariance :math:`\sigma^2 I` and is uncorrelated with the first part. The entries
        :math:`ij` and :math:`kl` of Z have covariance
        :math:`(DD^T+\sigma^2I)_{ik}\delta_{jl} + D_{il}D_{kj}`; the last term is the commutation matrix's.
        """
        d, out = self.inputs, self.outputs
        count = d * d + (out * d if self.label_noise else 0)
        normals = draws.normals("langevin", step, 1, count)[0].T
        square = normals[:, : d * d].reshape(-1, d, d)
        z: Tensor = (product - self.teacher.to(product)) @ ((square + square.mT) * 0.5**0.5)
        return z + self.label_noise * normals[:, d * d :].reshape(-1, out, d) if self.label_noise else z


@dataclass(frozen=True)
class FiniteData:
    """N fixed samples, drawn for every batch; label noise, if any, is fresh at every step.

    Parameters
    ----------
    x, y : Tensor
        Inputs of shape (N, d_0) and labels of shape (N, d_L).
    label_noise : float
        Standard deviation sigma >= 0 of what is added to each label entry at each step.
    order : {"with-replacement", "without-replacement"}
        Independent uniform samples, or each replica's own random order of all samples in every epoch.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    """

    x: Tensor
    y: Tensor
    label_noise: float = 0.0
    order: Order = "with-replacement"

    def __post_init__(self) -> None:
        check_fields(self)
        if self.x.ndim != 2 or self.y.ndim != 2 or len(self.x) != len(self.y) or 0 in (*self.x.shape, *self.y.shape):
            raise DomainError(f"x has shape {tuple(self.x.shape)}, y {tuple(self.y.shape)}; give (N, d_0), (N, d_L)")
        if not bool(torch.isfinite(self.x).all() and torch.isfinite(self.y).all()):
            raise DomainError("x or y has entries that are not finite; remove those samples")
        if self.order not in get_args(Order):
            raise DomainError(f"order={self.order!r}; it must be one of {', '.join(get_args(Order))}")
        _check_noise(self.label_noise)

    @property
    def inputs(self) -> int:
        """Input dimension d_0."""
        return int(self.x.shape[1])

    @property
    def outputs(self) -> int:
        """Output dimension d_L."""
        return int(self.y.shape[1])

    def sampler(self, draws: Draws, batch: int) -> Sampler:
        """Return a function from (first step, steps) to batches; steps must be asked for in order."""
        _check_batch(batch)
        indices = self.indices(draws, batch)
        x, y = (part.to(draws.device, draws.dtype) for part in (self.x, self.y))

        def sample(first: int, steps: int) -> tuple[Tensor, Tensor]:
            chosen = indices(first, steps)
            return x[chosen].mT, _noisy(y[chosen].mT, self.label_noise, draws, first)

        return sample

    def indices(self, draws: Draws, batch: int) -> Callable[[int, int], Tensor]:
        """Return a function from (first step, steps) to sample numbers of shape (steps, batch, replicas).

        Raises
        ------
        DomainError
            If an epoch without replacement is not a whole number of batches.
        """
        n = len(self.x)
        if self.order == "with-replacement":
            return lambda first, steps: (draws.uniforms("samples", first, steps, batch) * n).long()
        if n % batch:
            raise DomainError(f"batch={batch} does not divide the {n} samples of an epoch; choose a divisor")
        length = n // batch
        if length == 1:  # every step takes all samples, whose order is of no account
            return lambda first, steps: torch.arange(n, device=draws.device)[None, :, None].expand(
                steps, -1, draws.replicas
            )
        known: dict[int, Tensor] = {}

        def epoch(number: int) -> Tensor:
            if number not in known:
                known.clear()
                keys = draws.uniforms("samples", number, 1, n)[0]
                known[number] = keys.argsort(dim=0).reshape(length, batch, draws.replicas)
            return known[number]

        def without(first: int, steps: int) -> Tensor:
            parts, last = [], first + steps
            for number in range(first // length, -(-last // length)):
                start = number * length
                parts.append(epoch(number)[max(first - start, 0) : last - start])
            return torch.cat(parts)

        return without

    def moments(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return the averages of x x^T and y x^T."""
        x, y = self.x.to(like), self.y.to(like)
        return x.T @ x / len(x), y.T @ x / len(x)

    def noise(self, product: Tensor, draws: Draws, step: int) -> Tensor:
        r"""Return :math:`Z = N^{-1/2}\sum_\mu(\zeta_\mu-\bar\zeta)\,r_\mu x_\mu^T + \sigma E R`, r the residuals.

        The :math:`\zeta_\mu` and the entries of E are independent N(0, 1), and :math:`R^TR` is the average of
        :math:`xx^T`. The first part has the covariance of :math:`r_\mu x_\mu^T` over the data set, the second that of
        :math:`\epsilon x^T`.
        """
        n, out = len(self.x), self.outputs
        x, y = self.x.to(product), self.y.to(product)
        root = torch.linalg.qr(x / n**0.5).R
        count = n + (out * len(root) if self.label_noise else 0)
        normals = draws.normals("langevin", step, 1, count)[0].T
        zeta = normals[:, :n]
        zeta = (zeta - zeta.mean(dim=1, keepdim=True)) / n**0.5
        z: Tensor = ((x @ product.mT - y) * zeta[:, :, None]).mT @ x
        return z + self.label_noise * normals[:, n:].reshape(-1, out, len(root)) @ root if self.label_noise else z


def _noisy(labels: Tensor, label_noise: float, draws: Draws, first: int) -> Tensor:
    if not label_noise:
        return labels
    steps, batch, outputs, _ = labels.shape
    return labels + label_noise * draws.normals("label noise", first, steps, batch * outputs).reshape(labels.shape)


def _check_noise(label_noise: float) -> None:
    if not 0 <= label_noise < float("inf"):
        raise DomainError(f"label_noise={label_noise}; it must be >= 0 and finite")


def _check_batch(batch: int) -> None:
    if not is_whole(batch) or batch < 1:
        raise DomainError(f"batch={batch!r}; it must be an integer >= 1")
