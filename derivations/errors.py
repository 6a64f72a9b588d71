"""The project's exceptions: one root, and messages that name the argument, its value and the remedy."""

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True


class CrossproofError(Exception):
    """Root of every error that crossproof raises on purpose."""


class ClaimError(CrossproofError):
    """A claim is malformed: a duplicate id, a symbol outside its domain, sides of different shapes."""


class DomainError(CrossproofError, ValueError):
    """A value lies outside the domain on which a claim or function is stated."""


class ParsingError(CrossproofError, ValueError):
    """A text is not an expression, relation or range that can be read."""


class PrintingError(CrossproofError):
    """An expression cannot be turned into code without changing its meaning."""


class NumericsError(CrossproofError):
    """A solver or simulator cannot answer at the requested accuracy."""


class UndefinedError(NumericsError):
    """An expression has no real value at a point; `expr` is the part that has none."""

    def __init__(self, message: str, expr: object = None) -> None:
        super().__init__(message)
        self.expr = expr


class SelectionError(CrossproofError):
    """A selector names no claim."""


class UsageError(CrossproofError):
    """A command line or public call that cannot be carried out as given."""


class WitnessError(CrossproofError):
    """A witness broke its own contract (returned NaN, or something that is not a finding)."""


class CrossproofWarning(UserWarning):
    """Root of every warning that crossproof gives."""


class RefutedFormulaWarning(CrossproofWarning):
    """A function of a formula that the document states and the witnesses refute; the message names its repair."""


class AccuracyWarning(CrossproofWarning):
    """A value of a formula is not known to six digits."""
