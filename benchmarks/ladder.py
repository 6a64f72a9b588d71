"""The exact rungs against ``sympy.simplify``: ``python benchmarks/ladder.py [--limit SECONDS] [--json FILE]``.

Every identity and inequality is of the kind that the claim ledger contains. `sympy.simplify` runs on each in a
process of its own, which is killed at the limit; importing SymPy and a first call are not counted.
"""

from __future__ import annotations

import argparse
import itertools
import json
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import sympy as sp

from crossproof.checks.judgement.ladder import Climb, holds, vanishes
from crossproof.derivations.catalog.diffusion_peak import (
    critical,
    diffusion,
    discriminant,
    least,
    power,
    strict,
    weak,
    weak_domain,
)
from crossproof.derivations.domain import Domain
from crossproof.derivations.processes.ito import generator
from crossproof.derivations.processes.sde import SDE
from crossproof.derivations.ranges import Above, Between, Positive, Real

s, a, v, eta, h, c, n, B, k, L, sigma, B_ = sp.symbols("s a v eta h c n B k L sigma B_", positive=True)
logistic = SDE(s, 2 * s * ((a + v / 2) - s), 2 * sp.sqrt(v) * s)
depth = next(x for x in power.free_symbols)
noise = next(x for x in least.free_symbols if x != depth)

_PEER = """
import pickle, sys, time, sympy
e = pickle.load(sys.stdin.buffer)
x = sympy.Symbol("x")
sympy.simplify(sympy.sqrt(x + 1) / (x**2 - 1) + 1 / x)
start = time.perf_counter()
done = sympy.simplify(e)
print(time.perf_counter() - start, done in (0, True))
"""


def identities() -> dict[str, sp.Expr]:
    """Return residuals that vanish identically."""
    x, y = sp.symbols("x1:7"), sp.symbols("y1:4")
    density = s ** (a / v - sp.Rational(3, 2)) * sp.exp(-s / v)
    W1, W2, E = (sp.Matrix(2, 2, sp.symbols(f"{name}1:5")) for name in ("u", "w", "e"))
    A, D = (
        sp.Matrix(2, 2, sp.symbols("a1:5")),
        sp.Matrix([[sp.Symbol("d1"), sp.Symbol("d2")], [sp.Symbol("d2"), sp.Symbol("d3")]]),
    )
    P, Q = sp.Matrix(3, 3, sp.symbols("p1:10")), sp.Matrix(3, 3, sp.symbols("q1:10"))
    peak = critical(strict, -1)
    t = sp.Symbol("s", positive=True)
    shifted = A - A.trace() * sp.eye(2)
    lyapunov = (A.det() * D + shifted * D * shifted.T) / (2 * A.trace() * A.det())
    kernel = sp.kronecker_product(W1.T * W1, sp.eye(2)) + sp.kronecker_product(sp.eye(2), W2 * W2.T)
    vec = sp.Matrix([E[i, j] for j in range(2) for i in range(2)])
    gradients = (E * W1.T, W2.T * E)
    variance = eta * c / (h * (2 - eta * h))
    subsets = [set(q) for q in itertools.combinations(range(6), 2)]
    cauchy = sp.Matrix(3, 3, lambda i, j: 1 / (x[i] + y[j])).det(method="berkowitz")
    closed = sp.prod((x[i] - x[j]) * (y[i] - y[j]) for i, j in ((0, 1), (0, 2), (1, 2)))
    solution = a / (1 + (a / k - 1) * sp.exp(-2 * a * L))
    return {
        "logistic mode, explicit solution": sp.diff(solution, L) - 2 * solution * (a - solution),
        "zero current, logistic density": logistic.ito_drift[0] * density - sp.diff(2 * v * s**2 * density, s),
        "Ito, logistic to 1/s": generator(logistic, 1 / s) - (2 - 2 * a / s + 3 * v / s),
        "Ito, logistic to s^(1/L)": generator(logistic, s ** (1 / L)) - 2 * s ** (1 / L) / L * (a - s - v / 2 + v / L),
        "peak location at the root": power * (2 * (strict - peak) ** 2 + noise**2) - 4 * peak * (strict - peak),
        "threshold discriminant": discriminant(least),
        "logarithmic derivative of D(s)": sp.diff(diffusion(strict), t)
        - diffusion(strict) * (power / t - 4 * (strict - t) / (2 * (strict - t) ** 2 + noise**2)),
        "product of the critical points": critical(strict, 1) * peak
        - power * (2 * strict**2 + noise**2) / (2 * power + 4),
        "two-layer gradients, vec form": sum(e**2 for g in gradients for e in g) - (vec.T * kernel * vec)[0],
        "Lyapunov equation, 2 x 2": sum((k + 1) * e for k, e in enumerate(A * lyapunov + lyapunov * A.T - D)),
        "det(PQ) = det P det Q, 3 x 3": (P * Q).det(method="berkowitz") - P.det() * Q.det(),
        "Jacobi's formula, 3 x 3": sp.diff((P + k * Q).det(method="berkowitz"), k).subs(k, 0)
        - (P.adjugate() * Q).trace(),
        "discrete SGD variance": (1 - eta * h) ** 2 * variance + eta**2 * c - variance,
        "Cauchy determinant, 6 symbols": cauchy - closed / sp.prod(p + q for p in x[:3] for q in y),
        "15-term identity, 6 symbols": sum(
            sp.prod(x[i] / (x[i] - x[j]) for i in S for j in range(6) if j not in S) for S in subsets
        )
        - 1,
    }


def inequalities() -> dict[str, tuple[Any, Domain]]:
    """Return inequalities with their domains."""
    y = sp.Symbol("y", positive=True)
    r, q = sp.symbols("r q", real=True)
    size, batch = sp.Symbol("n", positive=True), sp.Symbol("b", positive=True)
    rate, curvature = sp.Symbol("eta", positive=True), sp.Symbol("h", positive=True)

    def lt(first: Any, second: Any) -> Any:
        return sp.Lt(first, second, evaluate=False)

    return {
        "peak before the teacher value": (lt(critical(weak, -1), weak), weak_domain),
        "GD is stable below 2/eta": (
            lt((1 - rate * curvature) ** 2, 1),
            Domain(eta=Positive, h=Between(0, 2 / rate)),
        ),
        "without replacement is quieter": (
            lt((size - batch) / (size - 1) / batch, 1 / batch),
            Domain(b=Above(1), n=Above(batch)),
        ),
        "label noise beats curvature (false)": (lt(2 * r * q, r**2 + q**2), Domain(r=Real, q=Real)),
        "exponential escape factor": (
            lt(1 + y, sp.exp(y) + sp.Rational(1, 100)),
            Domain(y=Between(0, 3)),
        ),
    }


def simplified(e: Any, limit: float) -> tuple[float | None, bool]:
    """Return the seconds that `sympy.simplify` took (None: killed at the limit), and whether it got 0 or True."""
    process = subprocess.Popen([sys.executable, "-c", _PEER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        out, _ = process.communicate(pickle.dumps(e), timeout=limit + 3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None, False
    if process.returncode or not out:
        return None, False
    seconds, solved = out.decode().split()
    return float(seconds), solved == "True"


def row(name: str, climb: Climb, peer: tuple[float | None, bool], limit: float) -> dict[str, Any]:
    """Return one line of the table."""
    ours = sum(r.seconds for r in climb.rungs)
    return {
        "name": name,
        "answer": climb.answer,
        "decided_by": climb.decided_by,
        "rungs": {r.name: r.seconds for r in climb.rungs},
        "simplify_seconds": peer[0],
        "simplify_solved": peer[1],
        "ratio": (limit if peer[0] is None else peer[0]) / ours,
        "ratio_is_lower_bound": peer[0] is None,
    }


def line(found: dict[str, Any], limit: float) -> str:
    """Return a row as text."""
    rungs = ", ".join(f"{name} {1e3 * t:.2f} ms" for name, t in found["rungs"].items())
    peer = found["simplify_seconds"]
    said = "killed" if peer is None else ("solved" if found["simplify_solved"] else "open")
    took = f"> {limit:g} s" if peer is None else f"{peer:.3f} s"
    sign = ">" if found["ratio_is_lower_bound"] else " "
    return f"{found['name']:36} {found['answer']!s:6} {rungs:32} {took:>10} {said:7} {sign}{found['ratio']:.0f}x"


def main() -> None:
    """Run everything, print a table, and write JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each call of sympy.simplify")
    parser.add_argument("--json", type=Path, help="file to write")
    options = parser.parse_args()
    vanishes(sp.Symbol("x") - 1)  # imports
    holds(sp.Gt(sp.Symbol("x", positive=True), 0, evaluate=False), Domain(x=Positive))
    print(f"{'':36} {'answer':6} {'rungs':32} {'simplify':>10} {'':7} ratio")
    rows = []
    start = time.perf_counter()
    for name, e in identities().items():
        rows.append(row(name, vanishes(e), simplified(e, options.limit), options.limit))
        print(line(rows[-1], options.limit), flush=True)
    for name, (relation, domain) in inequalities().items():
        rows.append(row(name, holds(relation, domain), simplified(relation, options.limit), options.limit))
        print(line(rows[-1], options.limit), flush=True)
    print(f"{time.perf_counter() - start:.0f} s in all")
    if options.json:
        options.json.write_text(json.dumps({"limit_seconds": options.limit, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
