r"""The central flow: what the oscillations of gradient descent at the edge of stability do on average.

Where the sharpness S, the largest Hessian eigenvalue, has reached :math:`2/\eta`, gradient descent oscillates along the
top eigenvector with a mean square :math:`\sigma^2`, which pushes the weights down the slope of S. With the drift b,

.. math:: b-\tfrac12\sigma^2\,\nabla S,\qquad
          \sigma^2=\frac{2\,(b\cdot\nabla S)_+}{|\nabla S|^2}\ \text{if}\ S\ge 2/\eta,\ \text{else}\ 0,

so that S rests at :math:`2/\eta`. Source: Cohen et al., arXiv 2410.24206, for one unstable eigenvalue; documents 001
and 002 ask for the term.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from ...derivations.errors import DomainError
from ...derivations.processes.sde import SDE
from .langevin import coordinates, gradient

#: Keeps 0 / 0 at points where the sharpness is stationary from being no number; below every squared slope that counts.
_NOTHING = sp.Float("1e-30")


def sharpness_of(state: sp.Symbol | Sequence[sp.Symbol], loss: sp.Expr) -> sp.Expr:
    """Return the largest Hessian eigenvalue of a loss of one or two weights.

    Raises
    ------
    DomainError
        If there are more weights: eigenvalues then have no form that kernels can print.
    """
    where = coordinates(state)
    hessian = sp.hessian(sp.sympify(loss), where)
    if len(where) == 1:
        return hessian[0, 0]
    if len(where) > 2:
        raise DomainError(f"{len(where)} weights: the top eigenvalue has no closed form here; give sharpness=")
    half, spread = (hessian[0, 0] + hessian[1, 1]) / 2, (hessian[0, 0] - hessian[1, 1]) / 2
    return half + sp.sqrt(spread**2 + hessian[0, 1] ** 2)


def with_central_flow(sde: SDE, *, rate: Any, sharpness: sp.Expr) -> SDE:
    """Return the equation with the central-flow term of gradient descent with the learning rate `rate`.

    It holds the sharpness at 2/rate exactly where one eigenvalue is at the edge and the noise leaves S alone; a step of
    the scheme overshoots by its own length. Where two eigenvalues meet, their slope is not defined.

    Parameters
    ----------
    sde : SDE
        A model in the Ito sense, whose drift is that of small steps.
    rate : number or expression
        Learning rate, > 0.
    sharpness : sympy.Expr
        S in the state, such as :func:`sharpness_of`; for larger networks that of a model of the Hessian.

    Raises
    ------
    DomainError
        If the sharpness does not depend on the state, or the equation is in the Stratonovich sense.
    """
    if sde.calculus != "ito":
        raise DomainError(f"sde is in the sense {sde.calculus!r}; give its Ito form, SDE(state, sde.ito_drift, ...)")
    steepness = sp.sympify(sharpness)
    if not steepness.free_symbols & set(sde.state):
        raise DomainError(f"sharpness={steepness} is constant on the state: no flow reduces it; leave the term out")
    slopes = gradient(steepness, sde.state)
    growth = sum(s * b for s, b in zip(slopes, sde.drift, strict=True))
    # signs and moduli in place of a case distinction: every backend prints and shares them
    reached = (1 + sp.sign(steepness - 2 / sp.sympify(rate))) / 2
    half_variance = reached * (growth + sp.Abs(growth)) / 2 / (sum(s**2 for s in slopes) + _NOTHING)
    drift = [b - half_variance * s for b, s in zip(sde.drift, slopes, strict=True)]
    return SDE(sde.state, drift, sde.diffusion)
