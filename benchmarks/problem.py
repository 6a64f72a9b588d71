"""The scalar equation of the benchmarks, in numbers; standard library only, because every peer's environment reads it.

    ds = 2 s ((a + v/2) - s) dt + 2 sqrt(v) s dB,  s(0) = 0.05,  a = 1,  v = 1/2,  0 <= t <= 1

in 1000 Euler-Maruyama steps. Every implementation keeps the first two moments of the last state, nothing else.
"""

A, V, START, HORIZON, STEPS = 1.0, 0.5, 0.05, 1.0, 1000

LINEAR = 2 * (A + V / 2)
SQUARE = -2.0
NOISE = 2 * V**0.5
