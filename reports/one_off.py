"""The command that examines one identity which stands in no file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def verify_identity(
    equation: str, domain: str, arguments: Mapping[str, Any], json: Path | None, html: Path | None
) -> int:
    """Examine ``lhs == rhs`` on `domain`, print what was found, and return 0, or 1 on a contradiction.

    Parameters
    ----------
    equation, domain : str
        See :func:`crossproof.derivations.text.toml_text.one_identity`.
    arguments : mapping
        Keyword arguments of :func:`crossproof.checks.runs.verify.verify_claims`.
    json, html : Path or None
        Files to write.
    """
    from ..checks.runs.verify import verify_claims
    from ..checks.store.files import write_whole
    from ..checks.store.saved import strict_json
    from ..derivations.text.toml_text import ONE_OFF, one_identity
    from .content import build as content
    from .formats import html as pages
    from .formats.console import print_rows
    from .formats.terminal import show_rows
    from .progress import for_side_run

    modules = (*arguments.get("modules", ()), one_identity(equation, domain))
    with for_side_run() as progress:
        run = verify_claims([ONE_OFF], **{**arguments, "modules": modules}, progress=progress)
    *rows, _ = show_rows(run.verdicts[0])  # the last one would name a claim that no file holds
    again = shlex.join(["crossproof", "verify", "--identity", equation, *(["--domain", domain] if domain else [])])
    print_rows([*rows, ("reproduce", again)])
    plain = content.run_json(run)
    if json is not None:
        write_whole(json, strict_json(plain))
    if html is not None:
        write_whole(html, pages.render(content.build(run.verdicts, plain["run"])))
    for path in (json, html):
        if path is not None:
            print(f"wrote {path}")
    return int(bool(run.contradictions))
