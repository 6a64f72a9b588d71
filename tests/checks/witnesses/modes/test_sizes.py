"""Claims about any number of modes: right and wrong terms of the named and of the further modes."""

from __future__ import annotations

import pytest
import sympy as sp

from crossproof.checks.effort import effort
from crossproof.checks.evidence import Outcome
from crossproof.checks.witness import Task
from crossproof.checks.witnesses.modes.algebra import layer_sums
from crossproof.checks.witnesses.modes.exact import exact_networks
from crossproof.checks.witnesses.modes.sampling import sampled_coefficient
from crossproof.checks.witnesses.modes.sizes import sized
from crossproof.derivations.claim import CLAIMS, Claim, Source
from crossproof.derivations.domain import Domain
from crossproof.derivations.errors import ClaimError
from crossproof.derivations.ranges import AtLeast, Between, Integers, Positive
from crossproof.derivations.statements.modes import (
    DEPTH,
    FURTHER,
    LABEL_NOISE,
    STEP,
    ModeCoefficient,
    ModeQuantity,
    ModeSetting,
    ModeTarget,
)

L, (SJ, TJ) = DEPTH, FURTHER
ONE = ModeSetting(1, further=True)
(S1,), (T1,) = ONE.amplitudes, ONE.teacher
ITO = ModeTarget(ONE, ModeQuantity.ITO_DRIFT)
VARIANCE = ModeTarget(ONE, ModeQuantity.COVARIATION, (1, 1), (1, 1))
OWN = STEP * L * (L - 1) / 2 * S1 ** (3 - 4 / L) * (2 * (S1 - T1) ** 2 + LABEL_NOISE**2)
d = sp.Symbol("d", integer=True, positive=True)
SUM = sp.Sum((L - d) * S1 ** ((2 * L - 2 - 2 * d) / L) * SJ ** ((L + 2 * d - 2) / L), (d, 1, L - 1))
COUPLING = STEP * (S1 - T1) * (SJ - TJ) * SUM
DIFFUSION = STEP * L**2 * S1 ** (4 - 4 / L) * (2 * (T1 - S1) ** 2 + LABEL_NOISE**2)
DOMAIN = Domain(
    L=Integers(2), s1=Positive, stilde1=Positive, sj=Positive, stildej=Positive, sigma=AtLeast(0), eta_b=Positive
)
WITNESSES = [layer_sums, exact_networks, sampled_coefficient]


def _examine(witness, statement: ModeCoefficient):
    claim = Claim("test.mode", "t", Source("test", "here"), statement, DOMAIN)
    name = "quick" if witness is sampled_coefficient else "default"
    return witness(statement, Task(claim, effort(name), 0, "cpu", 1e-8, "test"))


@pytest.mark.parametrize("witness", WITNESSES)
@pytest.mark.parametrize("statement", [ModeCoefficient(ITO, OWN, COUPLING), ModeCoefficient(VARIANCE, DIFFUSION)])
def test_what_holds_for_any_number_of_modes_passes(witness, statement: ModeCoefficient) -> None:
    assert _examine(witness, statement).outcome in (Outcome.PROVED, Outcome.CONFIRMED)


@pytest.mark.parametrize("witness", WITNESSES)
@pytest.mark.parametrize(
    "statement",
    [
        ModeCoefficient(ITO, OWN),
        ModeCoefficient(ITO, OWN, 2 * COUPLING),
        ModeCoefficient(ITO, 2 * OWN, COUPLING),
        ModeCoefficient(VARIANCE, DIFFUSION, STEP * SJ),
    ],
)
def test_a_wrong_term_is_refuted(witness, statement: ModeCoefficient) -> None:
    assert _examine(witness, statement).outcome is Outcome.REFUTED


def test_a_network_of_three_modes_has_two_further_terms_and_ranges() -> None:
    ranges = {"L": Integers(2), "s1": Positive, "stilde1": Positive, "sj": Between(0, 1), "stildej": Positive}
    statement = ModeCoefficient(VARIANCE, S1, SJ / TJ)
    domain = Domain(**ranges, sigma=AtLeast(0), eta_b=Positive)
    made = sized(Claim("test.mode", "t", Source("test", "here"), statement, domain), 3)
    s2, s3, t2, t3 = sp.symbols("s2 s3 stilde2 stilde3", positive=True)
    assert isinstance(made.statement, ModeCoefficient)
    assert sp.expand(made.statement.value - (S1 + s2 / t2 + s3 / t3)) == 0
    assert made.domain.ranges[s3] == Between(0, 1)
    assert SJ not in made.domain.ranges


def test_a_term_of_a_further_mode_needs_further_modes_and_its_own_field() -> None:
    plain = ModeTarget(ModeSetting(1), ModeQuantity.ITO_DRIFT)
    with pytest.raises(ClaimError, match="set further=True"):
        ModeCoefficient(plain, OWN, COUPLING)
    with pytest.raises(ClaimError, match="put that part into `each`"):
        ModeCoefficient(ITO, OWN + COUPLING)


def test_the_catalog_says_it_of_any_number_of_modes() -> None:
    import crossproof

    crossproof.load_catalog()
    for name in ("003.eq2", "003.eq5", "003.e.label", "003.eq7", "003.eq7.cross", "003.j.width", "003.eq6.repaired"):
        assert CLAIMS[name].statement.target.setting.further
