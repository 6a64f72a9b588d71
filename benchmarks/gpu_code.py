"""Instructions of the GPU kernels, read from their machine code: ``python benchmarks/gpu_code.py [--capability 90]``.

No GPU is needed, and nothing is measured. Triton compiles the kernels of the benchmarks and NVIDIA's disassembler (it
comes with Triton) lists them; instructions between the target of the longest backward jump and the jump are those of
the time loop. What they would cost is a bound from above on the rate and no more: a processor that starts `LANES`
instructions in each cycle of its clock, and never waits.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import equations
from problem import HORIZON, STEPS

from crossproof.numerics.kernels.triton_kernels import BLOCK, WARPS, assembly
from crossproof.numerics.kernels.triton_source import steps_together
from crossproof.numerics.random.increments import DType
from crossproof.numerics.simulation.simulate import plan_of

#: Lanes that start an instruction each cycle, and the highest clock, of an H200: 132 multiprocessors of four times 32.
LANES, CLOCK = 132 * 128, 1.98e9

_INSTRUCTION = re.compile(r"^\s*/\*[0-9a-f]+\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9.]*)(.*?);")
_LABEL = re.compile(r"^(\.L_x_\d+):")
_TARGET = re.compile(r"\.L_x_\d+")


def time_loop(listing: str) -> list[str]:
    """Return the names of the instructions in the longest loop of a disassembled kernel."""
    names: list[str] = []
    places: dict[str, int] = {}
    longest = (0, 0)
    for line in listing.splitlines():
        if label := _LABEL.match(line):
            places[label[1]] = len(names)
        elif found := _INSTRUCTION.match(line):
            names.append(found[1])
            target = _TARGET.search(found[2])
            if found[1].startswith("BRA") and target and target[0] in places:
                longest = max(longest, (len(names) - places[target[0]], len(names)))
    size, end = longest
    return names[end - size : end]


def disassembled(cubin: bytes) -> str:
    """Return the listing of machine code."""
    import triton

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kernel.cubin"
        file.write_bytes(cubin)
        command = [triton.knobs.nvidia.nvdisasm.path, "-c", str(file)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Print a row for each kernel."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--capability", type=int, default=90, help="ten times the compute capability")
    capability = parser.parse_args().capability
    problems: list[tuple[str, equations.Problem, DType]] = [
        ("scalar", equations.scalar(), "float32"),
        ("scalar", equations.scalar(), "float64"),
        ("modewise", equations.modewise(), "float32"),
        ("three-dimensional", equations.three_dimensional(), "float32"),
    ]
    print("kernel, instructions a path-step, bound of path-steps/s on an H200, most frequent")
    for name, problem, dtype in problems:
        plan = plan_of(
            problem.sde,
            problem.parameters,
            problem.start,
            horizon=HORIZON,
            steps=STEPS,
            paths=BLOCK,
            key=(0, 0),
            dtype=dtype,
        )
        step = plan.one_step
        loop = time_loop(disassembled(assembly(plan, capability)["cubin"]))
        together = steps_together(len(step.noises), step.law, dtype) * BLOCK // (32 * WARPS)
        each = len(loop) / together
        common = ", ".join(
            f"{n / together:.1f} {kind}" for kind, n in Counter(x.split(".")[0] for x in loop).most_common(6)
        )
        print(f"{name} {dtype}: {each:.1f}, {LANES * CLOCK / each:.1e}; {common}")


if __name__ == "__main__":
    main()
