"""A second solver for nonlinear real arithmetic (cvc5), asked the same question as the first in SMT-LIB.

It answers in a process of its own, whose CPU time the system limits: some of its procedures overlook every limit.
"""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from typing import Literal

Opinion = Literal["sat", "unsat", "unknown", "missing"]

#: Wall-clock seconds for each second of CPU time after which a process that does not run is given up.
_BUSY = 20

_PROGRAM = """
import resource, sys
import cvc5
start = resource.getrusage(resource.RUSAGE_SELF)
limit = int(start.ru_utime + start.ru_stime) + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
solver = cvc5.Solver(cvc5.TermManager())
parser = cvc5.InputParser(solver)
parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, "(set-logic QF_NRA)\\n" + sys.stdin.read(), "question")
names = parser.getSymbolManager()
while not (command := parser.nextCommand()).isNull():
    print(str(command.invoke(solver, names)).strip(), flush=True)
"""


def second_opinion(question: str, seconds: float) -> Opinion:
    """Return what cvc5 says of a question in SMT-LIB 2, "missing" where it is not installed.

    Parameters
    ----------
    question : str
        Declarations and assertions over the reals, ending with ``(check-sat)``.
    seconds : float
        CPU seconds that it may take, rounded up to a whole number.
    """
    if importlib.util.find_spec("cvc5") is None:
        return "missing"
    limit = max(math.ceil(seconds), 1)
    try:
        found = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM, str(limit)],
            input=question,
            capture_output=True,
            text=True,
            timeout=_BUSY * (limit + 1),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "unknown"
    words = found.stdout.split()
    return "unsat" if "unsat" in words else "sat" if "sat" in words else "unknown"
