"""From the description of an SDE and the name of a scheme to its one-step map in symbols."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sympy as sp

from ...derivations.errors import NumericsError
from ...derivations.processes.ito import generator, noise
from ...derivations.processes.sde import SDE
from .exact import exact, logistic
from .one_step import OneStep
from .own import OwnScheme
from .taylor import euler_maruyama, fresh, milstein, strong_15, weak_1, weak_2

_BUILDERS: dict[str, Callable[[SDE], OneStep]] = {
    "euler-maruyama": euler_maruyama,
    "milstein": milstein,
    "strong-1.5": strong_15,
    "weak-1": weak_1,
    "weak-2": weak_2,
    "exact": exact,
    "logistic": logistic,
}
_LOG = "log-"
SCHEMES: tuple[str, ...] = (*_BUILDERS, *(_LOG + name for name in _BUILDERS if name not in ("exact", "logistic")))


def one_step(sde: SDE, scheme: str | OwnScheme) -> OneStep:
    """Return the one-step map of `scheme` for `sde`.

    Parameters
    ----------
    sde : SDE
        The equation; a Stratonovich one is converted to its Ito drift.
    scheme : str or OwnScheme
        One from outside, or one of `SCHEMES`:

        =================  =========================================  ======  ====
        scheme             serves                                     strong  weak
        =================  =========================================  ======  ====
        euler-maruyama     any noise                                  1/2     1
        milstein           commutative noise                          1       1
        strong-1.5         scalar, diagonal, additive noise           3/2     2
        weak-1             any noise, two-point increments            0       1
        weak-2             any noise, three-point increments          0       2
        exact              geometric, Ornstein-Uhlenbeck, Brownian    oo      oo
        logistic           ds = s (p - q s) dt + c s dB               1       2
        log-<scheme>       the scheme for y = ln x, read out as e^y   as <scheme>
        =================  =========================================  ======  ====

        The logarithm is taken of every coordinate whose symbol is declared positive. Orders assume coefficients with
        bounded derivatives in the coordinates of the scheme; Euler-Maruyama has strong order 1 for constant noise.

    Raises
    ------
    NumericsError
        If the scheme is unknown, does not serve the noise of the equation, needs derivatives that do not exist, or
        the coefficients are complex; the message names what to use instead.
    """
    if not isinstance(sde, SDE):
        raise NumericsError(f"sde is a {type(sde).__name__}; give an SDE")
    if not isinstance(scheme, OwnScheme) and (not isinstance(scheme, str) or scheme not in SCHEMES):
        raise NumericsError(f"scheme={scheme!r}; choose one of {', '.join(SCHEMES)}, or make one by cp.scheme")
    if any(e.has(sp.I) for e in (*sde.drift, *sde.diffusion)):
        raise NumericsError("the drift or diffusion holds the imaginary unit; split real and imaginary parts")
    if isinstance(scheme, OwnScheme):
        step = scheme.one_step(sde)
    else:
        step = _in_logarithms(sde, scheme) if scheme.startswith(_LOG) else _BUILDERS[scheme](sde)
    for entry in step.update:
        if entry.has(sp.zoo, sp.nan, sp.oo):
            raise NumericsError(f"{scheme}: the one-step map is singular: {entry}")
        if entry.has(sp.Derivative, sp.Subs, sp.DiracDelta):
            raise NumericsError(
                f"{scheme} differentiates the drift and diffusion, which are not smooth here; use 'euler-maruyama' or "
                "'weak-1', which do not"
            )
    return step


def _in_logarithms(sde: SDE, scheme: str) -> OneStep:
    if not any(x.is_positive for x in sde.state):
        names = ", ".join(str(x) for x in sde.state)
        raise NumericsError(
            f"{scheme}: no state variable among {names} is declared positive; use positive(...) symbols"
        )
    state, back = [], {}
    for x in sde.state:
        state.append(fresh(f"ln_{x.name}", sde.free_symbols, real=True) if x.is_positive else x)
        back[x] = sp.exp(state[-1]) if x.is_positive else x
    drift, rows = [], []
    for x in sde.state:
        image = sp.log(x) if x.is_positive else x
        drift.append(sp.expand(generator(sde, image)).subs(back))
        rows.append([sp.expand(c).subs(back) for c in noise(sde, image)])
    step = _BUILDERS[scheme.removeprefix(_LOG)](SDE(state, drift, sp.ImmutableMatrix(rows)))
    readout = tuple(back[x] for x in sde.state)
    return OneStep(
        scheme,
        step.state,
        step.update,
        step.noises,
        step.law,
        step.dt,
        step.parameters,
        readout,
        step.strong_order,
        step.weak_order,
    )


def chart(step: OneStep, coordinates: Sequence[sp.Expr]) -> tuple[sp.Expr, ...]:
    """Return the state of `step` in terms of the coordinates of the original equation: the inverse of its readout.

    Raises
    ------
    NumericsError
        If the numbers of coordinates disagree, or a readout is neither the coordinate nor its exponential.
    """
    if len(coordinates) != len(step.state):
        raise NumericsError(f"{len(coordinates)} coordinates for {len(step.state)} state variables; give one each")
    entries = []
    for y, out, x in zip(step.state, step.readout, coordinates, strict=True):
        if out not in (y, sp.exp(y)):
            raise NumericsError(f"the readout {out} has no inverse known here; give the state of the scheme itself")
        entries.append(sp.sympify(x) if out == y else sp.log(x))
    return tuple(entries)
