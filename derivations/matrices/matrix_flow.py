r"""The multiplicative matrix process of label-noise training, and the trace algebra of its increments.

:math:`d\Theta = \Theta\,dG`, :math:`dG = J\,dt + \sqrt{\eta\delta}\,d\xi` with the symmetric block matrices

.. math:: J = \begin{pmatrix}0 & R\\ R^\top & 0\end{pmatrix},\qquad
          d\xi = \begin{pmatrix}0 & X^\top dE\\ dE^\top X & 0\end{pmatrix},

where X is n x p, R = X^T (Y - X W1 W2) is p x k and dE is n x k with independent Brownian entries. Products of
blocks are handled as words of named factors, so an identity of traces holds for every shape (p, k, n) at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

#: A factor of a word: name and whether it is transposed.
Factor = tuple[str, bool]
#: A product of factors.
Word = tuple[Factor, ...]
#: A linear combination of words; an absent word has coefficient zero, the empty dict is the zero block.
Block = dict[Word, sp.Expr]

NOISE = "E"


@dataclass(frozen=True)
class MatrixFlow:
    r"""Description of :math:`d\Theta = \Theta[J\,dt + \sqrt{v}\,d\xi]`.

    Parameters
    ----------
    inputs, outputs, samples : Symbol
        p, k and n: columns of X, columns of Y, rows of both.
    variance : sympy.Expr
        v, the variance rate of the noise (eta * delta); 0 for the noise-free flow.
    gram_trace : Symbol
        Name of tr(X^T X).
    """

    inputs: sp.Symbol
    outputs: sp.Symbol
    samples: sp.Symbol
    variance: sp.Expr
    gram_trace: sp.Symbol

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """Shape symbols, tr(X^T X) and the parameters of the noise."""
        return {self.inputs, self.outputs, self.samples, self.gram_trace} | set(self.variance.free_symbols)

    def latex(self) -> str:
        """Return the equation in LaTeX."""
        noise = "" if self.variance == 0 else rf" + \sqrt{{{sp.latex(self.variance)}}}\,d\xi"
        return rf"d\Theta = \Theta\left[J\,dt{noise}\right]"

    def drift_blocks(self) -> list[list[Block]]:
        """Return J in 2 x 2 blocks of words."""
        one = sp.Integer(1)
        return [[{}, {(("R", False),): one}], [{(("R", True),): one}, {}]]

    def noise_blocks(self) -> list[list[Block]]:
        """Return xi in 2 x 2 blocks of words."""
        one = sp.Integer(1)
        upper: Word = (("X", True), (NOISE, False))
        lower: Word = ((NOISE, True), ("X", False))
        return [[{}, {upper: one}], [{lower: one}, {}]]

    def trace(self, blocks: list[list[Block]]) -> Block:
        """Return the trace of a block matrix as a combination of traced words."""
        total: Block = {}
        for i in range(2):
            for word, coefficient in blocks[i][i].items():
                total[word] = total.get(word, sp.Integer(0)) + coefficient
        return {w: c for w, c in total.items() if c != 0}

    def mean_trace(self, blocks: list[list[Block]]) -> sp.Expr:
        r"""Return the expectation of a trace with at most two noise factors.

        :math:`E[E_{ia}E_{jb}] = \delta_{ij}\delta_{ab}`; traces without noise come back as symbols ``tr_<word>``.
        """
        return sp.Add(*(c * self._mean_of_word(w) for w, c in self.trace(blocks).items()))

    def _mean_of_word(self, word: Word) -> sp.Expr:
        places = [i for i, factor in enumerate(word) if factor[0] == NOISE]
        if len(places) % 2:
            return sp.Integer(0)
        if not places:
            return self._deterministic_trace(word)
        if len(places) > 2:
            raise NotImplementedError(f"word {word} has {len(places)} noise factors; at most 2 are handled")
        first, second = places
        inner, outer = word[first + 1 : second], word[second + 1 :] + word[:first]
        left, right = word[first][1], word[second][1]
        if left == right:  # E[tr(a E b E)] = tr(a b^T)
            return self._deterministic_trace(outer + transposed(inner))
        # E[tr(a E b E^T)] = tr(a) tr(b); an empty word is the identity on the space between the two factors
        inner_size = self.samples if left else self.outputs
        outer_size = self.outputs if left else self.samples
        return self._deterministic_trace(outer, outer_size) * self._deterministic_trace(inner, inner_size)

    def _deterministic_trace(self, word: Word, size: sp.Expr | None = None) -> sp.Expr:
        if not word:
            if size is None:
                raise NotImplementedError("the trace of an identity needs the size of its space")
            return size
        gram = {(("X", True), ("X", False)), (("X", False), ("X", True))}
        if word in gram:
            return self.gram_trace
        return sp.Symbol("tr_" + "".join(n + ("T" if t else "") for n, t in word))


def transposed(word: Word) -> Word:
    """Return the word of the transposed product."""
    return tuple((name, not flag) for name, flag in reversed(word))


def multiply(a: list[list[Block]], b: list[list[Block]]) -> list[list[Block]]:
    """Return the product of two 2 x 2 block matrices of words."""
    product: list[list[Block]] = [[{}, {}], [{}, {}]]
    for i in range(2):
        for j in range(2):
            for m in range(2):
                for u, c in a[i][m].items():
                    for v, d in b[m][j].items():
                        product[i][j][u + v] = product[i][j].get(u + v, sp.Integer(0)) + c * d
    return product


def log_determinant_rates(flow: MatrixFlow) -> tuple[sp.Expr, Block]:
    r"""Return drift and noise word of :math:`\log\det(\Theta^\top\Theta)` for every shape.

    From :math:`\det((I+G)^\top\Theta^\top\Theta(I+G)) = \det(I+G)^2\det(\Theta^\top\Theta)` and
    :math:`\log\det(I+G) = \mathrm{tr}\,G - \tfrac12\mathrm{tr}\,G^2 + \dots` the drift is
    :math:`2\,\mathrm{tr}J - v\,E[\mathrm{tr}\,\xi^2]` and the noise :math:`2\sqrt{v}\,\mathrm{tr}\,d\xi`.
    An empty noise block means that there is no Brownian term.
    """
    xi = flow.noise_blocks()
    drift = 2 * flow.mean_trace(flow.drift_blocks()) - flow.variance * flow.mean_trace(multiply(xi, xi))
    noise = {} if flow.variance == 0 else flow.trace(xi)
    return sp.expand(drift), noise
