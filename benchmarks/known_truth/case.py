"""A generated claim with its truth, and the argument for that truth.

Everything here is text: nothing of crossproof and nothing of SymPy takes part in making a claim, so that a fault of
either cannot make the truth wrong with the verdict.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Truth(StrEnum):
    """What is known of a claim: it holds, it fails somewhere, or it has no meaning somewhere on its domain."""

    TRUE = "true"
    FALSE = "false"
    UNDEFINED = "undefined"


@dataclass(frozen=True)
class Case:
    """One generated claim.

    Parameters
    ----------
    kind : str
        Type of the statement, as in a file of claims.
    truth : Truth
        What is known.
    fields : mapping
        The fields of the type, by name: a text each, or several.
    domain : mapping
        Ranges of the parameters, in order.
    why : str
        The argument for the truth.
    deviation : float or None
        For a false claim: the relative deviation at `point`; None where any agreement is wrong, whatever its
        resolution.
    point : mapping
        For a false or undefined claim: an exact point of the domain at which that is seen, where there is one.
    partial : bool
        Whether a side may be without value somewhere besides, so that `undefined` is right as well.
    """

    kind: str
    truth: Truth
    fields: Mapping[str, str | tuple[str, ...]]
    domain: Mapping[str, str]
    why: str
    deviation: float | None = None
    point: Mapping[str, Fraction] | None = None
    partial: bool = False

    def toml(self, id: str) -> str:
        """Return the claim as a table of a TOML file; the argument for its truth stands in no field that is read."""
        fields = {"id": id, "title": id, "document": "generated", "place": id, "type": self.kind, **self.fields}
        lines = ["[[claim]]", *(f"{name} = {json.dumps(text)}" for name, text in fields.items())]
        return "\n".join([*lines, "[claim.domain]", *(f"{n} = {json.dumps(t)}" for n, t in self.domain.items()), ""])
