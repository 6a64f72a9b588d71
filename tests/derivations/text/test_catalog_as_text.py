"""Claims of the catalog written as text: the statement is exactly the one that Python makes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from crossproof.checks.runs.unit import load_catalog
from crossproof.checks.sources.canonical_text import claim_text
from crossproof.derivations.claim import CLAIMS, Claim
from crossproof.derivations.text.claims import claim_from

load_catalog()
SIZES = {"domain": {}}
ONLINE = {"loss_scale": "1/2", "data": "teacher", "label_noise": "sigma", "domain": {"sigma": "nonnegative"}}
NOISELESS = {"loss_scale": "1/2", "data": "teacher", **SIZES}
DATA = {"loss_scale": "1", "data": "dataset", "depth": 2, **SIZES}
Z = "(W(2)*W(1)*x - y)*transpose(x)"
SPREAD = "(2*(stilde - s)**2 + sigma**2)"
NEAR = {
    "state": "theta",
    "drift": "-derivative(L, theta)",
    "variance": "2*D",
    "functions": {"L": ["l0", "0", "l2"], "D": ["0", "0", "d2"]},
}

#: Fields by the id of the claim, and one that, changed, makes another statement.
TEXTS: dict[str, tuple[dict[str, Any], tuple[str, Any]]] = {
    "002.stat.exit.doublewell": (
        {
            "type": "escape-time",
            "state": "x",
            "drift": "-b*x*(x**2 - a**2)",
            "diffusion": "sqrt(2*c)",
            "small": "c",
            "low": "-2*a",
            "start": "-a",
            "barrier": "0",
            "level": "a/2",
            "value": "sqrt(2)*pi/(b*a**2)*exp(b*a**4/(4*c))",
            "domain": {"x": "real", "a": "positive", "b": "positive", "c": "positive"},
        },
        ("level", "a"),
    ),
    "001.3.3.curl.rate": (
        {
            "type": "stationary-rotation",
            "state": ["x", "y"],
            "drift": ["-h11*x - h12*y", "-h12*x - h22*y"],
            "diffusion": [["sqrt(eta/B)*sqrt(c1)", "0"], ["0", "sqrt(eta/B)*sqrt(c2)"]],
            "value": "eta/B*h12*(c2 - c1)/(h11 + h22)",
            "domain": {
                "x": "real",
                "y": "real",
                "h12": "real",
                "h11": "positive",
                "h22": "above(h12**2/h11)",
                "c1": "positive",
                "c2": "above(c1)",
                "eta": "positive",
                "B": "positive",
            },
        },
        ("value", "eta/B*h12*(c1 - c2)/(h11 + h22)"),
    ),
    "003.boltzmann": (
        {
            "type": "small-noise-gaussian",
            "state": "s",
            "drift": f"L*s**(2 - 2/L)*(stilde - s) + eta_b*L*(L - 1)/2*s**(3 - 4/L)*{SPREAD}",
            "diffusion": f"sqrt(eta_b*L**2*s**(4 - 4/L)*{SPREAD})",
            "support": "(0, oo)",
            "parameter": "eta_b",
            "centre": "stilde",
            "variance": "L*stilde**(2 - 2/L)*sigma**2/2",
            "domain": {
                "s": "positive",
                "L": "integers(2)",
                "stilde": "positive",
                "sigma": "positive",
                "eta_b": "positive",
            },
        },
        ("variance", "L*stilde**(2 - 2/L)*sigma**2"),
    ),
    "004.thm4.1": (
        {
            "type": "attractive-near",
            **NEAR,
            "condition": "l2 + d2/2 > 0",
            "domain": {"theta": "real", "l0": "real", "l2": "real", "d2": "positive"},
        },
        ("direction", "if"),
    ),
    "004.e2.tau": (
        {
            "type": "escapes-near",
            **NEAR,
            "functions": {"L": ["l0", "0", "-c"], "D": ["0", "0", "q"]},
            "starts": "real",
            "domain": {"theta": "real", "q": "positive", "c": "above(q/2)", "l0": "real"},
        },
        ("starts", "positive"),
    ),
    "004.dist.random": (
        {
            "type": "gram-limit",
            "vectors": 2,
            "expression": "(2*g_11 - 4*g_12 + 2*g_22)/(g_11 + g_22)",
            "value": "2",
            **SIZES,
        },
        ("value", "1"),
    ),
    "001.4.2.vec-left": (
        {
            "type": "matrix-identity",
            "matrices": {"A": ["m", "n"], "B": ["n", "p"]},
            "equation": "vec(A*B) == kron(eye(p), A)*vec(B)",
            "domain": {"m": "integers(1)", "n": "integers(1)", "p": "integers(1)"},
        },
        ("equation", "vec(A*B) == kron(eye(p), A)*vec(2*B)"),
    ),
    "003.prop3.1.gradient": (
        {"type": "layer-gradient", **ONLINE, "layer": "l", "of": "mean", "value": "transpose(P(l))*E*transpose(Q(l))"},
        ("of", "sample"),
    ),
    "003.prop3.1.vec": (
        {
            "type": "layer-gradient",
            **ONLINE,
            "layer": "l",
            "of": "mean",
            "stacked": True,
            "value": "kron(Q(l), transpose(P(l)))*vec(E)",
        },
        ("label_noise", "2*sigma"),
    ),
    "003.prop3.3.grad": (
        {
            "type": "layer-gradient",
            **NOISELESS,
            "layer": "l",
            "of": "mode",
            "value": "transpose(P(l))*u*transpose(v)*transpose(Q(l))",
        },
        ("value", "transpose(P(l))*(u + u)*transpose(v)*transpose(Q(l))"),
    ),
    "001.eq33": (
        {
            "type": "layer-gradient",
            **DATA,
            "layer": 1,
            "of": "mean",
            "value": "2/N*transpose(W(2))*samples(W(2)*W(1)*x*transpose(x) - y*transpose(x))",
        },
        ("value", "transpose(W(2))*samples(W(2)*W(1)*x*transpose(x) - y*transpose(x))/N"),
    ),
    "003.prop3.1.jacobian": (
        {"type": "network-jacobian", **NOISELESS, "layer": "l", "value": "kron(transpose(Q(l)), P(l))"},
        ("value", "-kron(transpose(Q(l)), P(l))"),
    ),
    "001.4.2.block11": (
        {
            "type": "gradient-noise-covariance",
            **DATA,
            "rows": [1],
            "columns": [1],
            "value": f"4*kron(eye(d(0)), transpose(W(2)))*covariance({Z})*kron(eye(d(0)), W(2))",
        },
        ("loss_scale", "2"),
    ),
    "003.prop3.2.zero-min": (
        {
            "type": "gradient-noise-covariance",
            **NOISELESS,
            "at_teacher": True,
            "rows": ["i"],
            "columns": ["j"],
            "value": "zeros(d(i)*d(i-1), d(j)*d(j-1))",
        },
        ("at_teacher", False),
    ),
    "003.prop3.1.critical": (
        {"type": "critical-when", **ONLINE, "condition": "kron(Q(l), transpose(P(l)))*vec(E)"},
        ("condition", "kron(Q(l), transpose(P(l)))*vec(M)"),
    ),
    "003.prop3.1.loss-gl": (
        {
            "type": "hidden-basis-change",
            **ONLINE,
            "lower": "G*W(l)",
            "upper": "W(l+1)*inv(G)",
            "invariant": "loss",
        },
        ("invariant", "critical-points"),
    ),
    "003.a1.flow": (
        {
            "type": "flow-invariant",
            **ONLINE,
            "quantity": "transpose(W(l + 1))*W(l+1) - W(l)*transpose(W(l))",
        },
        ("quantity", "transpose(W(l + 1))*W(l+1) + W(l)*transpose(W(l))"),
    ),
    "003.remark.frozen-state": (
        {
            "type": "amplitude-term",
            **NOISELESS,
            "quantity": "gradient-product",
            "layers": ["i"],
            "value": "tr(transpose(u)*P(i)*transpose(P(i))*a)*tr(transpose(v)*transpose(Q(i))*Q(i)*b)",
        },
        ("quantity", "gradient-drift"),
    ),
    "003.d.eq25": (
        {
            "type": "amplitude-term",
            **NOISELESS,
            "quantity": "second-derivative",
            "layers": ["i", "j"],
            "value": "tr(transpose(u)*P(j)*X(j)*R(j, i)*X(i)*Q(i)*v)",
        },
        ("value", "2*tr(transpose(u)*P(j)*X(j)*R(j, i)*X(i)*Q(i)*v)"),
    ),
    "003.b.cross": (
        {
            "type": "second-moment",
            "label_noise": "sigma",
            "left": "E*(x*transpose(x) - eye(inputs))",
            "right": "epsilon*transpose(x)",
            "value": "zeros(inputs*outputs, inputs*outputs)",
            "domain": {"sigma": "nonnegative"},
        },
        ("right", "-epsilon*transpose(x)"),
    ),
    "001.4.2.persample": (
        {
            "type": "all-of",
            **DATA,
            "parts": [
                {"type": "layer-gradient", "layer": 1, "of": "sample", "value": f"2*transpose(W(2))*{Z}"},
                {"type": "layer-gradient", "layer": 2, "of": "sample", "value": f"2*{Z}*transpose(W(1))"},
                {"type": "layer-gradient", "layer": 1, "of": "mean", "value": f"2/N*transpose(W(2))*samples({Z})"},
                {"type": "layer-gradient", "layer": 2, "of": "mean", "value": f"2/N*samples({Z})*transpose(W(1))"},
            ],
        },
        ("parts", [{"type": "layer-gradient", "layer": 1, "of": "sample", "value": f"2*transpose(W(2))*{Z}"}]),
    ),
    "001.4.3.hessian.whitened": (
        {
            "type": "all-of",
            "loss_scale": "1",
            "data": "teacher",
            "depth": 2,
            **SIZES,
            "parts": [
                {"type": "loss-hessian", "row": 1, "column": 1, "value": "2*kron(eye(d(0)), transpose(W(2))*W(2))"},
                {"type": "loss-hessian", "row": 2, "column": 2, "value": "2*kron(W(1)*transpose(W(1)), eye(d(2)))"},
                {
                    "type": "loss-hessian",
                    "row": 1,
                    "column": 2,
                    "value": "2*kron(transpose(W(1)), transpose(W(2))) + 2*kron(transpose(E), eye(d(1)))"
                    "*commutation(d(2), d(1))",
                },
            ],
        },
        ("loss_scale", "2"),
    ),
}


def _claim(id: str, **changed: Any) -> Claim:
    about = {"id": "test.text", "title": "t", "document": "test", "place": "here"}
    return claim_from({**about, **TEXTS[id][0], **changed})


@pytest.mark.parametrize("id", TEXTS)
def test_a_claim_of_the_catalog_is_the_same_as_text(id: str) -> None:
    """Equal down to the assumptions of every symbol, in the text that keys of evidence are made of."""
    name, value = TEXTS[id][1]
    made, other = _claim(id), _claim(id, **{name: value})
    wanted = dataclasses.replace(CLAIMS[id], id=made.id, domain=made.domain)
    assert claim_text(made) == claim_text(wanted)
    assert claim_text(dataclasses.replace(other, domain=made.domain)) != claim_text(wanted)
