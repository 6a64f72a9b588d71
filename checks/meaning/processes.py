"""What a claim about a process means: its image under a function, where that is smooth, and where it has values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sympy as sp

from ...derivations.calculus.paths import ExtendedPath, extend
from ...derivations.calculus.smoothness import Smoothness, resolved, sign_with_exponentials, smoothness
from ...derivations.domain import Domain
from ...derivations.errors import DomainError
from ...derivations.expressions import canonical
from ...derivations.positivity import sign_on
from ...derivations.processes.growth import moments, state_range
from ...derivations.processes.ito import canonical_sde
from ...derivations.processes.sde import SDE
from ...derivations.ranges import Positive, Range, Real
from ...derivations.statements.processes import PathSolution, SDETransform
from ..evidence import Finding
from ..judgement.definedness import definedness
from ..judgement.domain_signs import certified_sign
from ..judgement.findings import undecided, undefined
from ..judgement.normal_forms import vanishes
from .local_laws import local_laws
from .state_pieces import Unresolved

#: Sharing this module does not make two witnesses dependent.
COMMON_GROUND = True

#: Points at which a start outside of the range is looked for.
_STARTS = 40


@dataclass(frozen=True)
class ImageProcess:
    """Z = f(X), asserted to solve a scalar equation of given drift and variance rate (as functions of Z).

    Parameters
    ----------
    source : SDE
        Equation of X.
    function : sympy.Expr
        f, its pieces resolved on the domain.
    image : Symbol
        Z; an assumed sign is part of what is asserted.
    drift, variance : sympy.Expr
        Asserted, in Z.
    domain : Domain
        Ranges of the state and the parameters.
    smooth : Smoothness
        Of f.
    """

    source: SDE
    function: sp.Expr
    image: sp.Symbol
    drift: sp.Expr
    variance: sp.Expr
    domain: Domain
    smooth: Smoothness

    def at_image(self, e: sp.Expr) -> sp.Expr:
        """Return an expression in Z as one in X, its pieces resolved."""
        return resolved(e.subs(self.image, self.function), self.domain)


def image_process(source: SDE, function: sp.Expr, target: SDE, domain: Domain) -> ImageProcess:
    """Return the image of `source` under `function` that is asserted to solve `target`."""
    plain, asserted = canonical_sde(source), canonical_sde(target)
    f = resolved(canonical(function), domain)
    coefficients = [m.applyfunc(lambda e: resolved(e, domain)) for m in (plain.drift, plain.diffusion)]
    resolved_source = SDE(plain.state, coefficients[0], coefficients[1], plain.calculus)
    image, drift, variance = asserted.scalar()
    return ImageProcess(resolved_source, f, image, drift, variance, domain, smoothness(f, domain))


def meaning(expressions: Iterable[sp.Expr], domain: Domain) -> Finding | None:
    """Return why expressions, as written, have no established value on the whole domain; None where they have."""
    found = definedness(expressions, domain)
    if found.status == "undefined" and found.point is not None:
        return undefined(f"{found.reason}.", found.point, found.expr, found.works)
    return undecided(f"{found.reason}.") if found.status == "open" else None


def unsettled(z: ImageProcess, parts: Iterable[sp.Expr]) -> Finding | None:
    """Return why Ito's formula is not known to hold for an image wherever the process may be; None where it is.

    Parameters
    ----------
    z : ImageProcess
        The image.
    parts : iterable of Expr
        What must have values on its domain, as written.
    """
    found = meaning(parts, z.domain)
    if found is not None:
        return found
    if z.image.is_nonnegative:
        signs = ("positive",) if z.image.is_positive else ("positive", "nonnegative", "zero")
        if sign_with_exponentials(z.function, z.domain) not in signs:
            return undecided(f"it is not shown that {z.function} lies in the range that {z.image} is declared to have.")
    if z.smooth.established:
        return None
    rough = ", ".join(map(str, (*(sp.Abs(u) for u in z.smooth.kinks), *z.smooth.open)))
    return undecided(f"{z.function} is not shown to have two continuous derivatives, for {rough}.")


def path_image(statement: PathSolution, domain: Domain) -> tuple[PathSolution, ExtendedPath, ImageProcess]:
    """Return a functional at positive times, its extended path and its image wherever paths may be.

    Time is taken positive: at time 0 the path is at its start.
    """
    later = sp.Symbol(statement.time.name, positive=True)
    swap = {statement.time: later}
    sde = statement.sde
    moved = replace(
        statement,
        time=later,
        solution=statement.solution.xreplace(swap),
        sde=SDE(sde.state, sde.drift.xreplace(swap), sde.diffusion.xreplace(swap), sde.calculus),
    )
    path = extend(moved)
    extra: dict[str, Range] = {s.name: Positive if s.is_positive else Real for s in (path.brownian, *path.integrals)}
    ranges = {s.name: r for s, r in domain.ranges.items() if s != sde.state[0]}
    clash = extra.keys() & ranges.keys()
    if clash:
        raise DomainError(f"parameters {sorted(clash)} are names of path coordinates; rename them")
    if not statement.time.is_positive:
        ranges[later.name] = Positive
    return moved, path, image_process(path.sde, path.value, moved.sde, Domain(**{**extra, **ranges}))


def transform_unsettled(statement: SDETransform, domain: Domain) -> Finding | None:
    """Return why a transform is not known to follow Ito's formula on its domain; None where it is."""
    z = image_process(statement.source, statement.function, statement.target, domain)
    return unsettled(z, [statement.function, *statement.source.drift, *statement.source.diffusion])


def path_unsettled(statement: PathSolution, domain: Domain) -> Finding | None:
    """Return why a path functional is not known to be smooth wherever paths may go; None where it is."""
    _, path, z = path_image(statement, domain)
    return unsettled(z, [path.value, *path.integrands])


def start_unsettled(sde: SDE, start: sp.Expr, domain: Domain) -> Finding | None:
    """Return why a scalar process is not seen to start in the range of its state; None where it is.

    A process that is kept off an end by its equation has no business there; what starts at another may stay, or not.
    """
    x = sde.state[0]
    low, high = state_range(x, domain)
    known = moments(sde, domain)
    ends = known is not None and known.exists and not known.inverse
    within = ("positive", "nonnegative", "zero") if ends else ("positive",)
    for end, gap, side in ((low, start - low, "above"), (high, high - start, "below")):
        if end.is_infinite or sign_on(domain, gap) in within:
            continue
        point = next((p for p in domain.points(_STARTS) if certified_sign(gap, p) == -1), None)
        words = f"the start {start} is not seen to lie {side} {end}."
        return undecided(words) if point is None else undefined(words, point, f"the process from {start}")
    return None


def half_line_kept(sde: SDE, domain: Domain) -> Finding | None:
    """Return why a scalar process is not seen to have (0, oo) for itself and 0 as a rest point; None where it has.

    Drift and noise vanish at 0; they have values inside, where the noise has no zero at which paths may be held up.
    """
    x, drift, variance = sde.scalar()
    values = [sp.sympify(e).subs(x, 0) for e in (drift, variance)]
    if not all(vanishes(e) for e in values):
        return undecided(f"drift and noise are not seen to vanish at 0, where they are {values[0]} and {values[1]}.")
    parameters = Domain(**{s.name: r for s, r in domain.ranges.items() if s != x})
    try:
        laws = local_laws(sde, sp.Interval.open(0, sp.oo), parameters)
    except Unresolved as error:
        return undecided(f"the noise is not seen to be positive on (0, oo): {error}.")
    if len(laws) > 1:
        return undecided(f"at {laws[1].piece.low} the coefficients vanish or change their formula.")
    return None
