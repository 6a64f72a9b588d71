"""Devices of torch that are there."""

from __future__ import annotations

from textwrap import shorten

import torch

from ..derivations.errors import NumericsError

#: Characters that are shown of torch's own reason.
_REASON = 80


def checked_device(device: str | torch.device) -> torch.device:
    """Return the device as tensors name it; NumericsError if its name is unknown, or no numbers can be put there."""
    try:
        one = torch.zeros(1, device=device)
        one.cpu()  # a device that holds no numbers fails here
        return one.device
    except (RuntimeError, AssertionError, TypeError) as error:
        # torch may list all that it knows
        reason = shorten(str(error).splitlines()[0], _REASON, placeholder=" ...")
        raise NumericsError(f"device={str(device)!r} cannot be used ({reason}); 'cpu' always can") from None
