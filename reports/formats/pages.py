"""HTML pages from templates: everything is escaped, nothing is loaded, one script runs that its hash permits."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined
from markupsafe import Markup

from ..content.readable import readable
from ..pictures.picture import Picture
from ..pictures.render import page_colours, svg_for_page
from .mathml import formula
from .plain import plain

_FILES = "crossproof.reports.formats"


class _Templates(BaseLoader):
    """The templates beside this module."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, None, None]:
        return _file(template), None, None


@cache
def _file(name: str) -> str:
    return files(_FILES).joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=_Templates(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"anchor": anchor, "plain": plain, "readable": readable, "formula": _formula, "svg": _svg}
    return made


def _formula(latex: str) -> Markup:
    return Markup(formula(latex))


def _svg(picture: Picture) -> Markup:
    return Markup(svg_for_page(picture))


def anchor(text: str) -> str:
    """Return `text` as part of an id: every character but letters, digits, dot and hyphen by its code."""
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-") else f"_{ord(c):x}_" for c in text)


def render_page(template: str, *scripts: str, **content: Any) -> str:
    """Return a page that holds its style and its scripts; no other script may run in it."""
    code = "".join(map(_file, scripts))
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    style = Markup(_file("style.css") + page_colours())
    return _environment().get_template(template).render(policy=policy, style=style, script=Markup(code), **content)
