r"""The refined model of SGD: anisotropic noise, heavy tails, the central flow and fractional time in one equation.

.. math:: \partial_t^\beta p=\mathcal L^*p,\qquad
          dX=\bigl(-\nabla L-\tfrac12\sigma^2\nabla S_{\max}\bigr)\,ds+\sqrt{\eta/B}\,S(X)\,dB_{A_s}

Source: document 001, sections 1 and 10.1; document 002, motivation. Each term may be left out.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from .central_flow import with_central_flow
from .clocks import TimeChanged
from .langevin import State, anisotropic_langevin


def refined_model(
    state: State,
    loss: sp.Expr,
    root: Any,
    *,
    rate: Any,
    batch: Any = 1,
    sharpness: sp.Expr | None = None,
    alpha: Any = 2,
    beta: Any = 1,
) -> TimeChanged:
    """Return the anisotropic Langevin equation with the terms that are asked for.

    Parameters
    ----------
    state, loss, root, rate, batch
        As for :func:`~crossproof.numerics.models.langevin.anisotropic_langevin`.
    sharpness : sympy.Expr, optional
        Largest Hessian eigenvalue, for the central flow; without it there is no such term.
    alpha, beta : float
        Index of the jumps and order of the time derivative, as for
        :class:`~crossproof.numerics.models.clocks.TimeChanged`.

    Raises
    ------
    DomainError
        As the parts do.
    """
    sde = anisotropic_langevin(state, loss, root, rate=rate, batch=batch)
    if sharpness is not None:
        sde = with_central_flow(sde, rate=rate, sharpness=sharpness)
    return TimeChanged(sde, alpha, beta)
