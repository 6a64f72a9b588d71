"""Invariant sets of SGD in neural networks: document 004, sections 3 and appendices B.3, G and H."""

from __future__ import annotations

import sympy as sp

from ...claim import Source, claim
from ...domain import Domain
from ...ranges import Between, Integers, Positive, Real
from ...statements.networks import MatrixIdentity
from ...statements.scalar import Identity
from ...statements.sets.invariant_sets import (
    Activation,
    Along,
    ConstantProjection,
    ConstantSums,
    FeedForward,
    Head,
    SilentNeuron,
    Sums,
    TiedNeurons,
)
from ...statements.sets.symmetry_sets import InterpolatingPoint, SampleLoss, TranslationInvariant, Translations
from ...symbols import dimension, positive

zero, one = sp.Integer(0), sp.Integer(1)
convention = (
    "the loss is differentiable in the output; at a kink of the activation, back-propagation uses any fixed number for "
    "its derivative, as the print differentiates ReLU without saying how"
)
anything = Domain()

claim(
    "004.interp",
    "A point at which the train loss vanishes is invariant.",
    source=Source("004", "Section 3, after Definition 3.1"),
    statement=InterpolatingPoint(SampleLoss.NON_NEGATIVE),
    domain=anything,
    given=("losses of samples are differentiable",),
    reading="losses of samples are non-negative, as an 'interpolating point' with vanishing loss suggests",
    printed=r"A = \{\theta_*\} \text{ such that } \mathcal{L}(\theta_*) = 0",
)
claim(
    "004.interp.anyloss",
    "A point at which the train loss vanishes is invariant, whatever sign the losses of samples have.",
    source=Source("004", "Section 3, after Definition 3.1"),
    statement=InterpolatingPoint(SampleLoss.ANY),
    domain=anything,
    given=("losses of samples are differentiable",),
    reading="losses of samples may be negative: (2) speaks of 'a loss function' only",
    stated=False,
)

sign_printed = (
    r"A = \{\theta \in \mathbb{R}^d \mid w_{in,p}^{(l)} = 0, b_p^{(l)} = 0, w_{out,p}^{(l+1)} = 0\}",
    r"\{\theta \in \mathbb{R}^d \mid w_{in,p}^{(l)} = w_{in,q}^{(l)}, b_p^{(l)} = b_q^{(l)}, "
    r"w_{out,p}^{(l+1)} = w_{out,q}^{(l+1)}\}",
)
claim(
    "004.prop3.1",
    "With an origin-passing activation, the zero set of a hidden neuron's parameters is invariant.",
    source=Source("004", "Proposition 3.1"),
    statement=SilentNeuron(FeedForward(Activation.ORIGIN_PASSING), zero, zero, zero),
    domain=anything,
    given=(convention,),
    printed=sign_printed[0],
)
claim(
    "004.prop3.2",
    "The set on which two hidden neurons of a layer have the same parameters is invariant.",
    source=Source("004", "Proposition 3.2"),
    statement=TiedNeurons(FeedForward(Activation.ANY), one, one, one),
    domain=anything,
    given=(convention,),
    printed=sign_printed[1],
)
claim(
    "004.g.invariant",
    "In the two-neuron network the set w_1^(i) = w_2^(i), i = 1, 2, is invariant.",
    source=Source("004", "Appendix G"),
    statement=TiedNeurons(FeedForward(Activation.ANY), one, one, one),
    domain=anything,
    given=(
        convention,
        "the network of Appendix G is (1) with one hidden layer and biases fixed at 0; label noise changes labels only",
    ),
    printed=r"\{\theta | w_1^{(i)} = w_2^{(i)} \text{ for } i = 1, 2\}",
)

# Residual connections.

residual = (("l1", "l2"),)
chained = (("l1", "l2"), ("l2", "l3"))
single = "the network has one residual connection, that from l1 to l2"
several = "the network has further residual connections, as ResNet-18 has; the print names that from l1 to l2 only"
for name, words, of, network, printed in (
    (
        "004.proph.1",
        "silent at l1 and l2, where sigma is origin-passing",
        SilentNeuron,
        Activation.ORIGIN_PASSING,
        r"A = \{\theta | w_{in,p}^{(l)} = 0, b_p^{(l)} = 0, w_{out,p}^{(l+1)} = 0 \text{ for } l = l_1, l_2\}",
    ),
    (
        "004.proph.2",
        "tied to another at l1 and l2",
        TiedNeurons,
        Activation.ANY,
        r"A = \{\theta | w_{in,p}^{(l)} = w_{in,q}^{(l)}, b_p^{(l)} = b_q^{(l)}, w_{out,p}^{(l+1)} = w_{out,q}^{(l+1)} "
        r"\text{ for } l = l_1, l_2\}",
    ),
):
    number = zero if of is SilentNeuron else one
    place = Source("004", f"Proposition H.{name[-1]}")
    claim(
        name,
        f"With a residual connection from l1 to l2, the parameters of a neuron {words} form an invariant set.",
        source=place,
        statement=of(FeedForward(network, residual), number, number, number, ("l1", "l2")),
        domain=anything,
        given=(convention,),
        reading=single,
        printed=printed,
    )
    claim(
        f"{name}.chain",
        f"The same where l2 is itself connected to a later layer l3: a neuron {words} forms an invariant set.",
        source=place,
        statement=of(FeedForward(network, chained), number, number, number, ("l1", "l2")),
        domain=anything,
        given=(convention,),
        reading=several,
        stated=False,
        printed=printed,
    )
    claim(
        f"{name}.chain.repaired",
        f"Along a chain of residual connections, a neuron {words} and at every further layer of the chain forms one.",
        source=place,
        statement=of(FeedForward(network, chained), number, number, number, ("l1", "l2", "l3")),
        domain=anything,
        given=(convention, "the chain is l1, l2, l3; longer ones are the same"),
        repairs=f"{name}.chain",
    )

first, before, this = dimension("k_0 k_1 k_2")
claim(
    "004.defh1",
    "In the residual layer, the weights w^(l2-1) have as many columns as h^(l2-1) has entries.",
    source=Source("004", "Definition H.1"),
    statement=Identity(first, before),
    domain=Domain(k_0=Integers(1), k_1=Integers(1), k_2=Integers(1)),
    given=(
        "layers are numbered as in (1), where w^(l) maps layer l-1 to layer l; k_0, k_1, k_2 are the widths of layers "
        "l2-2, l2-1, l2",
    ),
    reading="w^(l) numbered as in (1); H.1 calls it 'the weight matrix at layer l', which that from l to l+1 is, too",
    stated=False,
    printed=r"h^{(l_2)}(x) = \sigma \left(w^{(l_2-1)} h^{(l_2-1)}(x) + b^{(l_2)} \right) + h^{(l_1)}(x)",
)
W = sp.MatrixSymbol("W_l2", this, before)
h_column, c_column = sp.MatrixSymbol("h", before, 1), sp.MatrixSymbol("c", this, 1)
claim(
    "004.defh1.repaired",
    "With w^(l2) in place of w^(l2-1), the layer's pre-activation has the shape of its bias.",
    source=Source("004", "Definition H.1"),
    statement=MatrixIdentity((W * h_column).T * c_column, c_column.T * (W * h_column)),
    domain=Domain(k_1=Integers(1), k_2=Integers(1)),
    given=("the product with any c of the shape of b^(l2) exists and is a number",),
    repairs="004.defh1",
)

# Softmax, data in a subspace, translations.

claim(
    "004.b3.softmax",
    "Before a softmax, sums over outputs of the last layer's weights from each neuron and of its biases are constant.",
    source=Source("004", "B.3"),
    statement=ConstantSums(FeedForward(Activation.ANY, head=Head.SOFTMAX), Sums.OVER_OUTPUTS),
    domain=anything,
    given=(convention,),
    printed="the columns of the weight matrix and the vector of biases immediately preceding this layer can be shifted "
    "by a constant without changing the outputs. As a result, the dynamics for these parameters are constrained to an "
    "affine space with a constant sum determined by their initialization. This subspace is an invariant set",
)
claim(
    "004.b3.kernel",
    "Where all inputs are orthogonal to v, the first layer's weights applied to v are constant.",
    source=Source("004", "B.3"),
    statement=ConstantProjection(FeedForward(Activation.ANY), Along.KERNEL),
    domain=anything,
    given=(convention,),
    printed="if the training data has a non-trivial kernel space [...], then the rows of the first-layer's weight "
    "matrix can be translated by any vector in the kernel space without changing the output of the network. Again, "
    "this constrains the learning dynamics to an affine space, which is an invariant set",
)
claim(
    "004.b3.translation",
    "A loss that does not change along a direction v keeps v.theta constant.",
    source=Source("004", "B.3, last sentence"),
    statement=TranslationInvariant(Translations.ALL),
    domain=anything,
    given=("losses of samples are differentiable",),
    reading="a symmetry under all multiples of v, as in the two examples before the sentence",
    printed="In general, any translational symmetry should generate invariant sets",
)
claim(
    "004.b3.translation.one",
    "A loss that does not change by one translation v keeps v.theta constant.",
    source=Source("004", "B.3, last sentence"),
    statement=TranslationInvariant(Translations.ONE),
    domain=anything,
    given=("losses of samples are differentiable",),
    reading="a symmetry under a single translation, as of a bias behind a sine",
    stated=False,
)

# Counts, definitions.

m, k = dimension("m k")
claim(
    "004.cnt.sign",
    "A fully connected network of depth m and width k has (m - 1) k hidden neurons, each with its sign set.",
    source=Source("004", "Section 3, after Proposition 3.1"),
    statement=Identity(m * k - k, (m - 1) * k),
    domain=Domain(m=Integers(2), k=Integers(1)),
    given=(
        "m layers of k neurons less the k of the output",
        "sets of different neurons differ, for the biases that they fix differ",
    ),
    printed=r"(m-1)k",
)
claim(
    "004.cnt.perm",
    "A fully connected network of depth m and width k has (m - 1) k (k - 1)/2 pairs of neurons of one hidden layer.",
    source=Source("004", "Section 3, after Proposition 3.2"),
    statement=Identity((m - 1) * (k**2 - k) / 2, (m - 1) * (k * (k - 1) / 2)),
    domain=Domain(m=Integers(2), k=Integers(1)),
    given=(
        "in each of m - 1 hidden layers, half of the k^2 ordered pairs less the k of a neuron with itself",
        "the binomial coefficient is k (k - 1)/2; sets of different pairs differ, for the biases made equal differ",
    ),
    printed=r"(m-1)\binom{k}{2}",
)
W_l, W_next = (sp.MatrixSymbol(name, k, k) for name in ("w_1", "w_2"))
e_p, e_q = (sp.MatrixSymbol(name, k, 1) for name in ("e_p", "e_q"))
for suffix, incoming in (("", W_l), (".repaired", W_next)):
    claim(
        f"004.fn4{suffix}",
        "Entry q of the weights into p of "
        f"{'layer l' if not suffix else 'layer l+1'} is entry p of the weights from q of layer l.",
        source=Source("004", "footnote 4"),
        statement=MatrixIdentity(e_q.T * (incoming.T * e_p), e_p.T * (W_next * e_q)),
        domain=Domain(k=Integers(1)),
        given=(
            "w_1, w_2 are w^(l), w^(l+1) of (1), all layers of width k; weights into p are row p, w^T e_p, and those "
            "from q are column q, w e_q",
        ),
        repairs="004.fn4" if suffix else None,
        printed="" if suffix else r"(w_{in,p}^{(l)})_q = (w_{out,q}^{(l+1)})_p",
    )

alpha, slope = positive("alpha s")
beta = sp.Symbol("beta", real=True)
nothing = sp.Integer(0)
with sp.evaluate(False):
    at_zero = (
        nothing,
        sp.tanh(nothing),
        sp.Max(nothing, nothing),
        sp.Max(nothing, slope * nothing),
        alpha * (sp.exp(nothing) - 1),
        nothing / (1 + sp.exp(-beta * nothing)),
        nothing / (1 + sp.exp(-nothing)),
        nothing * (1 + sp.erf(nothing / sp.sqrt(2))) / 2,
    )
    squares = sp.Add(*(value**2 for value in at_zero))
claim(
    "004.act",
    "Linear, tanh, ReLU, Leaky ReLU, ELU, Swish, SiLU and GELU vanish at 0: so does the sum of the squares.",
    source=Source("004", "Section 3, after Proposition 3.1"),
    statement=Identity(squares, sp.Integer(0)),
    domain=Domain(alpha=Positive, s=Between(0, 1), beta=Real),
    given=("linear is the identity; s is the slope of Leaky ReLU, alpha that of ELU, beta that of Swish",),
    printed=r"\sigma(0) = 0",
)
