"""Every block of README and docs: Python runs, commands parse, TOML holds claims, a printed verdict is the verdict."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import crossproof as cp
from crossproof.cli import parser
from crossproof.derivations.text.claims import read_claims

ROOT = Path(cp.__file__).parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: Pages whose Python takes more than ten seconds: they verify claims at default effort, or start workers.
SLOW = {"README.md", "claims.md", "notebook.md", "python.md", "witness.md", "verdict.md"}
#: What else a command line may start with.
OTHERS = ("make", "pip", "nvcc", ".", ".venv/bin/pip", "mkdir", "cd")


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, and the indented ones that are commands."""
    found, rest = [], page.read_text(encoding="utf-8")
    for fence in re.finditer(r"^```(\w*)\n(.*?)^```$", rest, re.DOTALL | re.MULTILINE):
        line = rest[: fence.start()].count("\n") + 1
        found.append(Block(page, line, fence[1], fence[2]))
    rest = re.sub(r"^```\w*\n.*?^```$", lambda m: "\n" * m[0].count("\n"), rest, flags=re.DOTALL | re.MULTILINE)
    commands = re.compile(r"^    ((?:crossproof|pytest|python|make|pip) .*(?:\\\n.*)*)$", re.MULTILINE)
    return found + [
        Block(page, rest[: c.start()].count("\n") + 1, "console", f"$ {c[1]}\n") for c in commands.finditer(rest)
    ]


ALL = [block for page in PAGES for block in blocks(page)]


def chosen(language: str) -> list[object]:
    slow = [pytest.mark.slow] if language in ("python", "") else []
    return [
        pytest.param(block, id=str(block), marks=slow if block.page.name in SLOW else [])
        for block in ALL
        if block.language == language
    ]


def test_every_block_says_what_it_is() -> None:
    assert {b.language for b in ALL} <= {"python", "console", "toml", ""}
    assert {b.page.name for b in ALL if b.language == "python"} >= {"README.md", "claims.md", "soundness.md", "003.md"}


@pytest.mark.parametrize("block", chosen("python"))
def test_python_runs(block: Block, tmp_path: Path) -> None:
    assert not re.search(r"^\s*(from|import) crossproof\.", block.text, re.MULTILINE), "documented code imports deeper"
    texts = [other.text for other in ALL if other.page == block.page and other.language == "toml"]
    if texts:  # what the reader has written to a file in the steps before
        document = re.search(r'^document = "(\w+)"', texts[0], re.MULTILINE)
        assert document
        (tmp_path / f"{document[1]}.toml").write_text("\n".join(texts), encoding="utf-8")
    python = [sys.executable, "-W", "error", "-"]
    run = subprocess.run(python, input=block.text, capture_output=True, text=True, cwd=tmp_path, timeout=900)
    assert run.returncode == 0, f"{block}: {run.stderr}"


@pytest.mark.parametrize("block", chosen("console"))
def test_commands_are_understood(block: Block, request: pytest.FixtureRequest) -> None:
    lines = [line[2:] for line in block.text.replace("\\\n", " ").splitlines() if line.startswith("$ ")]
    assert lines
    for line in lines:
        command, *arguments = shlex.split(line, comments=True)
        if command == "crossproof":
            parser().parse_args(arguments)
        elif command == "pytest":
            for argument in arguments:
                if argument.startswith("--crossproof"):
                    request.config.getoption(argument)
        elif command == "python" and arguments[0] != "-m":
            script = arguments[0]
            assert (ROOT / script).is_file(), script
        else:
            assert command in (*OTHERS, "python"), line
            if command == "make":
                assert f"\n{arguments[0]}:" in (ROOT / "Makefile").read_text(), line


def test_a_wrong_command_is_noticed(request: pytest.FixtureRequest) -> None:
    for line in ("$ crossproof verify --efort quick", "$ crossproof check 004."):
        with pytest.raises(cp.UsageError):
            test_commands_are_understood(Block(ROOT / "README.md", 1, "console", line), request)
    with pytest.raises(ValueError, match="no option named"):
        test_commands_are_understood(Block(ROOT / "README.md", 1, "console", "$ pytest --crossproofs"), request)


@pytest.mark.parametrize("block", chosen("toml"))
def test_toml_holds_claims(block: Block) -> None:
    claims, problems = read_claims(block.text)
    assert claims
    assert not problems


@pytest.mark.slow
def test_the_gallery_has_the_outcomes_it_says() -> None:
    texts = [block.text for block in ALL if block.page.name == "gallery.md"]
    said = [re.match(r"# (\w+)$", text, re.MULTILINE) for text in texts]
    assert all(said)
    assert len(said) >= 10
    run = cp.verify_all("gallery.", modules=["\n".join(texts)], effort="quick", device="cpu")
    assert [str(verdict.outcome) for verdict in run.verdicts] == [word[1] for word in said if word]


@pytest.mark.parametrize("block", chosen(""))
def test_a_printed_verdict_is_the_verdict(block: Block) -> None:
    assert str(cp.verify(block.text.partition(":")[0], device="cpu")) == block.text.strip()


def test_every_page_is_in_the_contents_of_the_site() -> None:
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        assert f": {page.relative_to(ROOT / 'docs')}\n" in contents, page


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_files_that_a_page_names_are_there() -> None:
    named = re.compile(r"`((?:checks|numerics|derivations|reports|tests|benchmarks)/[\w/]+(?:\.py|/))`")
    for page in PAGES:
        for name in named.findall(page.read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), f"{page.name}: {name}"
