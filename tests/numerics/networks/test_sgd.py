"""SGD of batched deep linear networks against autograd on the loss itself; sampling, summaries, lost replicas."""

from __future__ import annotations

import warnings
from itertools import pairwise

import pytest
import torch
from scipy import stats

from crossproof.derivations.errors import DomainError
from crossproof.numerics.networks.data import FiniteData, TeacherData
from crossproof.numerics.networks.draws import Draws, PhiloxDraws
from crossproof.numerics.networks.runs import Watch
from crossproof.numerics.networks.sgd import Backend, Model, sgd

WIDTHS = [(3, 2), (4, 3, 2), (3, 4, 2, 5, 3)]
SCALE = 0.7


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def some_weights(widths: tuple[int, ...], replicas: int, dtype: torch.dtype = torch.float64) -> list[torch.Tensor]:
    g = generator(1)
    shapes = [(replicas, rows, columns) for columns, rows in pairwise(widths)]
    return [torch.randn(s, generator=g, dtype=dtype) / s[2] ** 0.5 for s in shapes]


def some_data(widths: tuple[int, ...], n: int = 12, **options: object) -> FiniteData:
    g = generator(2)
    x, y = (torch.randn(n, w, generator=g, dtype=torch.float64) for w in (widths[0], widths[-1]))
    return FiniteData(x, y, **options)  # type: ignore[arg-type]


def replayed(
    weights: list[torch.Tensor], data: TeacherData | FiniteData, draws: Draws, batch: int
) -> list[torch.Tensor]:
    """Ten steps by autograd on the same samples."""
    sample = data.sampler(draws, batch)
    for step in range(10):
        x, y = (part[0].permute(2, 0, 1) for part in sample(step, 1))
        leaves = [w.clone().requires_grad_() for w in weights]
        found = x
        for w in leaves:
            found = found @ w.mT
        (found - y).square().sum(-1).mean(-1).sum().mul(SCALE).backward()
        weights = [(w - 0.005 * w.grad).detach() for w in leaves]
    return weights


@pytest.mark.parametrize("backend", ["torch", "numba"])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_runs_are_autograd_step_by_step(widths: tuple[int, ...], batch: int, backend: Backend) -> None:
    if backend == "numba":
        pytest.importorskip("numba")
    replicas = 19  # not a multiple of the lanes
    weights = some_weights(widths, replicas)
    teacher = TeacherData(torch.randn(widths[-1], widths[0], generator=generator(5), dtype=torch.float64) / 2, 0.3)
    for data in (teacher, some_data(widths, order="without-replacement", label_noise=0.1), some_data(widths)):
        draws = PhiloxDraws(replicas, 11, dtype=torch.float64)
        run = sgd(weights, data, draws, learning_rate=0.005, steps=10, loss_scale=SCALE, batch=batch, backend=backend)
        assert run.lost == 0
        for found, exact in zip(run.weights, replayed(weights, data, draws, batch), strict=True):
            torch.testing.assert_close(found, exact, atol=1e-12, rtol=1e-12)


def test_float32_backends_agree_to_rounding() -> None:
    pytest.importorskip("numba")
    weights = some_weights((6, 5, 4), 33, torch.float32)
    data = TeacherData(torch.eye(4, 6), 0.2)
    runs = [
        sgd(weights, data, PhiloxDraws(33, 1), learning_rate=0.01, steps=50, loss_scale=1.0, backend=backend)
        for backend in ("torch", "numba")
    ]
    for a, b in zip(*(run.weights for run in runs), strict=True):
        torch.testing.assert_close(a, b, atol=5e-6, rtol=0)


def test_a_model_of_any_kind_runs_by_autograd() -> None:
    """The linear network as a model is the linear network; another model is its own gradient steps, and not those."""
    widths, replicas = (3, 4, 2), 5
    weights, data = some_weights(widths, replicas), some_data(widths, order="without-replacement", label_noise=0.1)

    def linear(layers: tuple[torch.Tensor, ...], x: torch.Tensor) -> torch.Tensor:
        return x @ layers[0].mT @ layers[1].mT

    def bent(layers: tuple[torch.Tensor, ...], x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x @ layers[0].mT) @ layers[1].mT

    def trained(model: Model | None, batch: int = 4, steps: int = 10) -> tuple[torch.Tensor, ...]:
        draws = PhiloxDraws(replicas, 3, dtype=torch.float64)
        return sgd(
            weights, data, draws, learning_rate=0.01, steps=steps, loss_scale=SCALE, batch=batch, model=model
        ).weights

    for batch in (4, 12):  # the last takes the whole data set at every step
        for found, exact in zip(trained(linear, batch), trained(None, batch), strict=True):
            torch.testing.assert_close(found, exact, atol=1e-13, rtol=1e-13)
    (x, y) = (part[0].permute(2, 0, 1) for part in data.sampler(PhiloxDraws(replicas, 3, dtype=torch.float64), 4)(0, 1))
    leaves = tuple(w.clone().requires_grad_() for w in weights)
    (SCALE * (bent(leaves, x) - y).square().sum() / 4).backward()
    for found, old, plain in zip(trained(bent, steps=1), leaves, trained(None, steps=1), strict=True):
        torch.testing.assert_close(found, (old - 0.01 * old.grad).detach())
        assert float((found - plain).abs().max()) > 1e-4
    with pytest.raises(DomainError, match=r"the model gives shape \(5, 4, 4\); it must be \(5, 4, 2\)"):
        trained(lambda layers, x: x @ layers[0].mT)
    with pytest.raises(DomainError, match="numba' knows linear networks only; take backend='torch'"):
        sgd(
            weights, data, PhiloxDraws(replicas, 3, dtype=torch.float64), learning_rate=0.01, steps=1, loss_scale=SCALE,
            backend="numba", model=bent,
        )  # fmt: skip


@pytest.mark.parametrize("backend", ["torch", "numba"])
def test_observation_and_splitting_change_nothing(backend: Backend) -> None:
    if backend == "numba":
        pytest.importorskip("numba")
    weights = some_weights((3, 4, 2), 20)
    data = some_data((3, 4, 2), order="without-replacement", label_noise=0.2)
    options = {"learning_rate": 0.02, "steps": 17, "loss_scale": 0.5, "batch": 2, "backend": backend}
    plain = sgd(weights, data, PhiloxDraws(20, 4, dtype=torch.float64), **options)  # type: ignore[arg-type]
    watch = Watch(lambda w: w[0].flatten(1), observe_every=5, record_every=4)
    watched = sgd(weights, data, PhiloxDraws(20, 4, dtype=torch.float64), watch=watch, **options)  # type: ignore[arg-type]
    later = PhiloxDraws(8, 4, dtype=torch.float64, first_replica=12)
    part = sgd([w[12:] for w in weights], data, later, **options)  # type: ignore[arg-type]
    for a, b, c in zip(plain.weights, watched.weights, part.weights, strict=True):
        assert torch.equal(a, b)
        torch.testing.assert_close(a[12:], c, atol=1e-14, rtol=1e-14)
    assert plain.trajectory is None
    assert len(plain.means) == 0
    assert watched.observed.tolist() == [0, 5, 10, 15]
    assert watched.recorded.tolist() == [0, 4, 8, 12, 16]
    assert watched.trajectory is not None
    assert watched.trajectory.shape == (5, 20, 12)
    torch.testing.assert_close(watched.trajectory[0], weights[0].flatten(1))
    torch.testing.assert_close(watched.means[0], weights[0].flatten(1).mean(0))
    torch.testing.assert_close(watched.covariances[0], torch.cov(weights[0].flatten(1).T))


def test_without_replacement_visits_every_sample_once_an_epoch() -> None:
    draws = PhiloxDraws(6, 2)
    indices = some_data((3, 2), n=12, order="without-replacement").indices(draws, 3)
    # parts that begin and end inside epochs of four steps
    steps = torch.cat([indices(first, count) for first, count in ((0, 3), (3, 4), (7, 1), (8, 12))])
    epochs = steps.reshape(5, 12, 6)
    assert torch.equal(epochs.sort(dim=1).values, torch.arange(12)[None, :, None].expand(5, 12, 6))
    assert len({tuple(epochs[e, :, r].tolist()) for e in range(5) for r in range(6)}) == 30


def test_with_replacement_is_uniform_and_repeats_samples() -> None:
    """Chi-square at level 1e-6; probabilities off by 5 % are rejected with probability above 0.999."""
    indices = some_data((3, 2), n=10).indices(PhiloxDraws(1000, 2), 4)(0, 50)

    def uniform(numbers: torch.Tensor) -> bool:
        return bool(stats.chisquare(torch.bincount(numbers.flatten(), minlength=10)).pvalue > 1e-6)

    assert uniform(indices)
    assert any(len(set(step.tolist())) < 4 for step in indices[:, :, 0])
    moved = torch.where((indices == 3) & (torch.arange(1000) % 10 == 0), torch.full_like(indices, 4), indices)
    assert not uniform(moved)


def test_label_noise_is_fresh_at_every_visit() -> None:
    data = some_data((3, 2), n=2, order="without-replacement", label_noise=0.5)
    draws = PhiloxDraws(4, 2, dtype=torch.float64)
    x, y = data.sampler(draws, 2)(0, 6)
    clean = FiniteData(data.x, data.y, order="without-replacement").sampler(draws, 2)(0, 6)
    assert torch.equal(x, clean[0])
    noise = y - clean[1]
    assert len(noise.flatten().unique()) == noise.numel()
    assert 0.2 < float(noise.std()) < 0.9


def test_lost_replicas_are_counted_and_kept_out_of_means() -> None:
    weights = some_weights((2, 2, 2), 8)
    for w in weights:
        w[:3] *= 1e90
    data = TeacherData(torch.eye(2, dtype=torch.float64))
    watch = Watch(lambda w: w[0][:, 0], observe_every=30)
    draws = PhiloxDraws(8, 3, dtype=torch.float64)
    run = sgd(weights, data, draws, learning_rate=0.05, steps=30, loss_scale=0.5, watch=watch)
    assert run.lost == 3
    assert run.counts.tolist() == [8, 5]
    assert torch.isfinite(run.means).all()
    torch.testing.assert_close(run.means[1], run.weights[0][3:, 0].mean(0))


def test_a_step_beyond_stability_is_warned_about_with_its_bound() -> None:
    data = TeacherData(torch.diag(torch.tensor([4.0, 1.0])))
    weights = some_weights((2, 2, 2), 2, torch.float32)
    # 2 / (2 c L s^(2 - 2/L)) = 2 / (2 * 1/2 * 2 * 4) = 1/4
    with pytest.warns(RuntimeWarning, match=r"learning_rate=0.26 is beyond 0.25"):
        sgd(weights, data, PhiloxDraws(2), learning_rate=0.26, steps=0, loss_scale=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sgd(weights, data, PhiloxDraws(2), learning_rate=0.24, steps=0, loss_scale=0.5)


def test_bad_arguments_are_named() -> None:
    weights, data = some_weights((3, 4, 2), 5), some_data((3, 4, 2))
    draws = PhiloxDraws(5, dtype=torch.float64)
    good = {"learning_rate": 0.1, "steps": 1, "loss_scale": 0.5}

    def fails(match: str, *arguments: object, **changed: object) -> None:
        with pytest.raises(DomainError, match=match):
            sgd(*(arguments or (weights, data, draws)), **{**good, **changed})  # type: ignore[arg-type]

    fails("learning_rate=-1", learning_rate=-1.0)
    fails("loss_scale=0", loss_scale=0.0)
    fails("steps=-1", steps=-1)
    fails("batch=0", batch=0)
    fails("backend='jax'", backend="jax")
    fails("weights is empty", [], data, draws)
    fails("W_1 has shape", [w[0] for w in weights], data, draws)
    fails("W_2 has 3 columns", [weights[0], weights[1][:, :, :3]], data, draws)
    fails("the data have 4 and 2", weights, some_data((4, 2)), draws)
    fails("float16", [w.half() for w in weights], data, draws)
    fails("differ in dtype", [weights[0], weights[1].float()], data, draws)
    fails("draws are for 6 replicas", weights, data, PhiloxDraws(6, dtype=torch.float64))
    fails("float32", weights, data, PhiloxDraws(5))
    fails("batch=5 does not divide", weights, some_data((3, 2), order="without-replacement"), draws, batch=5)
    with pytest.raises(DomainError, match="label_noise=-1"):
        TeacherData(torch.eye(2), -1.0)
    with pytest.raises(DomainError, match="teacher has shape"):
        TeacherData(torch.full((2, 2), float("nan")))
    with pytest.raises(DomainError, match="order='shuffled'"):
        some_data((3, 2), order="shuffled")
    with pytest.raises(DomainError, match="not finite"):
        FiniteData(torch.full((2, 1), float("inf")), torch.ones(2, 1))
    with pytest.raises(DomainError, match="observe_every=0"):
        Watch(lambda w: w[0], observe_every=0)
    with pytest.raises(DomainError, match="belong together"):
        Watch(lambda w: w[0])
    fails("the measure has shape", watch=Watch(lambda w: w[0], observe_every=1))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_agrees_with_cpu() -> None:
    weights, data = some_weights((3, 4, 2), 40), TeacherData(torch.eye(2, 3, dtype=torch.float64), 0.3)
    runs = []
    for device in ("cpu", "cuda"):
        draws = PhiloxDraws(40, 1, dtype=torch.float64, device=torch.device(device))
        there = [w.to(draws.device) for w in weights]
        runs.append(sgd(there, data, draws, learning_rate=0.02, steps=50, loss_scale=0.5, backend="torch").weights)
    for a, b in zip(*runs, strict=True):
        torch.testing.assert_close(a, b.cpu(), atol=1e-10, rtol=0)
