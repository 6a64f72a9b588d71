"""The public face: one call verifies a claim; options outside their range are refused before any work."""

from __future__ import annotations

import pytest

import crossproof as cp


def test_one_claim_is_verified_by_one_call() -> None:
    verdict = cp.verify("004.eq51", effort="quick", device="cpu", workers=1)
    assert verdict.outcome == "proved"
    assert 3 <= len(str(verdict).splitlines()) <= 6
    assert "004.eq51" in str(verdict)
    assert verdict.evidence[0].versions["sympy"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"seed": -1}, cp.UsageError, "integer >= 0"),
        ({"seed": "one"}, cp.UsageError, "integer >= 0"),
        ({"seed": True}, cp.UsageError, "integer >= 0"),
        ({"workers": 0}, cp.UsageError, "workers"),
        ({"effort": "lazy"}, cp.UsageError, "quick, default, thorough"),
        ({"device": "tpu"}, cp.UsageError, "auto, cpu or cuda"),
    ],
)
def test_bad_options_are_refused(options, error, message: str) -> None:
    with pytest.raises(error, match=message):
        cp.verify("004.eq51", **options)


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(cp.UsageError, match="no CUDA device"):
        cp.verify("004.eq51", device="cuda")


def test_unknown_ids_suggest_the_nearest() -> None:
    with pytest.raises(cp.SelectionError, match="did you mean 004"):
        cp.verify("004.eq15")


def test_everything_public_is_there() -> None:
    assert all(hasattr(cp, name) for name in cp.__all__)
