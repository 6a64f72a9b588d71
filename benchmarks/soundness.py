"""Claims of known truth through all witnesses: is anything false supported, or anything true accused?

    python benchmarks/soundness.py --count 10000 [--effort quick] [--seed 0] [--workers 2] [--kind laws] [--no-sampling]
    python benchmarks/soundness.py --issue [--effort default]

The first form generates claims (known_truth/), the second judges the inputs that once were misjudged
(known_truth/issue.py). The table counts verdicts by kind and truth; every wrong one is listed, and the exit status is 1
if there is one. A false claim that is confirmed within a stated resolution coarser than its deviation is listed apart.
"""

from __future__ import annotations

import argparse
import sys

from known_truth.campaign import KINDS, Table, described, generate, judge, numbers


def campaign(arguments: argparse.Namespace) -> int:
    """Judge generated claims and print the table; return the exit status."""
    table = Table()
    for kind, count in numbers(arguments.count, arguments.kind or list(KINDS)).items():
        cases = generate(kind, count, arguments.seed)
        for judged in judge(
            cases,
            f"{kind}-{arguments.seed}",
            effort=arguments.effort,
            seed=arguments.seed,
            workers=arguments.workers,
            sampling=not arguments.no_sampling,
        ):
            table.add(kind, judged)
            if judged.wrong:
                print(described(judged), flush=True)
    for judged in table.within:
        assert judged.verdict is not None
        print(f"within its resolution {judged.verdict.resolution}: {judged.id}, deviation {judged.case.deviation}")
    print("\n".join(table.lines()))
    print(f"wrongly judged: {len(table.wrong)}")
    return 1 if table.wrong else 0


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="claims to generate, over all kinds")
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="only this kind; may be repeated")
    parser.add_argument("--effort", default="quick", choices=("quick", "default", "thorough"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--no-sampling", action="store_true", help="leave Monte Carlo out")
    parser.add_argument("--issue", action="store_true", help="judge the inputs that once were misjudged instead")
    arguments = parser.parse_args()
    if arguments.issue:
        from known_truth.issue_run import run

        return run(arguments.effort, arguments.workers)
    return campaign(arguments)


if __name__ == "__main__":
    sys.exit(main())
