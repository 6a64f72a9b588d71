"""Virtual environments of the peers, made on first use under ``build/benchmarks`` (ignored by git)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent / "build" / "benchmarks"
#: torch is named with its installed version, build label included, and is found where it is: nothing is downloaded.
REQUIREMENTS = {
    "jax": ("jax==0.10.2", "diffrax==0.7.2"),
    "torchsde": (f"torch=={torch.__version__}", "torchsde==0.2.6"),
}
SHARES_TORCH = {"torchsde"}


class PeerMissingError(Exception):
    """A peer cannot run here, with the reason."""


def environment(name: str) -> Path:
    """Return the interpreter of the environment `name`, created with its requirements if need be.

    Raises
    ------
    PeerMissingError
        If it cannot be created; the message ends with pip's last line.
    """
    folder, wanted = ROOT / name, "\n".join((sys.version, *REQUIREMENTS[name]))
    python, stamp = folder / "bin" / "python", folder / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"creating {folder.relative_to(ROOT.parent.parent)} with {', '.join(REQUIREMENTS[name])}", file=sys.stderr)
    _run(sys.executable, "-m", "venv", "--clear", str(folder))
    if name in SHARES_TORCH:
        (packages,) = folder.glob("lib/python*/site-packages")
        (packages / "torch_of_crossproof.pth").write_text(str(Path(torch.__file__).parents[1]))
    _run(str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS[name])
    stamp.write_text(wanted)
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise PeerMissingError(f"{' '.join(command[1:4])} failed: {last}")
