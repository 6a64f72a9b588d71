"""Arguments about networks of every shape: matrix products written out in words, and derived mode coefficients."""

from __future__ import annotations

from collections.abc import Iterator

from ....checks.witnesses.networks.algebra import derivative_along, free_direction, gap_written_out, joined, sides
from ....derivations.calculus.modes import coefficient, in_amplitudes, in_layer_weights
from ....derivations.domain import Domain
from ....derivations.matrices.stacked_words import inner, words
from ....derivations.matrices.wick import TraceProducts
from ....derivations.matrices.words import TraceSum
from ....derivations.statements.amplitudes import AmplitudeTerm, SecondMoment
from ....derivations.statements.invariances import HiddenBasisChange
from ....derivations.statements.modes import ModeCoefficient
from ....derivations.statements.networks import AllOf, LayerGradient, MatrixIdentity, MatrixStatement, NetworkJacobian
from ..model import Step
from .lines import compared, line
from .products import covariances, matrices, traces

#: Where what is found comes from, if not from the gradient of the loss along free matrices.
_FOUND: dict[type[MatrixStatement], str] = {
    HiddenBasisChange: "after the change of basis, written out,",
    NetworkJacobian: "from the network, moved along a free matrix,",
    AmplitudeTerm: "from the loss, averaged over the data,",
    SecondMoment: "averaged over the data by Isserlis' theorem, in free matrices,",
}
#: Parts of a joint statement that are written out.
_PARTS = 3


def matrix_identity(statement: MatrixIdentity, domain: Domain) -> Iterator[Step]:
    """Yield both sides multiplied out: sums of products of matrices, the same for every shape."""
    left, right = words(statement.lhs), words(statement.rhs)
    yield line("left side, multiplied out", matrices(left.terms))
    if left.terms == right.terms:
        yield Step("the right side, multiplied out, has the same terms", "")
    else:
        yield line("right side, multiplied out", matrices(right.terms))


def gradient(statement: LayerGradient, domain: Domain) -> Iterator[Step]:
    """Yield the derivative of the loss along a free matrix, as traces, and the stated gradient's product with it."""
    setting, layer = statement.setting, statement.layer
    found = joined(derivative_along(setting, layer, statement.of, "U"), setting, layer)
    direction = free_direction(setting, "U", layer)
    stated = joined(inner([direction], [words(gap_written_out(statement.value, setting))]), setting, layer)
    yield line(f"derivative of {statement.of} along any U, in layer {layer}", covariances(found))
    if found.terms == stated.terms:
        yield Step("the trace of Uᵀ times the stated gradient has the same terms, for every U", "")
    else:
        yield line("trace of Uᵀ times the stated gradient", covariances(stated))


def together(statement: AllOf, domain: Domain) -> Iterator[Step]:
    """Yield the arguments of the parts of a joint statement."""
    for part in statement.parts[:_PARTS]:
        if isinstance(part, MatrixIdentity):
            yield from matrix_identity(part, domain)
        elif isinstance(part, LayerGradient):
            yield from gradient(part, domain)
        elif isinstance(part, MatrixStatement):
            yield from by_words(part, domain)


def by_words(statement: MatrixStatement, domain: Domain) -> Iterator[Step]:
    """Yield what is found in free matrices as a sum of traces, and what is stated, or what is left between the two."""
    how = _FOUND.get(type(statement), "from the loss, in free matrices,")
    for side in sides(statement)[:_PARTS]:
        yield line(f"{how} {side.what}", _written(side.found))
        if side.agree:
            yield Step(f"{side.what} as stated has the same terms, for all shapes", "")
        else:
            yield line(f"{side.what} as stated", _written(side.stated))
            yield line("what is left of their difference", _written(side.found - side.stated))  # type: ignore[operator]


def _written(scalar: TraceSum | TraceProducts) -> str:
    return covariances(scalar) if isinstance(scalar, TraceSum) else traces(scalar.terms)


def mode_coefficient(statement: ModeCoefficient, domain: Domain) -> Iterator[Step]:
    """Yield the coefficient that differentiating the one-sample loss gives, with the sums over layers closed."""
    if statement.target.setting.further:  # a further mode adds one term, so that one more tells the rule
        statement = statement.of_size(statement.target.setting.modes + 1)
    target = statement.target
    found = in_amplitudes(coefficient(target), target.setting)
    stated = in_amplitudes(in_layer_weights(statement.value, target.setting), target.setting)
    yield from compared(target.describe(), stated, found, "from the loss, layers summed")
