"""Mutants: every kind of change is made, numbers last, equivalent ones are recognised and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from crossproof.checks.audit.equivalence import SAME, UNDEFINED, holds
from crossproof.checks.evidence import Outcome
from crossproof.checks.mutants.mutants import change_named, claim_named, mutants
from crossproof.checks.mutants.mutations import changes
from crossproof.checks.runs.unit import Unit, load_catalog, run_unit
from crossproof.checks.sources.keys import Keys
from crossproof.checks.witness import witnesses_for
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Positive, Real
from crossproof.derivations.statement import Implication
from crossproof.derivations.statements.attractivity import Attractive
from crossproof.derivations.statements.extrema import Inequality
from crossproof.derivations.statements.passage import MeanTimeOrder, Passage
from crossproof.derivations.statements.processes import SDETransform
from crossproof.derivations.statements.scalar import Identity
from crossproof.derivations.statements.stationary import StationaryLaw
from crossproof.derivations.symbols import dimension, positive, real

load_catalog()
a, b, x = positive("a b x")
s1, s2 = positive("s1 s2")
n = dimension("n")


def _claim(statement: Any, domain: Domain) -> Claim:
    return Claim("test.mutants", "A test.", Source("test", "here"), statement, domain)


@pytest.mark.parametrize(
    ("formula", "mutated"),
    [
        (a + 2 * b, a - 2 * b),  # sign of a term
        (a + 2 * b, -a - 2 * b),  # sign of the whole
        (a + 2 * b, a + 4 * b),  # factor 2
        (a + 2 * b, a + b),  # factor 1/2
        (a + 2 * b, a),  # dropped term
        (a + 2 * b, b + 2 * a),  # swapped symbols
        (a + 2 * b, a + sp.Rational(21, 10) * b),  # 5 % on one coefficient
        (a + 2 * b, a + 2 * b**2),  # exponent by 1
        (a + 2 * b, sp.sqrt(a) + 2 * b),  # exponent by 1/2
        (x ** (3 - 4 / n), x ** (4 - 4 / n)),
        (x ** (3 - 4 / n), x ** (3 - 2 / n)),
        (n * x / (n + 1), (n - 1) * x / (n + 1)),  # n against n - 1
        (n * x / (n + 1), x),
        (s1 * (s1 - s2), s2 * (s1 - s2)),  # wrong index, in one place
        (sp.exp(-a * x), sp.exp(a * x)),
        (sp.Sum(x**n, (n, 1, a)), sp.Sum(-(x**n), (n, 1, a))),
        (sp.Integer(0), sp.Integer(1)),
    ],
)
def test_every_scalar_change_is_made(formula: sp.Expr, mutated: sp.Expr) -> None:
    assert mutated in [changed for _, changed in changes(formula)]


def test_changes_differ_from_the_formula_and_from_each_other_and_have_distinct_words() -> None:
    formula = a * (a + 2 * b) ** 2 * sp.exp(-a * x / 2) + n * x
    found = list(changes(formula))
    assert len({changed for _, changed in found} - {formula}) == len(found)
    assert len({words for words, _ in found}) == len(found)


def test_half_exponents_of_signed_bases_are_left_out() -> None:
    y: sp.Symbol = real("y")
    assert not [w for w, e in changes(y**2) if e.has(sp.Rational(1, 2)) and e.is_Pow and e.exp == sp.Rational(3, 2)]


def test_matrix_changes_transpose_and_report_shapes_that_do_not_fit() -> None:
    square = sp.MatrixSymbol("A", n, n)
    other = sp.MatrixSymbol("B", n, 2)
    found = dict(changes(square * other))
    assert found["A transposed"] == square.T * other
    assert isinstance(found["B transposed"], Exception)
    assert sp.MatMul(2, square * other).doit() in [e.doit() for e in found.values() if not isinstance(e, Exception)]


def test_a_changed_matrix_must_have_the_shape_of_the_one_that_it_replaces() -> None:
    column = sp.MatrixSymbol("v", n, 1)
    found = dict(changes(column + column * column.T * column))
    whole = [e for w, e in found.items() if w == f"{column + column * column.T * column} transposed"]
    assert [type(e) for e in whole] == [ClaimError]
    assert "cannot stand for one of shape" in str(whole[0])


def test_a_square_zero_matrix_is_mutated_and_one_of_two_shapes_cannot_be() -> None:
    p, q = dimension("p"), dimension("q")
    assert [new for _, new in changes(sp.ZeroMatrix(p, p))] == [sp.Identity(p)]
    assert not list(changes(sp.ZeroMatrix(p, q)))


def test_an_order_of_two_passages_is_turned_round() -> None:
    flow = SDE((x,), (a - x,), sp.Matrix([[0]]))
    near, far = Passage(flow, a / 4, a / 2), Passage(flow, a / 8, a / 2)
    found = mutants(_claim(MeanTimeOrder(near, far), Domain(a=Positive)))
    assert [(m.change, m.claim and m.claim.statement) for m in found] == [
        ("quicker and slower exchanged", MeanTimeOrder(far, near))
    ]


def test_matrices_inside_a_number_are_not_swapped_with_numbers() -> None:
    square = sp.MatrixSymbol("A", 2, 2)
    assert [w for w, _ in changes(a * b**2 * sp.Trace(square)) if w.endswith("swapped")] == ["a and b swapped"]


def test_mutants_keep_the_description_and_change_the_assertion() -> None:
    sde = SDE(x, -a * x, b * x)
    z: sp.Symbol = real("z")
    statement = SDETransform(sde, sp.log(x), SDE(z, -a - b**2 / 2, b))
    found = mutants(_claim(statement, Domain(x=Positive, a=Positive, b=Positive)))
    made = [m.claim.statement for m in found if m.claim is not None]
    assert all(s.source is sde and s.function == sp.log(x) for s in made)
    assert any(s.target.drift[0] == -a + b**2 / 2 for s in made)
    assert any(s.target.diffusion[0] == 2 * b for s in made)
    assert [m.number for m in found] == list(range(len(found)))
    assert len({m.key for m in found}) == len(found)


def test_a_mutant_that_cannot_be_stated_is_refused_with_the_reason() -> None:
    statement = Identity(a, a)
    found = mutants(_claim(statement, Domain(a=Positive)))
    assert all(m.refusal == "" for m in found)
    free = mutants(_claim(CLAIMS["001.4.2.vec-left"].statement, CLAIMS["001.4.2.vec-left"].domain))
    refused = [m for m in free if m.claim is None]
    assert all("Error" in m.refusal for m in refused)


def test_a_mutant_is_found_again_by_its_number() -> None:
    original = CLAIMS["004.gbm.log"]
    for m in mutants(original):
        assert m.claim is not None
        again = claim_named(m.id)
        assert again.id == original.id
        assert repr(again.statement) == repr(m.claim.statement)
    assert claim_named("004.gbm.log") is original
    with pytest.raises(ClaimError, match="has mutants 0 to"):
        claim_named("004.gbm.log#9999")
    with pytest.raises(ClaimError, match="not registered"):
        claim_named("nobody.home#1")


def test_the_key_of_a_mutant_follows_its_original_its_change_and_the_code_that_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = mutants(CLAIMS["004.gbm.log"])
    assert [change_named(m.id) for m in found] == [m.change for m in found]
    (witness, *_) = witnesses_for(CLAIMS["004.gbm.log"])
    first = Unit(found[0].id, witness.name, "quick", 0, "cpu", 1e-8)
    units = [replace(first, claim_id=id) for id in ("004.gbm.log", *(m.id for m in found))]
    keys = Keys()
    assert len({keys.unit(u) for u in units} - {None}) == len(units)
    assert Keys().unit(first) == keys.unit(first)
    read = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda p: read(p) + (b"\n# edited\n" if p.name == "scalar_changes.py" else b"")
    )
    assert Keys().unit(first) != keys.unit(first)


def test_every_statement_of_the_catalog_names_fields_that_exist() -> None:
    for claim in CLAIMS.values():
        names = claim.statement.asserted()
        assert all(hasattr(claim.statement, name) for name in names), claim.id


def test_the_unit_on_equivalence_is_no_witness_of_any_claim() -> None:
    assert all(w.name != SAME for c in CLAIMS.values() for w in witnesses_for(c))


def _same(id: str, change: str) -> Any:
    (m,) = [m for m in mutants(CLAIMS[id]) if m.change == change]
    return run_unit(Unit(m.id, SAME, "quick", 0, "cpu", 1e-8)).finding


def test_a_density_times_a_constant_is_the_same_law() -> None:
    assert _same("003.f.ou", "density: twice exp(-k*x**2/D0)").outcome is Outcome.PROVED
    assert _same("003.f.ou", "density: twice -k*x**2/D0").outcome is Outcome.UNDECIDED


def test_the_sign_of_the_noise_does_not_matter_and_its_size_does() -> None:
    assert _same("004.gbm.log", "target.diffusion: minus zeta").outcome is Outcome.PROVED
    assert _same("004.gbm.log", "target.diffusion: twice zeta").outcome is Outcome.UNDECIDED


def test_a_formula_without_a_value_on_the_domain_is_told_apart() -> None:
    y: sp.Symbol = real("y")
    domain = Domain(y=Real)
    original = _claim(Identity(y, y), domain)
    mutated = replace(original, statement=Identity(y, sp.log(y)))
    from crossproof.checks.audit.equivalence import undefined

    assert "y = 0" in str(undefined(original.statement, mutated.statement, domain))
    assert UNDEFINED


@pytest.mark.parametrize(
    ("premise", "conclusion", "expected"),
    [
        (a > 2 * b, a > b, True),
        (a > b, a > 2 * b, False),
        (a > b, 2 * a > 2 * b, True),
        (a >= b, a > b, False),
        (a > b, sp.Gt(a + b, 0, evaluate=False), True),
        (a > b, b > a, False),
        (sp.Lt(a + b, 0, evaluate=False), a > b, True),  # a premise that holds nowhere
        (a > b, a**2 + b**2 > 2 * a * b, True),  # nonlinear real arithmetic
        (a > b, sp.Gt(sp.sqrt(a + b), sp.sqrt(b), evaluate=False), True),
        (a > b, a**2 > 2 * a * b, False),
    ],
)
def test_implications(premise: Any, conclusion: Any, expected: bool) -> None:
    assert holds(Implication(premise, conclusion), Domain(a=Positive, b=Positive)) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (a > b, a / b > 1, True),
        (a > b, a >= b, False),
        (a > b, a > sp.Rational(21, 20) * b, False),
        (a > b, a**2 > b**2, True),
        (a > b, a < b, False),
    ],
)
def test_equivalent_conditions(one: Any, other: Any, expected: bool) -> None:
    assert holds((one, other), Domain(a=Positive, b=Positive)) is expected


def test_one_sided_assertions_agree_with_whatever_they_imply() -> None:
    sde, domain = SDE(x, -a * x, b * x), Domain(a=Positive, b=Positive)
    own = Attractive(sde, (0,), sp.Gt(a, b, evaluate=False), "if")
    stronger = replace(own, condition=sp.Gt(a, 2 * b, evaluate=False))
    assert all(holds(c, domain) for c in own.agreement(stronger))
    assert not all(holds(c, domain) for c in stronger.agreement(own))
    both = replace(own, direction="iff")
    assert not all(holds(c, domain) for c in both.agreement(replace(both, condition=stronger.condition)))
    narrow, wide = (Inequality(sp.Lt(a, k * a, evaluate=False)) for k in (2, 3))
    assert all(holds(c, domain) for c in narrow.agreement(wide))


def test_agreement_of_laws_is_up_to_a_constant_factor_only() -> None:
    law = StationaryLaw(SDE(x, -a * x, b * x), sp.exp(-a * x) / x, sp.Interval.open(0, sp.oo))
    domain = Domain(x=Positive, a=Positive, b=Positive)
    for factor, expected in ((sp.Integer(3), True), (a**2, True), (x, False)):
        other = replace(law, density=factor * law.density)
        assert all(holds(c, domain) for c in law.agreement(other)) is expected
