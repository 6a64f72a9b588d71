"""``python -m crossproof``."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the working folder, which may be a stranger's
    from .cli import main

    sys.exit(main())
