"""Settings shared by all tests: a derandomised Hypothesis profile, and a guard on torch's global state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, settings

settings.register_profile(
    "free", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("seeded", parent=settings.get_profile("free"), derandomize=True)


def pytest_configure(config: pytest.Config) -> None:
    """Draw the same examples in every run, unless `--hypothesis-seed` asks for others."""
    settings.load_profile("seeded" if config.getoption("--hypothesis-seed", None) is None else "free")


@pytest.fixture(autouse=True)
def _torch_state_is_left_alone() -> Iterator[None]:
    """Fail a test that draws from torch's global generator or changes its default dtype."""
    state, dtype = torch.get_rng_state(), torch.get_default_dtype()
    yield
    assert torch.get_default_dtype() == dtype, "the test changed torch's default dtype"
    assert torch.equal(torch.get_rng_state(), state), "the test drew from torch's global random generator"
