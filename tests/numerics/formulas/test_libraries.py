"""Formulas in NumPy, torch and JAX: dtypes, gradients, transforms and compilers; what is given and refused."""

from __future__ import annotations

import math
import pickle
import warnings

import numpy as np
import pytest
import sympy as sp
import torch

import crossproof as cp
from crossproof.numerics.formula import Formula

k, T = cp.positive("k T")
MEMORY = Formula("test.memory", (1 - sp.exp(-2 * k * T)) / (2 * k), cp.Domain(k=cp.Positive, T=cp.Positive))
ROOT = Formula("test.root", sp.sqrt(2) * k / 3, cp.Domain(k=cp.Positive))


def test_dtypes_are_kept_and_promote_as_in_the_libraries() -> None:
    for kind in (np.float16, np.float32, np.float64):
        assert ROOT(np.ones(2, kind)).dtype == kind
    assert MEMORY(np.ones(2, np.float32), np.ones(2, np.float64)).dtype == np.float64
    assert ROOT(np.arange(1, 3)).dtype == np.float64
    for kind in (torch.bfloat16, torch.float16, torch.float32, torch.float64):
        assert ROOT(torch.ones(2, dtype=kind)).dtype == kind
    single, double = torch.ones(2), torch.ones(2, dtype=torch.float64)
    for one, other in ((single, double), (single, double[0]), (single[0], double[0]), (double, torch.ones(2).half())):
        assert MEMORY(one, other).dtype == (one * other).dtype
    assert MEMORY(torch.ones(2, dtype=torch.int64), single).dtype == torch.float32
    assert MEMORY(1.0, 2.0).dtype == np.float64
    exactly = math.sqrt(2) * float(np.float32(0.1)) / 3
    assert ROOT(np.float32(0.1)) == np.float32(exactly)  # rounded once


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.array([True]), "truth values"),
        (torch.tensor([True]), "truth values"),
        (True, "truth values"),
        (np.ma.masked_array([1.0, 2.0], [False, True]), "masked array"),
        (torch.tensor(1j), "complex"),
        ("2", "not numeric"),
        (None, "not numeric"),
        ([[1], [1, 2]], "not numeric"),
    ],
)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_what_is_no_number_is_refused_in_one_line(library: str, value, message: str) -> None:
    if isinstance(value, torch.Tensor) and library == "numpy":
        pytest.skip("a tensor is for torch")
    with pytest.raises(cp.DomainError, match=message) as error:
        getattr(ROOT, library)()(value)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("k ")


@pytest.mark.parametrize(
    ("given", "named", "message"),
    [
        ((1, 2, 3), {}, "takes 2"),
        ((1,), {"k": 2}, "given twice"),
        ((1,), {}, r"missing \['T'\]"),
        ((), {"k": 1, "T": 1, "z": 1}, r"unknown arguments \['z'\]"),
    ],
)
def test_arguments_are_taken_by_place_or_by_name_once(given, named, message: str) -> None:
    assert MEMORY(1.0, 2.0) == MEMORY(T=2.0, k=1.0) == MEMORY(1.0, T=2.0)
    for function in (MEMORY, MEMORY.numpy(), MEMORY.torch()):
        with pytest.raises(cp.DomainError, match=message):
            function(*given, **named)


def test_half_precisions_mix_as_in_torch_and_are_rounded_once() -> None:
    kinds = (torch.bfloat16, torch.float16, torch.float32, torch.float64)
    for one in kinds:
        for other in kinds:
            pair = torch.ones(2, dtype=one), torch.ones(2, dtype=other)
            assert MEMORY(*pair).dtype == (pair[0] * pair[1]).dtype
        assert MEMORY(torch.ones(2, dtype=one), 1.0).dtype == one
        assert torch.func.grad(MEMORY.torch())(torch.ones((), dtype=one), torch.ones(())).dtype == one
    brain = torch.tensor([0.1, 1e-17], dtype=torch.bfloat16)
    exactly = torch.tensor([-math.expm1(-2 * v) / (2 * v) for v in brain.double().tolist()]).to(torch.bfloat16)
    assert torch.equal(MEMORY(brain, 1.0), exactly)
    assert torch.equal(torch.func.vmap(MEMORY.torch(), (0, None))(brain, torch.ones((), dtype=torch.bfloat16)), exactly)


def test_a_value_beyond_its_dtype_is_told() -> None:
    with pytest.raises(cp.NumericsError, match="beyond float16"):
        Formula("test.square", k**2, cp.Domain(k=cp.Positive))(np.float16(1000))


def test_gradients_of_any_order_hold_their_digits() -> None:
    rates = torch.tensor([1e-17, 1e-4, 2.0], dtype=torch.float64, requires_grad=True)
    once = torch.autograd.grad(MEMORY(rates, 1.0).sum(), rates, create_graph=True)[0]
    twice = torch.autograd.grad(once.sum(), rates)[0]
    assert once.tolist() == pytest.approx([-1.0, -0.99986667666, -0.11355273], rel=1e-7)
    assert twice.tolist() == pytest.approx([4 / 3, 4 / 3 - 2e-4, 0.09523709], rel=1e-5)
    inputs = [torch.tensor([[0.3], [2.0]], dtype=torch.float64), torch.tensor([0.5, 1.5, 4.0], dtype=torch.float64)]
    with torch.random.fork_rng():
        assert torch.autograd.gradcheck(MEMORY, [v.requires_grad_() for v in inputs])
        assert torch.autograd.gradgradcheck(MEMORY, inputs)


def test_large_tensors_are_computed_by_torch_with_the_same_values() -> None:
    rates = torch.logspace(-18, 3, 200_001, dtype=torch.float64)
    some = rates[::20_000]
    assert torch.allclose(MEMORY(rates, 1.0)[::20_000], MEMORY(some, 1.0), rtol=1e-14, atol=0)
    gaps = Formula("test.gaps", k**2 - 2 * k * T + T**2, cp.Domain(k=cp.Positive, T=cp.Positive))
    few = torch.rand(300, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    near = 1 + 1e-9 * few.repeat(200)
    assert torch.allclose(gaps(near, 1.0), (near - 1) ** 2, rtol=1e-14, atol=0)


def test_transforms_of_torch() -> None:
    f, one = MEMORY.torch(), torch.tensor(1.0, dtype=torch.float64)
    rates = torch.tensor([1e-17, 1.0, 2.0], dtype=torch.float64)
    slopes = torch.func.vmap(torch.func.grad(f), (0, None))(rates, one)
    assert slopes.tolist() == pytest.approx([-1.0, -0.29699707514508, -0.113552726], rel=1e-8)
    assert torch.func.grad(f)(rates[0], one) == -1
    batched = torch.func.vmap(f, (0, 1))(rates[:, None] * torch.ones(3, 2).double(), torch.ones(4, 2, 3).double()[0])
    assert torch.equal(batched, f(rates[:, None], 1.0).expand(3, 2))
    twice = torch.func.jacrev(torch.func.grad(f))(rates[1], one)
    assert float(twice) == pytest.approx(0.3233235838, rel=1e-9)


def test_compilers_take_formulas_whole() -> None:
    f = MEMORY.torch()
    compiled = torch.compile(lambda rate: 2 * f(rate, T=1.0), fullgraph=True, backend="aot_eager")
    rates = torch.tensor([1e-17, 1.0], dtype=torch.float64, requires_grad=True)
    value = compiled(rates)
    assert value.tolist() == pytest.approx([2.0, 0.864664716763], rel=1e-12)
    value.sum().backward()
    assert rates.grad is not None
    assert rates.grad.tolist() == pytest.approx([-2.0, -0.59399415], rel=1e-8)
    with pytest.raises(cp.DomainError, match="outside the domain"):
        compiled(-rates)


def test_a_constant_and_tensors_that_do_not_go_together() -> None:
    three = Formula("test.three", sp.Integer(3), cp.Domain(k=cp.Positive))
    assert three() == 3
    assert three.torch()().dtype == torch.float64
    with pytest.raises(cp.DomainError, match="on one device"):
        MEMORY(torch.ones(1), torch.ones(1, device="meta"))


def test_a_formula_shows_itself() -> None:
    shown = Formula("test.shown", k**2, cp.Domain(k=cp.Positive), left=r"\mathbb{E}[x]", sign=r"\le")
    assert shown._repr_latex_() == r"$\displaystyle \mathbb{E}[x] \le k^{2}$"
    assert MEMORY.equation == MEMORY.latex


def test_a_formula_that_was_used_can_be_sent_to_another_process() -> None:
    assert MEMORY(1.0, 2.0) == MEMORY(torch.tensor(1.0).double(), 2.0)
    sent = pickle.loads(pickle.dumps(MEMORY))
    assert (sent.id, sent.expression) == (MEMORY.id, MEMORY.expression)
    assert sent(1.0, 2.0) == MEMORY(1.0, 2.0)


def test_jax_without_jax_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jax", None)
    with pytest.raises(cp.UsageError, match="pip install jax"):
        MEMORY.jax()


def test_jax_transforms() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jax.config.update("jax_enable_x64", True)
        f, rates = MEMORY.jax(), jnp.array([1e-17, 1.0, 2.0])
        assert np.asarray(f(rates, 1.0)) == pytest.approx(MEMORY(np.asarray(rates), 1.0), rel=1e-15)
        slopes = jax.jit(jax.vmap(jax.grad(lambda rate: f(rate, 1.0))))(rates)
        assert np.asarray(slopes) == pytest.approx([-1.0, -0.29699707514508, -0.113552726], rel=1e-8)
        assert MEMORY(jnp.float32(0.1), 1.0).dtype == jnp.float32
        assert jax.vmap(f, (0, None))(rates, jnp.ones(4)).shape == (3, 4)
        with pytest.raises(cp.DomainError, match="outside the domain"):
            f(-rates, 1.0)
