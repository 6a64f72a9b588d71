"""Document 004, Figure 1: the double well with multiplicative noise, its laws at the end, and its collapse."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import gammaln, log_ndtr, ndtr, ndtri

from ...checks.statistics.probabilities import proportion_interval
from ...derivations.claim import CLAIMS
from ...numerics.networks.draws import PhiloxDraws
from ...numerics.random.philox import key_words
from ...numerics.simulation.simulate import plan_of
from ...numerics.simulation.states import states
from ..reproduce import Array, Curve, Panel, Picture, experiment

#: Figure 1 and Appendix J: mu, step of the Euler-Maruyama scheme, standard deviation of the start, distance that counts
#: as collapsed.
MU, STEP, SPREAD, NEAR = 1.5, 0.0025, 2.0, 1e-15
#: Probability with which a 95 % interval misses.
LEVEL = 0.05
_THRESHOLD = math.sqrt(2 * MU)


def intervals(counts: Array, n: int) -> tuple[Array, Array]:
    """Return both ends of the 95 % intervals of probabilities seen `counts` times in `n`."""
    both = np.array([proportion_interval(int(c), n, LEVEL) for c in counts])
    return both[:, 0], both[:, 1]


def final_states(noises: Array, paths: int, after: tuple[int, ...], seed: int) -> Array:
    """Return theta, shape (len(after), noises, paths), after the given numbers of steps from starts N(0, 4)."""
    statement: Any = CLAIMS["004.dw.agrees"].statement
    plan = plan_of(
        statement.sde,
        {"mu": np.full(len(noises), MU), "zeta": noises},
        1.0,
        horizon=STEP * after[-1],
        steps=after[-1],
        paths=paths,
        key=key_words(seed, "reproduce 004.fig1", 0),
    )
    start = SPREAD * PhiloxDraws(paths, seed, "reproduce 004.fig1").normals("initial", 0, 1, 1).reshape(1, paths, 1)
    found, _ = states(plan, list(after), start=start.repeat(len(noises), 1, 1))
    result: Array = found[..., 0].double().cpu().numpy()
    return result


def gibbs(noise: float, power: float, at: Array) -> Array:
    """Return the density of both wells together, exp(-theta^2/zeta^2) |theta|^power up to its mass."""
    half = (power + 1) / 2
    log_mass = gammaln(half) + (power + 1) * math.log(noise)
    density: Array = np.exp(power * np.log(np.abs(at)) - (at / noise) ** 2 - log_mass)
    return density


def reflected(noise: Array, growth: float, spread: float, near: float, step: float, steps: int) -> Array:
    """Return the predicted probability that abs(X) < `near` after Euler-Maruyama steps, for starts N(0, spread^2).

    X obeys dX = (growth X - X^3) dt + noise X dB. Far below its wells log|X| is a Brownian motion with drift growth -
    noise^2/2 (004.gbm.log), to which the scheme adds (growth noise^2 - growth^2/2 - 3 noise^4/4) step. It is reflected
    where a reflected motion has the same stationary density there as the law 004.dw.potential.repaired.
    """
    start = np.log(spread * np.abs(ndtri((np.arange(2000) + 0.5) / 2000)))[:, None]
    drift = growth - noise**2 / 2 + (growth * noise**2 - growth**2 / 2 - 3 * noise**4 / 4) * step
    order, time = drift / noise**2, step * steps
    small = np.abs(order) < 1e-8
    wall = np.log(noise) + np.where(small, -np.euler_gamma / 2, gammaln(1 + order) / (2 * np.where(small, 1, order)))
    reach, depth = wall - math.log(near), np.maximum(wall - start, 0)
    scale = noise * math.sqrt(time)
    mirrored = np.exp(log_ndtr((-depth - reach + drift * time) / scale) - 2 * order * reach)
    found: Array = (ndtr((depth - reach - drift * time) / scale) + mirrored).mean(axis=0)
    return found


def _density(noise: float, seen: Array) -> Panel:
    edges = np.linspace(-3.5, 3.5, 41) if noise > 0.5 else np.linspace(-1.6, 1.6, 129)
    middles, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    counts = np.histogram(seen, edges)[0].astype(float)
    low, high = intervals(counts, seen.size)
    curves = [Curve("SDE, time 25", middles, counts / seen.size / width, "line", (low / width, high / width))]
    if noise < _THRESHOLD:
        right = gibbs(noise, 2 / noise**2 * (MU - noise**2), middles)
        curves.append(Curve("004.dw.potential.repaired", middles, right, "dashed"))
    power = 2 / noise**2 * (2 * MU / noise**2 - 2)
    if -1 < power < 2 * (edges[-1] / noise) ** 2:  # it has a mass, and its peaks lie in the picture
        curves.append(Curve("printed law", middles, gibbs(noise, power, middles)))
    return Panel(f"zeta = {noise:g}", "theta", "density", tuple(curves))


@experiment(
    "004.fig1",
    "Stochastic collapse in a quartic loss",
    claims=("004.dw.potential", "004.dw.potential.repaired", "004.dw.collapse.delta", "004.dw.agrees", "004.gbm.log"),
)
def quartic(seed: int) -> Picture:
    """Laws at time 25 beside the printed and the repaired one, and the probability of having collapsed."""
    three = np.array([0.1, 1.0, 2.5])
    ends = final_states(three, 4000, (10_000,), seed)[0]
    noises = np.linspace(0, 3, 50)[1:]
    after, paths = (5_000, 10_000, 20_000, 40_000, 80_000), 1000
    counts = (np.abs(final_states(noises, paths, after, seed)) < NEAR).sum(axis=2).astype(float)
    curves, findings = [], []
    for steps, seen in zip(after, counts, strict=True):
        expected = reflected(noises, MU, SPREAD, NEAR, STEP, steps)
        low, high = intervals(seen, paths)
        curves += [
            Curve(f"{steps} steps", noises, seen / paths, "points", (low, high)),
            Curve("", noises, expected, "dashed"),
        ]
        half = [float(np.interp(0.5, p, noises)) for p in (seen / paths, expected)] if seen.max() > paths / 2 else []
        words = f"half of the paths have collapsed at zeta = {half[0]:.2f}, predicted {half[1]:.2f}" if half else "few"
        findings.append(
            f"{steps} steps: {words}; largest difference from the prediction "
            f"{np.abs(seen / paths - expected).max():.3f}."
        )
    for noise, seen in zip(three, ends, strict=True):
        peak = math.sqrt(max(MU - noise**2, 0))
        power = 2 * MU / noise**2 - 2
        printed = f"{math.sqrt(power):.3g}" if power > 0 else "0"
        findings.append(
            f"zeta = {noise:g}: median of |theta| {np.median(np.abs(seen)):.3g}; the repaired law has its peaks at "
            f"+-{peak:.3g}, the printed one at +-{printed}."
        )
    sweep = Panel(
        f"within {NEAR:g} of 0",
        "zeta",
        "probability",
        tuple(curves),
        places=(("sqrt(2 mu)", _THRESHOLD),),
    )
    return Picture(
        (*(_density(float(z), seen) for z, seen in zip(three, ends, strict=True)), sweep),
        (
            *findings,
            f"As the number of steps grows the predicted curves tend to a step at sqrt(2 mu) = {_THRESHOLD:.3f}.",
        ),
        f"mu = {MU}, Euler-Maruyama steps of {STEP}, starts N(0, 4), as printed; 4000 paths in place of 50 for each "
        f"law, whose density stands in place of the trajectories, and {paths} in place of 10000 for each zeta; bands "
        "and bars are 95 % intervals. At zeta = 0.1 the printed law lies at +-17, outside of the picture; at zeta = "
        "2.5 it is a density where the paths collapse. The prediction takes the wells for a wall, and the drift of "
        "log|theta| under the scheme",
    )
