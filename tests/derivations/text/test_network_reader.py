"""Networks and stacked columns as text: what is read, and what is refused with its place and a remedy."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

from crossproof.derivations.errors import CrossproofError
from crossproof.derivations.matrices.kronecker import CommutationMatrix, Vec
from crossproof.derivations.matrices.networks import NetworkSetting
from crossproof.derivations.text import jets, quoting, terms
from crossproof.derivations.text.claims import claim_from
from crossproof.derivations.text.network_claims import NETWORKS
from crossproof.derivations.text.network_reader import SAMPLES, NetworkReader
from crossproof.derivations.text.stacked_reader import StackedReader, flat

ABOUT = {"id": "test.text", "title": "t", "document": "test", "place": "here", "domain": {}}
ANY = {**ABOUT, "loss_scale": "1/2", "data": "teacher"}
DATA = {**ABOUT, "loss_scale": "1", "data": "dataset", "depth": 2}
GRADIENT = {"type": "layer-gradient", "layer": "l", "of": "mean", "value": "transpose(P(l))*E*transpose(Q(l))"}
AMPLITUDE = {
    "type": "amplitude-term",
    "quantity": "covariance",
    "layers": ["i", "j"],
    "value": "tr(P(i)*transpose(P(i)))",
}
MOMENT = {"type": "second-moment", "left": "A*x", "right": "x", "value": "A", "matrices": {"A": ["inputs", "inputs"]}}
ALL = {**ANY, "type": "all-of"}
STEPS = {**ANY, **AMPLITUDE, "quantity": "ito-drift"}
IDENTITY = {
    "type": "matrix-identity", "matrices": {"A": ["n", "n"], "B": ["n", "n"]}, "equation": "A*B == A*B",
    "domain": {"n": "integers(1)", "c": "real"},
}  # fmt: skip
n = sp.Symbol("n", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)


def _side(text: str) -> Any:
    reader = StackedReader(text, {"n": n, "c": sp.Symbol("c", real=True)}, {"A": A, "B": B})
    return reader.expression(reader.tree)


def test_products_and_sums_are_read_without_brackets_and_without_evaluation() -> None:
    c = sp.Symbol("c", real=True)
    assert _side("-2*(3*A)*(c/c*B)").args == (sp.Mul(-6, c, 1 / c, evaluate=False), A, B)
    assert _side("A + (B - A)").args == tuple(sorted([A, B, -A], key=sp.default_sort_key))
    assert _side("A - A").args == tuple(sorted([A, -A], key=sp.default_sort_key))  # nothing is cancelled
    assert flat(sp.MatMul(1, A, evaluate=False)) == A
    assert _side("commutation(n, n)*vec(A)").args == (CommutationMatrix(n, n), Vec(A))
    assert _side("stack(A, B)") == sp.BlockMatrix([[A], [B]])
    assert terms.times(sp.S.One, [c, 1 / c]) != 1
    assert quoting.short("a\n" * 100).endswith("...'")
    assert set(jets.JETS) == {"function-limit", "attractive-near", "escapes-near"}


def test_layers_are_named_in_brackets() -> None:
    setting = NetworkSetting(sp.Rational(1, 2), "teacher")
    reader = NetworkReader("P(l)*W(l)*Q(l)", {}, {}, setting, ("l",), "WPQ")
    assert reader.expression(reader.tree).args == (setting.left("l"), setting.weight("l"), setting.right("l"))
    fixed = NetworkSetting(sp.Integer(1), "dataset", depth=3)
    reader = NetworkReader("P(1)", {}, {}, fixed, ("1",), "WPQ")
    assert reader.expression(reader.tree) == fixed.weight("3") * fixed.weight("2")
    outside = NetworkReader("W(4)", {}, {}, fixed, ("1",), "W")
    with pytest.raises(CrossproofError, match=r"no layer of this statement; it has 1, 2, 3"):
        outside.expression(outside.tree)


def test_sizes_come_with_the_network_and_may_be_restricted() -> None:
    made = claim_from({**DATA, **GRADIENT, "layer": 1, "value": "transpose(W(2))*samples(W*x*transpose(x))/N"})
    assert {s.name for s in made.domain.symbols} == {"N", "d0", "d1", "d2"}
    assert SAMPLES in made.statement.free_symbols()
    narrow = claim_from({**ANY, **GRADIENT, "domain": {"d0": "integers(3)"}}).domain
    assert next(iter(narrow.points(1)))[sp.Symbol("d0", integer=True, positive=True)] == 3


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({**ANY, **GRADIENT, "loss_scale": "-1"}, "loss_scale is '-1'; write a positive number"),
        ({**ANY, **GRADIENT, "loss_scale": "c", "domain": {"c": "positive"}}, "loss_scale is 'c'; write a"),
        ({**ANY, **GRADIENT, "data": "samples"}, "data is 'samples'; choose one of dataset, teacher"),
        ({**ANY, **GRADIENT, "depth": 99}, "depth is 99; write 1 to 6"),
        ({**ANY, **GRADIENT, "depth": 2}, "layer is 'l'; name the layer by one of 1, 2"),
        ({**ANY, **GRADIENT, "layer": "L"}, "layer is 'L'; name the layer by a small letter"),
        ({**ANY, **GRADIENT, "layer": "l+1"}, r"layer is 'l\+1'; name the layer by a small letter"),
        ({**ANY, **GRADIENT, "label_noise": "s", "domain": {"s": "real"}}, "label_noise is 's'; a standard deviation"),
        ({**ANY, **GRADIENT, "at_teacher": 1}, "at_teacher is 1; write true or false"),
        ({**ANY, **GRADIENT, "domain": {"x": "real"}}, "domain: 'x' is a matrix of the network"),
        ({**ANY, **GRADIENT, "value": "P(k)"}, "'k' at position 3 of 'P.k.': no layer of this statement; it has l"),
        ({**ANY, **GRADIENT, "value": "R(l, l)"}, "has no place in this statement, which may hold W"),
        ({**ANY, **GRADIENT, "value": "samples(x)"}, "samples is one over a data set"),
        ({**ANY, **GRADIENT, "value": "tr(W*transpose(W))*W(l)"}, "value: a number that a matrix gives has no"),
        ({**ANY, **GRADIENT, "value": "eye(d(q))"}, r"no width of this statement; it has d\(0\)"),
        ({**ANY, **GRADIENT, "value": "W(l)*W"}, "is multiplied by one of shape"),
        ({**ANY, **GRADIENT, "value": "2"}, "value: this is a number, and a matrix is wanted"),
        ({**ANY, **GRADIENT, "of": "all"}, "of is 'all'; choose one of sample, mean, noise, mode"),
        ({**DATA, **GRADIENT, "layer": 1, "value": "E*W(1)"}, "the gap E to a teacher is not known here"),
        ({**DATA, **GRADIENT, "layer": 1, "domain": {"N": "positive"}}, "N is the number of samples"),
        (
            {**ANY, "type": "gradient-noise-covariance", "rows": ["i"], "columns": ["j", "k"], "value": "W"},
            "columns: i, j, k are more than two layers",
        ),
        (
            {**ANY, "type": "gradient-noise-covariance", "rows": [], "columns": ["j"], "value": "W"},
            r"rows is \[\]; write a list of 1 to 2 layers",
        ),
        (
            {**ANY, "type": "gradient-noise-covariance", "rows": ["i"], "columns": ["i"], "value": "W",
             "silent": ["j", "after"]},
            "silent: 'j' is no layer of rows or columns; name one of i",
        ),
        ({**ANY, **AMPLITUDE, "quantity": "step-covariance"}, "domain: a step has eta, with the range positive"),
        ({**STEPS, "layers": ["i", "i"]}, "one of two different layers"),
        ({**STEPS, "value": "tr(R(i, j))"}, r"write R\(j, i\): the later layer first"),
        ({**ANY, **AMPLITUDE, "value": "P(i)"}, "value: this is a matrix, and a number is wanted"),
        ({**ANY, **AMPLITUDE, "value": "1/det(P(i)*transpose(P(i)))"}, "leave inverses and det out"),
        (
            {**ANY, "type": "hidden-basis-change", "lower": "2", "upper": "W(l+1)", "invariant": "loss"},
            "lower: this is a number, and a matrix is wanted",
        ),
        ({**ANY, **GRADIENT, "value": "krn(E, W)"}, "not a known function; did you mean kron"),
        ({**ANY, "type": "flow-invariant", "quantity": "M"}, "the quantity holds M, which moves too or is no weight"),
        ({**ABOUT, **MOMENT, "domain": {"inputs": "real"}}, "domain: 'inputs' is the size of a vector here"),
        ({**ABOUT, **MOMENT, "matrices": {"W_1": ["inputs", "inputs"]}}, "matrices: 'W_1' has a meaning in networks"),
        ({**ABOUT, **MOMENT, "matrices": {"A": ["inputs", "inputs", "symmetric"]}}, "kinds are not known here"),
        ({**ABOUT, **MOMENT, "left": "W(1)*x"}, "which may hold no weights"),
        ({**ABOUT, **IDENTITY, "equation": "inv(A)*B == B"}, "equation: an inverse has no place here"),
        ({**ABOUT, **IDENTITY, "equation": "tr(A*B) == tr(B*A)"}, "equation: this is a number"),
        ({**ABOUT, **IDENTITY, "equation": "kron(A, c) == A"}, "kron takes matrices"),
        ({**ABOUT, **IDENTITY, "equation": "commutation(n, c)*B == A"}, "a size is a whole number"),
        ({**ABOUT, **IDENTITY, "equation": "stack(A, kron(B, B)) == A"}, "is put below one of shape"),
        ({**ABOUT, **IDENTITY, "equation": "(((A**6)**6)**6)**6 == B"}, "more than 500 terms or factors"),
        ({**ABOUT, **IDENTITY, "matrices": {"A": ["n", "n", "symmetric"]}}, "'symmetric', but this is said"),
        ({**ABOUT, **IDENTITY, "equation": "A == A"}, "matrices: 'B' occurs nowhere"),
        ({**ALL, "parts": []}, r"parts is \[\]; write a list of 1 to 8 tables"),
        ({**ALL, "parts": [{"type": "identity"}]}, r"parts\[1\]: type is 'identity'; choose one"),
        ({**ALL, "parts": [{"type": "layer-gradient"}]}, r"parts\[1\]: there is no 'layer'"),
        ({**ALL, "parts": [GRADIENT, {**GRADIENT, "value": "Z"}]}, r"parts\[2\]: value: 'Z' at"),
        ({**ALL, "parts": [{**GRADIENT, "valu": "Z"}]}, r"parts\[1\]: unknown field 'valu'"),
        ({**ALL, "silent": ["l", "after"], "parts": [GRADIENT]}, "silent: no part takes it"),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_refused_in_one_line(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(CrossproofError, match=message) as caught:
        claim_from(entry)
    assert "\n" not in str(caught.value)


def test_every_type_of_network_text_is_known() -> None:
    assert len(NETWORKS) == 10
