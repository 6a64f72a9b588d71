"""Devices of torch that are there."""

from __future__ import annotations

import torch

from ..derivations.errors import NumericsError


def checked_device(device: str | torch.device) -> torch.device:
    """Return the device as tensors name it; NumericsError if its name is unknown or it is not there."""
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise NumericsError(f"device={str(device)!r} cannot be used ({reason}); 'cpu' always can") from None
