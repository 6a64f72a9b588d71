"""Claims about any number of modes, examined in networks of several sizes.

Every coefficient is a sum over one hidden mode whose terms hold the named modes and that one only. Such a sum is what
the statement asserts, too: it is right for every number of modes when it is for the named ones and for one more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ....derivations.claim import Claim
from ....derivations.domain import Domain
from ....derivations.ranges import Range
from ....derivations.statements.modes import FURTHER, ModeCoefficient
from ...evidence import Finding, Outcome
from ...judgement.findings import confirmed, proved
from ...witness import Task

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


def sized(claim: Claim, modes: int) -> Claim:
    """Return the claim for exactly so many modes; the range of a further mode is that of each of them."""
    statement = claim.statement
    assert isinstance(statement, ModeCoefficient)
    named, made = statement.target.setting.modes, statement.of_size(modes)
    setting = made.target.setting
    ranges: dict[str, Range] = {}
    for symbol, given in claim.domain.ranges.items():
        if symbol in FURTHER:
            copies = (setting.amplitudes, setting.teacher)[FURTHER.index(symbol)][named:]
            ranges |= {copy.name: given for copy in copies}
        else:
            ranges[symbol.name] = given
    return replace(claim, statement=made, domain=Domain(**ranges))


def in_each_size(
    examine: Callable[[ModeCoefficient, Task], Finding],
    statement: ModeCoefficient,
    task: Task,
    more: Sequence[int],
) -> Finding:
    """Return the first finding that fails among the sizes with `more` modes than are named, else all of them in one."""
    named = statement.target.setting.modes
    if not statement.target.setting.further:
        return examine(statement, task)
    found = []
    for modes in (named + k for k in more):
        claim = sized(task.claim, modes)
        assert isinstance(claim.statement, ModeCoefficient)
        found.append(examine(claim.statement, replace(task, claim=claim, level=task.level / len(more))))
        if found[-1].outcome not in (Outcome.PROVED, Outcome.CONFIRMED):
            return found[-1]
    detail = " ".join(f"{named + k} mode(s): {f.detail}" for k, f in zip(more, found, strict=True))
    if all(f.outcome is Outcome.PROVED for f in found):
        return proved(f"{detail} Each further mode adds one term of a sum over hidden modes.")
    worst = max(f.resolution or 0.0 for f in found)
    return confirmed(detail, worst, level=None if found[-1].level is None else task.level)
