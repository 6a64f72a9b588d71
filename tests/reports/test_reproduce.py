"""Experiments are found by id or document, draw their pictures, and repeat with their seed."""

import numpy as np
import pytest

from crossproof.checks.runs.unit import load_catalog
from crossproof.derivations.claim import CLAIMS
from crossproof.derivations.errors import UsageError
from crossproof.reports import reproduce as module
from crossproof.reports.experiments import end_of_training_003 as ends
from crossproof.reports.experiments import training_003
from crossproof.reports.reproduce import Curve, Panel, Picture, chosen, draw, load_experiments

load_catalog()


def test_experiments_name_claims_of_the_catalog():
    for made in load_experiments().values():
        assert made.claims
        assert set(made.claims) <= set(CLAIMS)


def test_selectors():
    assert [e.id for e in chosen("003.fig9")] == ["003.fig9"]
    assert {e.id.split(".")[0] for e in chosen("003")} == {"003"}
    assert len(chosen(None)) == len(load_experiments())
    with pytest.raises(UsageError, match=r"003\.fig1"):
        chosen("003.fig99")
    with pytest.raises(UsageError, match="twice"):
        module.experiment("003.fig1", "again", claims=())(lambda seed: None)


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_pictures_of_all_styles(tmp_path, suffix):
    x = np.linspace(1, 2, 5)
    curves = tuple(Curve(s, x, np.array([]) if s == "histogram" else x**2, s) for s in ("line", "dashed", "points"))
    panels = (
        Panel("curves", "x", "y", curves, logarithmic=(True, True), levels=(("teacher", 2.0),)),
        Panel("samples", "x", "density", (Curve("samples", x, np.array([]), "histogram"),)),
    )
    path = tmp_path / f"made.{suffix}"
    draw(Picture(panels, (), ""), "title", path)
    assert path.stat().st_size > 2000


def test_short_training_follows_the_seed():
    one, same, other = (training_003.train(s, name="test", horizon=0.5, replicas=4) for s in (1, 1, 2))
    assert np.array_equal(one.amplitudes, same.amplitudes)
    assert not np.array_equal(one.amplitudes, other.amplitudes)
    assert one.lost == 0


def test_end_of_training_spread_is_that_of_the_noise():
    """256 replicas: the standard deviation of the sample variance is 9 %; four times the noise is seen at 17 sigma."""
    found = ends._final(3, name="test", sigma=0.3, replicas=256)
    expected = ends.RATE * 0.3**2
    assert 0.6 * expected < found.var() < 1.6 * expected


def test_command_writes_pictures(tmp_path, capsys, monkeypatch):
    from crossproof.cli import main

    empty = Picture((Panel("", "", "", ()),), ("found",), "small")
    made = module.Experiment("003.fig0", "none", (), lambda seed: empty)
    monkeypatch.setitem(module._EXPERIMENTS, made.id, made)
    assert main(["reproduce", "003.fig0", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "003.fig0.png").exists()
    assert "found" in capsys.readouterr().out
    assert main(["reproduce", "nothing", "--out", str(tmp_path)]) == 2
