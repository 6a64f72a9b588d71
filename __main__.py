"""``python -m crossproof``."""

import sys


def _installed_elsewhere(folder: str) -> str | None:
    """Return where crossproof is installed if this is a copy that stands in `folder`; None if it is no such copy."""
    from pathlib import Path

    package = Path(__file__).resolve().parent
    if package.parent != Path(folder).resolve():
        return None
    found = (finder.find_spec("crossproof", None) for finder in sys.meta_path)
    places = [Path(spec.origin).parent for spec in found if spec is not None and spec.origin is not None]
    return next((str(place) for place in places if place.resolve() != package), None)


if __name__ == "__main__":
    # the working folder, which may be a stranger's
    if not sys.flags.safe_path and (other := _installed_elsewhere(sys.path.pop(0))):
        print(
            f"crossproof: error: this is the copy in the working folder, and another one is installed in {other}; "
            "use `crossproof` or `python -P -m crossproof`",
            file=sys.stderr,
        )
        sys.exit(2)
    from .cli import main

    sys.exit(main())
