"""scripts/repository.py: which chart a repository holds, and which programs are missing."""

from pathlib import Path

import pytest

from scripts.repository import Chart, RepositoryError, check_tools, read_chart


def write_chart(root: Path, name: str, text: str) -> None:
    """Write a Chart.yaml."""
    (root / "charts" / name).mkdir(parents=True)
    (root / "charts" / name / "Chart.yaml").write_text(text, encoding="utf-8")


def test_the_chart_is_named_by_its_chart_yaml(tmp_path: Path) -> None:
    write_chart(tmp_path, "demo", "apiVersion: v2\nname: demo\nversion: 1.2.3\n")
    assert read_chart(tmp_path) == Chart(tmp_path / "charts/demo", "demo", "1.2.3")


@pytest.mark.parametrize(
    ("charts", "sentence"),
    [
        ({}, "holds 0 charts"),
        ({"demo": "name: demo\n", "other": "name: other\n"}, "holds 2 charts"),
        ({"demo": "name: demo\n"}, "no name or no version"),
        ({"demo": "- demo\n"}, "no name or no version"),
        ({"demo": "name: [\n"}, "is not YAML"),
    ],
)
def test_what_is_not_one_chart_is_refused(tmp_path: Path, charts: dict[str, str], sentence: str) -> None:
    for name, text in charts.items():
        write_chart(tmp_path, name, text)
    with pytest.raises(RepositoryError, match=sentence):
        read_chart(tmp_path)


@pytest.mark.parametrize("program", ["git", "helm", "kind", "kubectl"])
def test_a_missing_program_is_named_with_where_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match=f"`{program}` is not on PATH. Install it: https://"):
        check_tools(program)


def test_programs_on_path_are_not_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "helm").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    check_tools("helm")
