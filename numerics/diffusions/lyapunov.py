r"""Second moments of the Ornstein-Uhlenbeck process :math:`dX=(AX+c)\,dt+S\,dB` in d dimensions.

.. math::
    AC+CA^T+SS^T=0,\qquad C(t)=e^{At}C_0e^{A^Tt}+\int_0^te^{As}SS^Te^{A^Ts}ds,\qquad
    \mathrm{Cov}(X_{t+\tau},X_t)=e^{A\tau}C(t).

Every matrix comes with a bound on the largest error of its entries: that of the Lyapunov equation from the residual in
extended precision, that of exponentials from two numbers of doublings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy import linalg

from ...derivations.errors import DomainError, NumericsError
from ...derivations.processes.sde import SDE
from ..arguments import checked, parameter_values

Array = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)
_WIDE = float(np.finfo(np.longdouble).eps)


@dataclass(frozen=True)
class MatrixEstimate:
    """A matrix with a bound on the largest absolute error of its entries.

    Parameters
    ----------
    value : array of shape (d, d)
        The matrix.
    error : float
        The bound.
    """

    value: Array
    error: float


@checked(DomainError)
def linear_coefficients(sde: SDE, parameters: Mapping[sp.Symbol, Any] | None = None) -> tuple[Array, Array]:
    """Return (A, S), shapes (d, d) and (d, m), of an SDE with drift A x + c and constant diffusion S.

    Raises
    ------
    DomainError
        If the drift is not affine, the diffusion depends on the state, or a parameter has no value.
    """
    values = parameter_values(parameters)
    matrix = sde.ito_drift.jacobian(sp.Matrix(sde.state)).applyfunc(sp.expand).subs(values)
    noise = sde.diffusion.subs(values)
    if matrix.has(*sde.state) or noise.has(*sde.state):
        raise DomainError(f"{sde!r} is no Ornstein-Uhlenbeck process: give drift A x + c and a constant diffusion")
    missing = sorted(map(str, matrix.free_symbols | noise.free_symbols))
    if missing:
        raise DomainError(f"parameters lacks values for {', '.join(missing)}; give one for each")
    return np.array(matrix.tolist(), dtype=np.float64), np.array(noise.tolist(), dtype=np.float64)


@checked(DomainError)
def stationary_covariance(drift: Array, diffusion: Array) -> MatrixEstimate:
    r"""Return C with :math:`AC+CA^T+SS^T=0`.

    The error is twice what one more refinement would change, plus the rounding of the residual times the norm of the
    inverse operator (which maps positive to positive matrices, so that its norm is attained at the identity).

    Parameters
    ----------
    drift : array of shape (d, d)
        A, all eigenvalues with negative real part.
    diffusion : array of shape (d, m)
        S.

    Raises
    ------
    DomainError
        If shapes disagree, entries are not finite, or A is not stable: there is no stationary law.
    """
    a, s = _checked(drift, diffusion)
    abscissa = float(linalg.eigvals(a).real.max())
    if abscissa >= 0:
        raise DomainError(f"drift has an eigenvalue with real part {abscissa:.3g}; all must be negative")
    inverse = linalg.solve_continuous_lyapunov(a, -np.eye(len(a)))
    # a stable A has a positive definite solution; rounding hides that only next to instability
    if linalg.eigvalsh((inverse + inverse.T) / 2).min() <= 0:
        raise DomainError(f"drift is too close to instability (real part {abscissa:.3g}) for floats; rescale it")
    gain = float(linalg.norm(inverse, 2))
    c = linalg.solve_continuous_lyapunov(a, -s @ s.T)
    for _ in range(2):
        c = c + linalg.solve_continuous_lyapunov(a, -_residual(a, c, s))
        c = (c + c.T) / 2
    # what one more refinement would change, and what the residual itself may be off by
    change = float(np.abs(linalg.solve_continuous_lyapunov(a, -_residual(a, c, s))).max())
    size = float(2 * linalg.norm(a) * linalg.norm(c) + linalg.norm(s) ** 2)
    return MatrixEstimate(c, 2 * change + 2 * _EPS * float(np.abs(c).max()) + gain * (len(a) + 2) * _WIDE * size)


@checked(DomainError)
def covariance_at(drift: Array, diffusion: Array, time: float, initial: Array | None = None) -> MatrixEstimate:
    r"""Return the covariance of :math:`X_t`, for any A.

    Parameters
    ----------
    drift : array of shape (d, d)
        A.
    diffusion : array of shape (d, m)
        S.
    time : float
        t >= 0.
    initial : array of shape (d, d), optional
        Covariance of X_0, symmetric and not negative; default zero.

    Raises
    ------
    DomainError
        If an argument is outside its range.
    NumericsError
        If the covariance leaves the range of floats.
    """
    a, s = _checked(drift, diffusion)
    start = np.zeros_like(a) if initial is None else np.asarray(initial, dtype=np.float64)
    if start.shape != a.shape or not np.all(np.isfinite(start)) or not np.allclose(start, start.T, rtol=1e-12):
        raise DomainError(f"initial has shape {start.shape}; give a finite symmetric matrix of shape {a.shape}")
    if linalg.eigvalsh(start).min() < -1e-12 * (1 + np.abs(start).max()):
        raise DomainError("initial has a negative eigenvalue; it is no covariance")
    _duration("time", time)
    flows = [_flow(a, s, time, extra) for extra in (0, 1)]
    with np.errstate(over="ignore", invalid="ignore"):
        found = [f @ start @ f.T + q for f, q in flows]
    return _compared(found[0], found[1], "covariance")


@checked(DomainError)
def time_correlation(
    drift: Array, diffusion: Array, lag: float, time: float | None = None, initial: Array | None = None
) -> MatrixEstimate:
    r"""Return :math:`\mathrm{Cov}(X_{t+\tau},X_t)` for :math:`\tau\ge0`, in the stationary law when `time` is None.

    Parameters
    ----------
    drift, diffusion, time, initial
        As in :func:`covariance_at`.
    lag : float
        tau >= 0 (the transpose serves negative lags).

    Raises
    ------
    DomainError
        If an argument is outside its range, or A is not stable for the stationary law.
    NumericsError
        If the correlation leaves the range of floats.
    """
    a, s = _checked(drift, diffusion)
    _duration("lag", lag)
    now = stationary_covariance(a, s) if time is None else covariance_at(a, s, time, initial)
    exponentials = [_flow(a, s, lag, extra)[0] for extra in (0, 1)]
    moved = _compared(exponentials[0] @ now.value, exponentials[1] @ now.value, "correlation")
    spread = float(np.abs(exponentials[0]).sum(axis=1).max())
    return MatrixEstimate(moved.value, moved.error + spread * now.error)


def _checked(drift: Array, diffusion: Array) -> tuple[Array, Array]:
    a, s = np.asarray(drift, dtype=np.float64), np.asarray(diffusion, dtype=np.float64)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or a.shape[0] == 0:
        raise DomainError(f"drift has shape {a.shape}; give a square matrix")
    if s.ndim != 2 or s.shape[0] != a.shape[0]:
        raise DomainError(f"diffusion has shape {s.shape}; give a matrix with {a.shape[0]} rows")
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(s))):
        raise DomainError("drift or diffusion has entries that are not finite; give real numbers")
    return a, s


def _duration(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise DomainError(f"{name} = {value}; give a finite time >= 0")


def _residual(a: Array, c: Array, s: Array) -> Array:
    """Return A C + C A^T + S S^T, accumulated in extended precision where the machine has one."""
    a_wide, c_wide, s_wide = (m.astype(np.longdouble) for m in (a, c, s))
    return np.asarray(a_wide @ c_wide + c_wide @ a_wide.T + s_wide @ s_wide.T, dtype=np.float64)


def _flow(a: Array, s: Array, time: float, extra: int) -> tuple[Array, Array]:
    """Return (exp(A t), integral of exp(A u) S S^T exp(A^T u) over (0, t)).

    Van Loan's block exponential over a step of norm below 1/2, then doublings, `extra` of them more than needed: both
    parts are sums of positive matrices, and nothing large cancels.
    """
    d = len(a)
    doublings = max(0, math.ceil(math.log2(max(2 * time * float(linalg.norm(a, 1)), 1.0)))) + extra
    h = time / 2**doublings
    block = np.zeros((2 * d, 2 * d))
    block[:d, :d], block[:d, d:], block[d:, d:] = -a * h, s @ s.T * h, a.T * h
    exponential = linalg.expm(block)
    f = np.asarray(exponential[d:, d:].T)
    q = f @ exponential[:d, d:]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(doublings):
            q = q + f @ q @ f.T
            f = f @ f
    return f, (q + q.T) / 2


def _compared(one: Array, other: Array, what: str) -> MatrixEstimate:
    if not (np.all(np.isfinite(one)) and np.all(np.isfinite(other))):
        raise NumericsError(f"the {what} leaves the range of floats; shorten the time")
    size = float(np.abs(one).max())
    return MatrixEstimate(one, 8 * float(np.abs(one - other).max()) + 32 * len(one) * _EPS * size)
