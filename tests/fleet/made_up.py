"""Made-up reports of many repositories, in the form that `gates.py run --json` writes.

python -m tests.fleet.made_up FOLDER REPOSITORIES
"""

import json
import random
import sys
from pathlib import Path
from typing import Any

from tests.helpers import CATALOGUE

USUAL: dict[str, Any] = {
    "principle": "quality",
    "title": "Code Quality",
    "level": "MUST",
    "statement": "The code is tidy",
    "result": "pass",
    "detail": "",
    "seconds": 0.1,
    "proof": "`tidy .`",
}


def document(gates: dict[str, dict[str, Any]], **basis: object) -> dict[str, Any]:
    """A report with these gates, and what each needs filled in; `basis` is what it says beside them."""
    rows = [{"id": key} | USUAL | gates[key] for key in gates]
    return {"schema": 1, **basis, "passed": True, "counts": {}, "gates": rows}


def put(folder: Path, name: str, gates: dict[str, dict[str, Any]], **basis: object) -> Path:
    """Write a repository's report where `gh run download --dir` puts it."""
    path = folder / name / "gates.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document(gates, **basis)), encoding="utf-8")
    return path


def fleet(folder: Path, repositories: int) -> Path:
    """Reports of so many repositories, each under a constitution of the catalogue; the same for the same number.

    Every thirtieth has none.
    """
    dice = random.Random(repositories)  # noqa: S311 (made-up results are no secret)
    nouns = [
        "billing",
        "catalogue",
        "checkout",
        "courier",
        "ledger",
        "mailer",
        "media",
        "orders",
        "payroll",
        "search",
        "shipping",
        "stock",
    ]
    kinds = [
        "api",
        "batch",
        "charts",
        "console",
        "etl",
        "gateway",
        "model",
        "portal",
        "service",
        "voice",
        "web",
        "worker",
    ]
    constitutions = [one for one in CATALOGUE.constitutions.values() if one.principles]
    for number in range(repositories):
        name = f"{nouns[number % 12]}-{kinds[number // 12 % 12]}{number // 144 or ''}"
        if number % 30 == 17:
            (folder / name).mkdir(parents=True)
            continue
        sick = dice.choice([0.0, 0.0, 0.02, 0.08])
        gates = {}
        for key in dice.choice(constitutions).principles:
            principle = CATALOGUE.principles[key]
            weak = sick * (4 if dice.random() < 0.2 else 1)
            for gate in principle.gates:
                result, detail = made_up_result(dice, gate.task is not None, weak, gate.id)
                gates[gate.id] = {
                    "principle": principle.id,
                    "title": principle.title,
                    "level": gate.level,
                    "statement": gate.statement,
                    "result": result,
                    "detail": detail,
                }
        version = f"{dice.randint(1, 3)}.{dice.randint(0, 12)}.{dice.randint(0, 5)}"
        put(folder, name, gates, constitution=f"{name} Constitution", version=version, commit=f"{number:040x}"[::-1])
    return folder


def made_up_result(dice: random.Random, judged: bool, weak: float, gate: str) -> tuple[str, str]:
    """A gate's result and detail."""
    if not judged:
        return "open", "a reviewer decides"
    chance = dice.random()
    if chance < weak:
        lines = "\n".join(f"src/{gate.lower()}/module_{n}.py:{17 * n}: found what must not be" for n in range(1, 6))
        return "fail", f"`check {gate}` exited with 1:\n{lines}"
    if chance < weak * 1.15:
        return "error", "`helm` is not installed: install it, or name another command in 90-local.toml."
    if chance < 0.03 + weak:
        day = f"2027-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        return "waived", f"until {day}: the old importer goes first, then this can hold"
    return ("skipped", "slow, left out by --fast") if chance > 0.985 else ("pass", "")


if __name__ == "__main__":
    fleet(Path(sys.argv[1]), int(sys.argv[2]))
