"""Canaries of `voice-pipeline`: for each task a small violation that turns it red, and no other task."""

import json
from pathlib import Path

from tests.project_types.canaries import (
    Canary,
    append,
    complex_function,
    module_without_test,
    plant_missing_changelog,
    plant_private_file,
    plant_secret,
    plant_vulnerable_dependency,
    replace,
    source,
    uncovered_branches,
)


def in_use(canary: Canary, module: str, *names: str) -> Canary:
    """The canary with names that the module then offers, since code that nothing uses is another gate's matter."""

    def plant(project: Path, package: str) -> None:
        canary(project, package)
        listed = "".join(f'    "{name}",\n' for name in names)
        append(source(project, package, module), f"\n\n__all__ = [\n{listed}]\n")

    return plant


def plant_long_line(project: Path, package: str) -> None:
    """A line that is longer than 100 characters."""
    append(source(project, package, "watchdog.py"), "\n# " + "It is late, and later than it seems. " * 4 + "\n")


def plant_wrong_type(project: Path, package: str) -> None:
    """A property whose hint promises a text where there may be none."""
    conversation = source(project, package, "conversation.py")
    replace(conversation, "def last_id(self) -> str | None:", "def last_id(self) -> str:")


def plant_wrong_item(project: Path, package: str) -> None:
    """A conversation that calls its first utterance the last."""
    replace(source(project, package, "conversation.py"), "self._items[-1].id", "self._items[0].id")


def plant_changed_contract(project: Path, _package: str) -> None:
    """A contract that says another thing about the service than it did."""
    replace(project / "contracts/stt.md", "by about 500 ms", "by about 900 ms")


def plant_transport(project: Path, package: str) -> None:
    """A module outside services/ that knows how messages are packed."""
    watchdog = source(project, package, "watchdog.py")
    replace(watchdog, "from .metrics import", "import msgpack\n\nfrom .metrics import")
    replace(watchdog, "worst = max(worst, lag)", "worst = max(worst, lag) if msgpack.version else lag")


def plant_unofficial_field(project: Path, package: str) -> None:
    """An event with a field that the protocol does not have."""
    session = source(project, package, "session.py")
    replace(session, 'event("session.updated", session=', 'event("session.updated", voice=self._voice, session=')


def plant_little_room(project: Path, package: str) -> None:
    """A limit of sessions that is below the callers that the load test brings."""
    replace(source(project, package, "config.py"), "Field(default=64, ge=1)", "Field(default=3, ge=1)")
    replace(project / ".env.example", "MAX_SESSIONS=64", "MAX_SESSIONS=3")


def slow_service(service: str, usual_ms: int, slow_ms: int) -> Canary:
    """A service that answers beyond its budget, with a baseline that somebody recorded so."""

    def plant(project: Path, _package: str) -> None:
        constant = f"{service.upper()}_MS: Final = "
        replace(project / "sim/__init__.py", f"{constant}{usual_ms}\n", f"{constant}{slow_ms}\n")
        path = project / "loadtest/baseline.json"
        baseline = json.loads(path.read_text(encoding="utf-8"))
        baseline["median_ms"][service] = 1.1 * slow_ms
        # A turn waits twice for the STT: until it notices the pause, and until it echoes the marker.
        baseline["median_ms"]["turn"] += 2 * (slow_ms - usual_ms)
        path.write_text(json.dumps(baseline), encoding="utf-8")

    return plant


def plant_slow_health(project: Path, package: str) -> None:
    """A health check that takes 300 ms."""
    check = "        reasons = await app.state.adapters.check()\n"
    replace(source(project, package, "app.py"), check, f"        await asyncio.sleep(0.3)\n{check}")


def plant_dropped_frame(project: Path, package: str) -> None:
    """A session that drops one frame, after 80 s."""
    taken = "            self._frames_taken += 1\n"
    dropped = f"{taken}            if self._frames_taken == 1000:\n                continue\n"
    replace(source(project, package, "session.py"), taken, dropped)


def plant_cpu_loop(project: Path, package: str) -> None:
    """A computation in the loop that takes the client's events, long on any machine."""
    clear = "                await self._clear()\n"
    loop = f"{clear}                sum(range(20_000_000))\n"
    replace(source(project, package, "session.py"), clear, loop)


def plant_sleep_in_coroutine(project: Path, package: str) -> None:
    """A coroutine that sleeps without giving way, where it hangs up on a service that has no room."""
    connection = source(project, package, "services/connection.py")
    replace(connection, "import asyncio\n", "import asyncio\nimport time\n")
    hang_up = "            except BaseException:\n"
    replace(connection, hang_up, f"{hang_up}                time.sleep(0.001)\n")


def plant_thread_queue(project: Path, package: str) -> None:
    """A queue that is made for threads."""
    conversation = source(project, package, "conversation.py")
    replace(conversation, "from dataclasses import dataclass\n", "import queue\nfrom dataclasses import dataclass\n")
    added = "        self._items.append(item)\n"
    replace(conversation, added, f"{added}        queue.SimpleQueue[Item]().put(item)\n")


def plant_second_clock(project: Path, package: str) -> None:
    """A module that reads a clock of its own."""
    watchdog = source(project, package, "watchdog.py")
    replace(watchdog, "import asyncio\n", "import asyncio\nimport time\n")
    replace(
        watchdog,
        "    window, worst = Stopwatch(), 0.0\n    while",
        "    window, worst = Stopwatch(), 0.0 * time.monotonic()\n    while",
    )


def plant_sleep_in_receive_loop(project: Path, package: str) -> None:
    """A pause in a function that the loop calls for each piece of audio that it receives."""
    events = source(project, package, "events.py")
    replace(events, "import secrets\n", "import secrets\nimport time\n")
    decode = "    return b64decode(value, validate=True)\n"
    replace(events, decode, f"    time.sleep(0.001)\n{decode}")


def plant_renamed_metric(project: Path, _package: str) -> None:
    """A dashboard that asks for a metric by a name that it does not have."""
    replace(project / "deploy/grafana/dashboards/voice.json", "voice_interruptions_total", "voice_interrupted_total")


def plant_uncounted_failure(project: Path, package: str) -> None:
    """A connection that fails, and is not counted."""
    connection = source(project, package, "services/connection.py")
    counted = "    except FAILURES as error:\n        CONNECTION_FAILURES.labels(service).inc()\n"
    replace(connection, counted, "    except FAILURES as error:\n")


def plant_shim(project: Path, package: str) -> None:
    """A name that says for whom something is kept."""
    audio = source(project, package, "audio.py")
    replace(audio, "def to_float(pcm: bytes)", "def to_float(legacy_pcm: bytes)")
    replace(audio, "np.frombuffer(pcm, ", "np.frombuffer(legacy_pcm, ")


def plant_setting_left_over(project: Path, package: str) -> None:
    """A variable in the example file that nothing reads any more."""
    append(project / ".env.example", f"{package.upper()}_CODEC=opus\n")


def plant_commented_out_code(project: Path, package: str) -> None:
    """A line of code that was switched off instead of deleted."""
    append(source(project, package, "audio.py"), "\n\n# frames = list(reversed(frames))\n")


def plant_undocumented_failures(project: Path, package: str) -> None:
    """A description that keeps quiet about how routes fail."""
    documented = '        responses={"4XX": {"model": Failure}, "5XX": {"model": Failure}},\n'
    replace(source(project, package, "app.py"), documented, "")


def plant_error_without_remedy(project: Path, package: str) -> None:
    """A message that says what is wrong but not what to do."""
    replace(source(project, package, "config.py"), " Correct it in the environment or .env.", "")


def plant_open_route(project: Path, package: str) -> None:
    """A websocket that asks nobody for a key."""
    route = """
    @app.websocket("/v1/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())

    return app
"""
    replace(source(project, package, "app.py"), "\n    return app\n", route)


def plant_missing_header(project: Path, package: str) -> None:
    """Answers whose content type a browser may guess."""
    replace(source(project, package, "app.py"), '    "X-Content-Type-Options": "nosniff",\n', "")


def plant_talkative_library(project: Path, package: str) -> None:
    """A library that logs headers, keys among them, when the level is DEBUG."""
    replace(source(project, package, "json_logs.py"), ', "websockets")', ")")


def plant_assert(project: Path, package: str) -> None:
    """A check that Python leaves out when it optimises."""
    added = "        self._items.append(item)\n"
    replace(source(project, package, "conversation.py"), added, f"        assert item.id\n{added}")


def plant_import_of_a_higher_layer(project: Path, package: str) -> None:
    """A helper that reaches up into the session."""
    cleared = "        self._rest.clear()\n"
    reaching = "        from .session import Turn\n\n        if not Turn().words:\n            self._rest.clear()\n"
    replace(source(project, package, "audio.py"), cleared, reaching)


def plant_missing_docstring(project: Path, package: str) -> None:
    """A public method without a docstring."""
    told = '        """Return what the language model is told, with other instructions if they are given."""\n'
    replace(source(project, package, "conversation.py"), told, "")


UNTESTED = [f"untested_{number}" for number in range(60)]

CANARIES: dict[str, Canary] = {
    "lint": plant_long_line,
    "types": plant_wrong_type,
    "test": plant_wrong_item,
    "coverage": in_use(uncovered_branches("src/{package}/services/health.py"), "services/health.py", *UNTESTED),
    "test-map": in_use(module_without_test("src/{package}/words.py"), "words.py", "shout"),
    "service-contracts": plant_changed_contract,
    "isolation": plant_transport,
    "realtime-events": plant_unofficial_field,
    "voice-load": plant_little_room,
    "stt-budget": slow_service("stt", 40, 110),
    "tts-budget": slow_service("tts", 200, 560),
    "llm-budget": slow_service("llm", 120, 520),
    "loadtest": plant_slow_health,
    "frames": plant_dropped_frame,
    "slow-callbacks": plant_cpu_loop,
    "async-io": plant_sleep_in_coroutine,
    "queues": plant_thread_queue,
    "clocks": plant_second_clock,
    "blocking-calls": plant_sleep_in_receive_loop,
    "metric-names": plant_renamed_metric,
    "service-metrics": plant_uncounted_failure,
    "shims": plant_shim,
    "settings": plant_setting_left_over,
    "dead-code": plant_commented_out_code,
    "api-contract": plant_undocumented_failures,
    "cli-contract": plant_error_without_remedy,
    "access": plant_open_route,
    "hardening": plant_missing_header,
    "logs": plant_talkative_library,
    "security-lint": plant_assert,
    "audit": plant_vulnerable_dependency,
    "boundaries": plant_import_of_a_higher_layer,
    "complexity": complex_function("tests/integration/test_conversations.py"),
    "secrets": plant_secret,
    "private-files": plant_private_file,
    "docs-files": plant_missing_changelog,
    "docstrings": plant_missing_docstring,
}
