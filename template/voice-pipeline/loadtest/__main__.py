"""`python -m loadtest`: callers talk to the pipeline at once; budgets and baseline must hold."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sim import LLM_MS, SERVICES, STT_MS, TTS_MS

from .judge import JUDGES, WORKERS_FIGURE, available, budgets, judge, read_figures, table
from .result import Baseline, Result
from .stack import StartError, stack

BASELINE: Final = Path(__file__).with_name("baseline.json")
RESULT: Final = Path("tmp/loadtest/result.json")


class UsageError(Exception):
    """Arguments that do not fit the figures; the message is a sentence."""


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; wrong ones end the process with status 2."""
    parser = argparse.ArgumentParser(prog="python -m loadtest", description=__doc__)
    parser.add_argument("--workers", type=int, help=f"callers (the figure {WORKERS_FIGURE})")
    parser.add_argument("--url", help="of a running pipeline; without it one is started")
    parser.add_argument("--key", default="any", help="API key for --url")
    parser.add_argument("--stt-ms", type=float, default=STT_MS, help="of the simulator")
    parser.add_argument("--llm-ms", type=float, default=LLM_MS, help="of the simulator")
    parser.add_argument("--tts-ms", type=float, default=TTS_MS, help="of the simulator")
    parser.add_argument("--judge", action="append", choices=JUDGES, help="only these decide")
    parser.add_argument("--from", dest="saved", type=Path, help="judge this result, do not run")
    parser.add_argument("--result", type=Path, default=RESULT, help="(%(default)s)")
    parser.add_argument("--record-baseline", action="store_true", help=f"write {BASELINE.name}")
    return parser.parse_args(argv)


def chosen_judges(asked: Sequence[str] | None, figures: Mapping[str, float]) -> list[str]:
    """Return the judges who decide; raises a `UsageError` when one lacks its figure."""
    known = available(figures)
    if missing := [name for name in asked or () if name not in known]:
        raise UsageError(f"The figure for the judge {missing[0]} is unknown.")
    return list(asked or known)


def chosen_workers(asked: int | None, figures: Mapping[str, float]) -> int:
    """Return the number of callers; raises a `UsageError` when it is below the figure."""
    least = int(figures.get(WORKERS_FIGURE, 1))
    if asked is not None and asked < least:
        raise UsageError(f"{asked} workers are fewer than the {least} of {WORKERS_FIGURE}.")
    return asked or least


async def _measure(options: argparse.Namespace, workers: int) -> Result:
    """Run until the end, or until Ctrl-C or its like from a CI; either stops what was started."""
    from .run import Run  # the official client takes a second to import

    task = asyncio.current_task()
    assert task
    if sys.platform != "win32":  # where Ctrl-C alone ends a process
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    if options.url:
        return await Run(options.url.rstrip("/"), options.key)(workers)
    async with stack({name: getattr(options, f"{name}_ms") for name in SERVICES}) as url:
        return await Run(url, options.key)(workers)


def _result(options: argparse.Namespace, figures: Mapping[str, float]) -> Result:
    """Read the saved result, or measure and save one in place of a stale one."""
    if options.saved:
        saved = Result.read(options.saved)
        chosen_workers(saved.workers, figures)
        return saved
    workers = chosen_workers(options.workers, figures)
    options.result.unlink(missing_ok=True)
    result = asyncio.run(_measure(options, workers))
    result.write(options.result)
    return result


def _report(options: argparse.Namespace) -> int:
    figures = read_figures()
    judges = chosen_judges(options.judge, figures)
    result = _result(options, figures)
    if not any(result.of(name) for name in SERVICES):
        raise ValueError("\n".join([*result.failures, "There are no samples to judge."]))
    if options.record_baseline and not result.failures:
        Baseline.of(result).write(BASELINE)
    baseline = Baseline.read(BASELINE) if BASELINE.exists() else None
    breaches = judge(result, judges, figures, baseline)
    print(table(result, judges, figures, baseline, breaches))
    if not options.saved:
        from .picture import draw  # so does matplotlib

        draw(result, budgets(figures), baseline, options.result.with_name("latency.png"))
    for breach in breaches:
        print(breach.sentence)
    return 1 if breaches else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run, judge and report; return 0 all held, 1 a breach, 2 no judgement was possible."""
    options = parse(argv)
    try:
        return _report(options)
    except (UsageError, StartError, RuntimeError, OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


if __name__ == "__main__":
    sys.exit(main())
