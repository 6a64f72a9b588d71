"""The documents that claims are taken from: title, authors, year and address, as far as the documents name them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A document that claims are taken from.

    Parameters
    ----------
    name : str
        Number or name by which claims cite it.
    title : str
        Its own title; empty where it has none.
    authors : tuple of str
        As the document names them.
    year : int, optional
        Year of publication.
    url : str
        DOI or address.
    lost : bool
        Whether the text that is kept of it has lost its formulas, so that each was derived again from the words.
    """

    name: str
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    url: str = ""
    lost: bool = False

    @property
    def citation(self) -> str:
        """The entry of a bibliography, without a full stop at its end."""
        year = str(self.year) if self.year else ""
        known = (", ".join(self.authors), self.title, year, self.url)
        return ". ".join(part for part in known if part) or "without a title"


_KNOWN = (
    Document("002", "Inductive Biases of SGD: Research Proposal", ("Guillaume Corlouer",), 2025),
    Document("003", "Stochastic Gradient Descent in the Saddle-to-Saddle Regime of Deep Linear Networks", lost=True),
    Document(
        "004",
        "Stochastic Collapse: How Gradient Noise Attracts SGD Dynamics Towards Simpler Subnetworks",
        ("Feng Chen", "Daniel Kunin", "Atsushi Yamamura", "Surya Ganguli"),
    ),
)
DOCUMENTS = {known.name: known for known in _KNOWN}


def document(name: str) -> Document:
    """Return the document called `name`, of which nothing more may be known."""
    return DOCUMENTS.get(name, Document(name))
