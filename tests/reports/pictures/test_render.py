"""Files of pictures: the same bytes again, readable without colours or eyes, whole or not at all."""

import re
import sys
import xml.dom.minidom

import numpy as np
import pytest

import crossproof as cp
from crossproof.checks.evidence import combine
from crossproof.cli import main
from crossproof.derivations.errors import UsageError
from crossproof.reports.pictures.picture import Axis, Band, Bars, Curve, Intervals, Mark, Panel, Picture, Rule
from crossproof.reports.pictures.render import page_colours, pdf_of, png_of, svg_for_page, svg_of

x = np.linspace(1, 2, 9)
CLAIMS = """
[[claim]]
id = "own.1"
title = "A wrong product."
document = "own"
place = "eq. (1)"
type = "identity"
equation = "sin(2*x) == sin(x)*cos(x)"
domain = {x = "real"}
"""


def made(label=r"$\hat{s}$", claim="own.1"):
    panel = Panel(
        Axis(label, 1, 2), Axis("value", 0.5, 5, logarithmic=True), (Curve("$x^2$ & <more>", x, x**2, "stated"),),
        (Band("band", x, x, x**2),), (Bars("bars", x, x[1:]),), (Intervals("measured", x, x, x - 0.1, x + 0.1),),
        (Mark("counterexample", 1.5, 1.5, 2.25),), (Rule("limit", 3.0), Rule("", 1.2, upright=True)),
    )  # fmt: skip
    return Picture("kind", claim, "own.1: 1 < 2", (panel,), "What is <shown> at k = 1.")


def test_svg_is_the_same_again_and_says_what_it_shows():
    one, again = svg_of(made()), svg_of(made())
    assert one == again
    assert one.startswith("<svg")
    document = xml.dom.minidom.parseString(one)
    assert document.getElementsByTagName("title")[0].firstChild.data == "own.1: 1 < 2"
    assert document.getElementsByTagName("desc")[0].firstChild.data == "kind. What is <shown> at k = 1."
    assert document.documentElement.getAttribute("role") == "img"
    texts = "".join(node.toxml() for node in document.getElementsByTagName("text"))
    assert "counterexample" in texts
    assert "measured" in texts
    assert not re.search(r"\b20\d\d-\d\d-\d\d", one)
    assert len(one) < 60_000


def luminance(colour):
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_page_colours_its_pictures_light_and_dark():
    alone, in_page = svg_of(made()), svg_for_page(made())
    assert re.search("#[0-9a-f]{6}", alone)
    assert not re.search(": *#[0-9a-f]{6}", in_page)
    named = set(re.findall(r"var\(--picture-(\w+)\)", in_page))
    assert {"text", "grid", "stated", "found"} <= named
    light, dark = page_colours().split("@media screen and (prefers-color-scheme: dark)")
    for style in (light, dark):
        set_here = dict(re.findall(r"--picture-(\w+): (#[0-9a-f]{6})", style))
        assert named <= set(set_here)
        # letters and lines against the paper: WCAG asks for 4.5 and 3
        assert contrast(set_here["text"], set_here["paper"]) > 7
        assert all(contrast(set_here[role], set_here["paper"]) > 4.5 for role in ("stated", "found", "aid", "mark"))


def test_ids_of_two_pictures_do_not_meet():
    one, other, dark = svg_of(made()), svg_of(made(claim="own.2")), svg_of(made(), dark=True)
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (one, other, dark)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]
    used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', one))
    assert {a or b for a, b in used} <= ids[0]
    assert one != dark


def test_other_formats_are_the_same_again():
    for render, head in ((pdf_of, b"%PDF"), (png_of, b"\x89PNG")):
        assert render(made()).startswith(head)
        assert render(made()) == render(made())
    assert b"CreationDate" not in pdf_of(made())
    assert made()._repr_png_().startswith(b"\x89PNG")
    assert made()._repr_svg_().startswith("<svg")


def test_a_name_that_no_typesetter_reads_is_shown_as_text():
    assert "notacommand" in svg_of(made(label=r"$\notacommand{x}$"))
    assert "50 $" in svg_of(made(label="50 $"))


def test_nothing_half_written(tmp_path, monkeypatch):
    for name, remedy in (("a.gif", "none of .svg"), ("none/a.svg", "no folder"), ("a", "no suffix")):
        with pytest.raises(UsageError, match=remedy):
            made().save(tmp_path / name)
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(UsageError, match="folder"):
        made().save(tmp_path / "a.svg")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match=r"install crossproof\[figures\]"):
        made().save(tmp_path / "b.svg")
    assert [p.name for p in tmp_path.iterdir()] == ["a.svg"]


def test_a_picture_of_a_claim_that_stands_in_no_file():
    k = cp.positive("k")
    claim, other = (
        cp.Claim(id, "Powers.", cp.Source("own", "(2)"), cp.Identity(k * k, k**2), cp.Domain(k=cp.Positive))
        for id in ("own.2", "own.3")
    )
    assert np.allclose(cp.picture(claim).panels[0].curves[0].y, cp.picture(claim).panels[0].curves[0].x ** 2)
    with pytest.raises(UsageError, match=r"verdict is on own\.3"):
        cp.picture(claim, combine(other, []))
    with pytest.raises(cp.SelectionError):
        cp.picture("own.9")


def test_the_command_draws_a_claim_of_a_file(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSPROOF_HOME", str(tmp_path / "home"))
    (tmp_path / "own.toml").write_text(CLAIMS)
    shared = ["--claims", "own.toml", "--effort", "quick", "--workers", "1"]
    assert main(["plot", "own.1", "--out", "own.svg", *shared]) == 0
    text = (tmp_path / "own.svg").read_text()
    assert "counterexample" in text
    assert "the counterexample is at x = " in capsys.readouterr().out
    for wrong in (["own.1", "--out", "own.bmp"], ["own.9", "--out", "b.svg"], ["own.1", "--out", "no/b.svg"]):
        assert main(["plot", *wrong, *shared]) == 2
        said = capsys.readouterr().err
        assert said.startswith("crossproof: error: ")
        assert said.count("\n") == 1
    assert sorted(p.name for p in tmp_path.glob("*.*")) == ["own.svg", "own.toml"]
