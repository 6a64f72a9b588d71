"""A second solver for nonlinear real arithmetic (cvc5), with a translation of its own.

It answers in a process of its own, whose CPU time the system limits: some of its procedures overlook every limit.
"""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from collections.abc import Iterable
from typing import Any, Literal

from .second_translation import InexpressibleError, question

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


def second_opinion(claim: Any, conditions: Iterable[Any], seconds: float) -> Opinion:
    """Return whether cvc5 finds a point where the conditions hold and the claim fails or has no value.

    Parameters
    ----------
    claim, conditions : sympy relations, or And, Or, Not of relations
        As given to :func:`~crossproof.numerics.signs.decide.decide`; "unknown" where there is no translation.
    seconds : float
        CPU seconds that it may take, rounded up to a whole number; "missing" where cvc5 is not installed.
    """
    if importlib.util.find_spec("cvc5") is None:
        return "missing"
    try:
        return answer(question(claim, conditions), seconds)
    except InexpressibleError:
        return "unknown"


def answer(text: str, seconds: float) -> Opinion:
    """Return what cvc5 says of declarations and assertions over the reals in SMT-LIB 2, ending with ``(check-sat)``."""
    limit = max(math.ceil(seconds), 1)
    try:
        found = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM, str(limit)],
            input=text,
            capture_output=True,
            text=True,
            timeout=_BUSY * (limit + 1),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "unknown"
    words = found.stdout.split()
    return "unsat" if "unsat" in words else "sat" if "sat" in words else "unknown"
