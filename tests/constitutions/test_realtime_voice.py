"""Seed 002: every gate and figure of its Constitution Check is in ours, in our words, and what its origin asks for."""

import re
from pathlib import Path

import pytest
from copier.errors import UserMessageError

from tests.helpers import CATALOGUE, commit, gates, generate, section

PLAN = ".specify/templates/overrides/plan-template.md"
CONSTITUTION = ".specify/memory/constitution.md"

FACTS = {
    "I. Service Isolation": {
        "ISO-01": ["No change .* STT, LLM or TTS services"],
        "ISO-02": ["services are reached through the interfaces"],
        "ISO-03": ["limitation of a service is documented with a workaround", "not mended"],
    },
    "II. Performance Testing": {
        "LOAD-01": ["at least 4 workers", "10 % slower"],
        "LOAD-02": ["affects the audio pipeline or the timing of an interaction brings load-test scenarios"],
        "LOAD-03": ["acceptance criteria .*latency targets"],
        "LOAD-04": ["baseline .*regressions .*is named"],
    },
    "III. Latency Budgets": {
        "LAT-01": ["1920 samples", "24000 Hz", "80 ms"],
        "LAT-02": ["each new stage of the pipeline fits into the latency budgets"],
        "LAT-03": [r"STT .*first token .*less than 100 ms \(p95\)"],
        "LAT-04": [r"TTS .*first token .*less than 550 ms \(p95\)"],
        "LAT-05": [r"LLM .*first token .*less than 500 ms \(p95\)"],
        "LAT-06": ["no operation in the audio path blocks", "40 ms"],
    },
    "IV. Async-First Architecture": {
        "ASYNC-01": ["async/await"],
        "ASYNC-02": ["tasks talk to each other through asyncio.Queue"],
        "ASYNC-03": ["Stopwatch and PhasesStopwatch of timer.py"],
        "ASYNC-04": ["no blocking call .*event loop"],
    },
    "V. Observability & Metrics": {
        "MET-01": ["new flows of the user bring Prometheus metrics"],
        "MET-02": [
            r"counters \(sessions, errors\)",
            r"histograms \(latencies\)",
            r"gauges \(active sessions\)",
        ],
        "MET-03": ["connection attempts and the failures of each service"],
    },
    "VI. Clean Break Evolution": {
        "BREAK-01": ["change of existing behaviour removes the old implementation completely"],
        "BREAK-02": ["compatibility layer", "feature flag", "shim"],
        "BREAK-03": ["documentation no longer mentions .*deprecated"],
        "BREAK-04": ["data migrations are one-way", "removal of their code is planned"],
        "BREAK-05": ["each setting is used .*none is left over"],
    },
}
"""The seed's gates by their principles: what each asks for, by the gate that asks for it here."""

ORIGIN = {
    "Service Isolation": ["black boxes", "adapters and their settings in the environment"],
    "Performance Testing": ["mean, median, p90 and p95", "voice activity detection", "MUST be approved"],
    "Latency Budgets": ["faster than real time", "turn MUST end within a minute", "half second that STT"],
    "Async-First Architecture": ["event loop's clock", "to a thread or a process"],
    "Observability & Metrics": ["first token of each service", "from its beginning to its end"],
    "Clean Break Evolution": ["aliases", "Each setting MUST be used and documented"],
    "Governance": [
        "evidence from production",
        "impact on at least three features",
        "templates .*in the same pull request",
        "each quarter",
        "alert about a regression MUST lead to a review",
    ],
}
"""What the origin's own constitution asks for, by the heading under which it stands here."""

OVERRIDES = [
    {"sample_rate_hz": 16000, "frame_ms": 20, "frame_samples": 320},
    {"stt_first_token_ms": 91},
    {"tts_first_token_ms": 351},
    {"llm_first_token_ms": 451},
    {"load_workers": 16},
    {"regression_percent": 7},
    {"slow_callback_ms": 33},
]


@pytest.fixture(scope="module")
def project(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return voice(files, tmp_path_factory.mktemp("voice") / "acme")


def voice(files: Path, destination: Path, **answers: object) -> Path:
    return generate(
        files, destination, **{"project_type": "voice-pipeline", "constitution": "realtime-voice"} | answers
    )


def read(project: Path, name: str) -> str:
    return (project / name).read_text(encoding="utf-8")


def check(project: Path) -> str:
    return section(read(project, PLAN), "Constitution Check", "## ")


def grouped(project: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """By the principle's heading and the gate: how far its line is indented, and what it says."""
    _, *groups = re.split(r"^\*\*(.+)\*\*$", check(project), flags=re.MULTILINE)
    return {
        heading: {
            id_: (indent, text) for indent, id_, text in re.findall(r"^( *)- \[ \] `([A-Z]+-\d+)` (.+)$", items, re.M)
        }
        for heading, items in zip(groups[::2], groups[1::2], strict=True)
    }


def test_the_principles_are_those_of_the_seed_in_its_order(project: Path) -> None:
    assert list(grouped(project)) == list(FACTS)
    assert re.findall(r"^### (.+)$", read(project, CONSTITUTION), re.MULTILINE) == list(FACTS)


@pytest.mark.parametrize("heading", FACTS)
def test_the_grouped_check_keeps_each_gate_of_the_seed(project: Path, heading: str) -> None:
    for id_, facts in FACTS[heading].items():
        for fact in facts:
            assert re.search(fact, grouped(project)[heading][id_][1], re.IGNORECASE), f"{id_} lost {fact!r}"


def test_the_three_budgets_stand_below_the_gate_for_new_stages(project: Path) -> None:
    nested = {id_ for gates_ in grouped(project).values() for id_, (indent, _) in gates_.items() if indent}
    assert nested == {"LAT-03", "LAT-04", "LAT-05"}
    assert re.search(r"^- .*`LAT-02`.*\n  - .*`LAT-03`.*\n  - .*`LAT-04`.*\n  - .*`LAT-05`.*\n- ", check(project), re.M)


@pytest.mark.parametrize("heading", ORIGIN)
def test_the_constitution_keeps_what_the_origin_asks_for(project: Path, heading: str) -> None:
    text = section(read(project, CONSTITUTION), heading, "##")
    for fact in ORIGIN[heading]:
        assert re.search(fact, text, re.IGNORECASE), f"{heading} lost {fact!r}"


@pytest.mark.parametrize("figures", OVERRIDES, ids=lambda figures: "-".join(figures))
def test_a_figure_that_is_set_changes_plan_constitution_and_gates(
    files: Path, tmp_path: Path, figures: dict[str, int]
) -> None:
    project = voice(files, tmp_path / "acme", figures=figures)
    commit(project, "Start")
    gates(project, "check")
    statements = {
        gate.id: gate.statement
        for name in CATALOGUE.constitutions["realtime-voice"].principles
        for gate in CATALOGUE.principles[name].gates
    }
    for name, value in figures.items():
        assert gates(project, "figures", name).strip() == str(value)
        (gate,) = [id_ for id_, statement in statements.items() if f"{{{name}}}" in statement]
        for document in (PLAN, CONSTITUTION):
            (line,) = [line for line in read(project, document).splitlines() if f"`{gate}`" in line]
            assert re.search(rf"\b{value}\b", line), document
            assert not re.search(rf"\b{CATALOGUE.figures[name].default}\b", line), document


def test_every_figure_of_the_constitution_is_set_by_a_test_here() -> None:
    texts = [
        text
        for name in CATALOGUE.constitutions["realtime-voice"].principles
        for text in CATALOGUE.principles[name].texts
    ]
    named = set(re.findall(r"\{(\w+)\}", " ".join(texts)))
    assert named == {name for figures in OVERRIDES for name in figures}


def test_a_clean_break_and_backward_compatibility_are_refused_together(files: Path, tmp_path: Path) -> None:
    chosen = ["clean-break", "async-first", "backward-compatibility"]
    with pytest.raises(
        UserMessageError, match=r'both "backward-compatibility" and "clean-break", but one keeps the old'
    ):
        voice(files, tmp_path / "acme", constitution="custom", principles=chosen)
    assert not (tmp_path / "acme").exists()
