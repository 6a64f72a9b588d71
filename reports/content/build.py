"""What a report says, built from verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from ...checks.evidence import Evidence, Outcome, Verdict
from ...checks.sources.independence import modules_of
from ...derivations.claim import CLAIMS
from ...derivations.expressions import as_printed
from .difference import changes
from .documents import document
from .model import Change, Coordinate, Entry, EvidenceItem, Failure, Link, Report, Section, Step
from .papers import remarks
from .simpler import exact_point, simplest
from .wording import HAS_VALUE, NOWHERE, cut, headline, independence, relative, reproduce, resolutions, spelled
from .worked import steps

if TYPE_CHECKING:
    from ...checks.runs.verify import Run
    from ...derivations.claim import Claim
    from ..pictures.picture import Picture

#: How an outcome is called; a refuted reading that the document does not state has its own label.
LABELS = {o: str(o) for o in Outcome}
UNSTATED_LABEL = "refuted reading"
#: A name that SymPy can typeset, e.g. ``zeta``, ``theta_1`` or ``d_{l-1}``.
_SYMBOL = re.compile(r"[A-Za-z]\w*(_\{[\w+-]+\})?")


def build(
    verdicts: Sequence[Verdict],
    run_info: Mapping[str, Any] | None = None,
    pictures: Mapping[str, Picture] | None = None,
) -> Report:
    """Return the content of a report on `verdicts`.

    Parameters
    ----------
    verdicts : sequence of Verdict
        Verdicts in the order in which the claims appear within their documents.
    run_info : mapping, optional
        Facts about the run (``effort``, ``seed``, ``device``, ``seconds``, ...), shown as given; a verdict that
        carries its own ``run`` is reproduced with that one.
    pictures : mapping, optional
        Pictures of claims, by their ids.
    """
    info = dict(run_info or {})
    here = {v.claim.id: v for v in verdicts}
    repairs = _repairs(here)
    by_document: dict[str, list[Entry]] = {}
    for verdict in verdicts:
        shown = entry(verdict, here, info, repairs, worked=True, picture=(pictures or {}).get(verdict.claim.id))
        by_document.setdefault(verdict.claim.document, []).append(shown)
    facts = tuple((key, _fact(key, value)) for key, value in info.items() if value not in (None, "", []))
    sections = tuple(Section(name, tuple(by_document[name])) for name in sorted(by_document))
    return Report("crossproof report", facts, sections, _versions(verdicts))


def entry(
    verdict: Verdict,
    here: Mapping[str, Verdict] | None = None,
    run_info: Mapping[str, Any] | None = None,
    repairs: Mapping[str, Sequence[str]] | None = None,
    *,
    worked: bool = False,
    picture: Picture | None = None,
) -> Entry:
    """Return the content on one claim.

    Parameters
    ----------
    verdict : Verdict
        The verdict.
    here : mapping, optional
        The verdicts that the same report shows, by claim id.
    run_info : mapping, optional
        Facts about the run.
    repairs : mapping, optional
        Ids of the claims that repair a claim, by its id; looked for when it is not given.
    worked : bool
        Whether to work out counterexamples, what repairs change, and how a proof goes.
    picture : Picture, optional
        Its picture.
    """
    claim, known = verdict.claim, here or {}
    repaired_by = (_repairs(known) if repairs is None else repairs).get(claim.id, ())
    run = {**(run_info or {}), **verdict.run}

    def link(id: str) -> Link:
        return Link(id, str(known[id].outcome) if id in known else None, id in known)

    return Entry(
        id=claim.id,
        title=claim.title,
        document=claim.document,
        place=claim.source.place,
        statement=spelled(claim.statement.latex()),
        written=tuple((name, spelled(as_printed(expr))) for name, expr in claim.written),
        domain=spelled(claim.domain.latex()),
        given=claim.given,
        reading=claim.reading,
        stated=claim.stated,
        note=claim.note,
        outcome=verdict.outcome,
        label=LABELS[verdict.outcome] if claim.stated or verdict.outcome is not Outcome.REFUTED else UNSTATED_LABEL,
        headline=cut(headline(verdict)),
        kinds=tuple(str(k) for k in verdict.kinds),
        independence=independence(verdict),
        evidence=tuple(_item(e) for e in verdict.evidence),
        failure=_failure(verdict, _claim(repaired_by, known) if worked else None, worked=worked),
        contradiction=verdict.contradiction,
        repairs=link(claim.repairs) if claim.repairs else None,
        repaired_by=tuple(map(link, repaired_by)),
        reproduce=reproduce(claim.id, run),
        printed=claim.printed,
        rederived=document(claim.document).lost and not claim.repairs and "\\text" not in claim.printed,
        subject=_subject(claim.module),
        changes=_changes(claim, known) if worked else (),
        remark=remarks(claim.document).get(claim.id),
        argument=_argument(verdict) if worked else (),
        picture=picture,
    )


def _argument(verdict: Verdict) -> tuple[Step, ...]:
    from .argument.choose import argument  # with it come the witnesses, and torch

    return argument(verdict)


def _claim(ids: Sequence[str], known: Mapping[str, Verdict]) -> Claim | None:
    """Return the first of the named claims that is in the report or registered."""
    found = ((known[i].claim if i in known else CLAIMS.get(i)) for i in ids)
    return next((c for c in found if c is not None), None)


def _changes(claim: Claim, known: Mapping[str, Verdict]) -> tuple[Change, ...]:
    old = _claim((claim.repairs,), known) if claim.repairs else None
    return changes(old, claim) if old is not None else ()


def _subject(module: str) -> str:
    """Return the subject of a claim: the name of the module or file that states it, as words."""
    return re.split(r"[./\\]", module.removesuffix(".toml"))[-1].replace("_", " ") or "others"


def _repairs(here: Mapping[str, Verdict]) -> dict[str, list[str]]:
    """Return the ids of the claims that repair a claim, by its id: those that are registered or in the report."""
    found: dict[str, list[str]] = {}
    for candidate in {**CLAIMS, **{v.claim.id: v.claim for v in here.values()}}.values():
        if candidate.repairs is not None:
            found.setdefault(candidate.repairs, []).append(candidate.id)
    return found


def _item(evidence: Evidence) -> EvidenceItem:
    finding = evidence.finding
    facts = []
    if finding.resolution is not None:
        facts.append(f"would have caught a deviation of {relative(finding.resolution)}")
    if finding.effect is not None:
        facts.append(f"deviation {relative(finding.effect)}")
    if finding.level is not None:
        facts.append(f"level {finding.level:.2g}")
    if evidence.seed is not None:
        facts.append(f"seed {evidence.seed}")
    facts += [f"simulated by {one}" for one in evidence.simulations]
    facts.append(f"{evidence.seconds:.2g} s")
    return EvidenceItem(
        evidence.witness,
        str(evidence.kind),
        finding.outcome,
        cut(finding.detail),
        cut(evidence.starts_from),
        ", ".join(modules_of(evidence.code)),
        tuple(facts),
        evidence.seconds,
    )


def run_json(run: Run) -> dict[str, Any]:
    """Return a run as plain data (JSON types only), with the resolution of every kind of evidence on a claim."""
    plain = run.to_json()
    for claim, verdict in zip(plain["claims"], run.verdicts, strict=True):
        claim["resolutions"] = {str(kind): value for kind, value in resolutions(verdict.evidence).items()}
    return plain


def _failure(verdict: Verdict, repair: Claim | None = None, *, worked: bool = False) -> Failure | None:
    counterexample = verdict.counterexample
    if counterexample is None:
        return None
    point = tuple(_coordinate(name, value) for name, value in counterexample.point.items())
    rows = [("stated", cut(counterexample.stated)), ("found", cut(counterexample.found))]
    if verdict.outcome is not Outcome.UNDEFINED:
        found = exact_point(verdict.claim, counterexample) if worked else None
        better = simplest(verdict.claim, found) if found is not None else None
        simple = tuple(_coordinate(s.name, str(v)) for s, v in better.items()) if better and better != found else ()
        rows.append(("gap", cut(counterexample.gap)))
        return Failure("counterexample", point, tuple(rows), steps(verdict, repair, better), simple)
    if counterexample.stated.endswith(HAS_VALUE) and counterexample.gap != NOWHERE:
        rows.append(("defined for", cut(counterexample.gap)))
    return Failure("without meaning", point, tuple(rows))


def _coordinate(name: str, value: str) -> Coordinate:
    latex = spelled(sp.latex(sp.Symbol(name))) if _SYMBOL.fullmatch(name) else ""
    return Coordinate(cut(name), latex, cut(value))


def _versions(verdicts: Iterable[Verdict]) -> tuple[tuple[str, str], ...]:
    """Return every version that any evidence was computed with; several of one package are all named."""
    found: dict[str, set[str]] = {}
    for verdict in verdicts:
        for evidence in verdict.evidence:
            for package, number in evidence.versions.items():
                found.setdefault(package, set()).add(number)
    return tuple((package, ", ".join(sorted(numbers))) for package, numbers in sorted(found.items()))


def _fact(key: str, value: Any) -> str:
    if key == "seconds":
        return f"{float(value):.1f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)
