"""torchsde's own Euler-Maruyama with its own Brownian motion; started by ``run.py`` in its environment."""

from __future__ import annotations

import importlib.metadata

import torch
import torchsde
from peer_protocol import serve
from problem import HORIZON, LINEAR, NOISE, SQUARE, START, STEPS


class Logistic(torch.nn.Module):
    """Drift f and diffusion g as torchsde names them."""

    noise_type, sde_type = "diagonal", "ito"

    def f(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the drift."""
        return y * (LINEAR + SQUARE * y)

    def g(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return the diffusion."""
        return NOISE * y


def simulate(paths: int, seed: int) -> tuple[float, float]:
    """Return the first two moments of the last state."""
    with torch.no_grad():
        # without the hint dt its tree of intervals degenerates and it is four times slower
        brownian = torchsde.BrownianInterval(
            0.0, HORIZON, size=(paths, 1), dtype=torch.float32, entropy=seed, dt=HORIZON / STEPS
        )
        start, times = torch.full((paths, 1), START), torch.tensor([0.0, HORIZON])
        last = torchsde.sdeint(Logistic(), start, times, bm=brownian, dt=HORIZON / STEPS, method="euler")[-1].double()
    return float(last.mean()), float((last**2).mean())


if __name__ == "__main__":
    serve({"torchsde": simulate}, f"torchsde {importlib.metadata.version('torchsde')}")
