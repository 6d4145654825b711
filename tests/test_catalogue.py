import shutil
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from extensions.catalogue import KINDS, LISTS, ROOT, Catalogue, ProjectFile, load
from extensions.lint import lint
from extensions.reference import built_files

Edit = Callable[[dict[str, Any]], object]


def catalogue_with(kind: str, name: str, edit: Edit) -> Catalogue:
    """The catalogue as it would be with one file changed."""
    plain = {folder: dict(getattr(load(), folder)) for folder in KINDS}
    entry = yaml.safe_load((ROOT / "catalogue" / kind / f"{name}.yml").read_text(encoding="utf-8"))
    edit(entry)
    plain[kind][name] = KINDS[kind].model_validate(entry)
    return Catalogue.model_validate({**plain, "files": load().files})


def test_the_catalogue_is_sound() -> None:
    assert lint(load()) == []


@pytest.mark.parametrize(
    ("kind", "name", "edit", "misfit"),
    [
        ("principles", "code-quality", lambda p: p["gates"][0].update(id="TEST-01"), "used by"),
        ("principles", "code-quality", lambda p: p["gates"][0].update(id="STYLE-01"), "share one prefix"),
        (
            "principles",
            "code-quality",
            lambda p: p["gates"][0].update(task="lnt"),
            "'lnt', which no project type defines",
        ),
        ("principles", "code-quality", lambda p: p["gates"][0].update(require=["README.md"]), "a task and a pattern"),
        (
            "principles",
            "code-quality",
            lambda p: p["gates"][1].update(part_of="QUAL-03"),
            "gate QUAL-02 is part of QUAL-03; it must stand right below that gate",
        ),
        ("principles", "code-quality", lambda p: p["gates"][0].update(part_of="QUAL-01"), "right below that gate"),
        ("principles", "code-quality", lambda p: p["gates"][1].update(part_of="TEST-01"), "right below that gate"),
        (
            "principles",
            "code-quality",
            lambda p: (p["gates"][1].update(part_of="QUAL-01"), p["gates"][2].update(part_of="QUAL-02")),
            "gate QUAL-03 is part of QUAL-02; it must stand right below that gate",
        ),
        ("principles", "code-quality", lambda p: p["rules"].append("Code is nice."), "must say MUST or SHOULD"),
        ("principles", "code-quality", lambda p: p["rules"].append("It MUST be {fast}."), "{fast} is no figure"),
        (
            "principles",
            "code-quality",
            lambda p: p.update(conflicts=[{"principle": "none", "reason": "x"}]),
            "does not exist",
        ),
        (
            "principles",
            "code-quality",
            lambda p: p.update(conflicts=[{"principle": "tested-changes", "reason": "x"}]),
            "must say the same",
        ),
        (
            "principles",
            "comprehensive-testing",
            lambda p: p.update(project_types=["existing-repo"]),
            "does not apply there",
        ),
        ("constitutions", "essentials", lambda c: c["principles"].append("nothing"), "'nothing' does not exist"),
        ("constitutions", "essentials", lambda c: c["principles"].append("simple-modules"), "stands there 2 times"),
        (
            "constitutions",
            "essentials",
            lambda c: c["principles"].append("comprehensive-testing"),
            "conflict: both say",
        ),
        ("constitutions", "essentials", lambda c: c["principles"].append("security-by-design"), "proves both"),
        ("constitutions", "essentials", lambda c: c["principles"].clear(), "it has no principle"),
        ("constitutions", "essentials", lambda c: c["figures"].update(speed=1), "speed is no figure"),
        ("constitutions", "essentials", lambda c: c["figures"].update(coverage_min=101), "must be from 50 to 100"),
        (
            "constitutions",
            "essentials",
            lambda c: c["figures"].update(frame_ms=40),
            "its figures do not fit: frame_samples is 1920, and must be sample_rate_hz 24000 * frame_ms 40 / 1000",
        ),
        ("figures", "frame_ms", lambda f: f.update(default=40), "figures/frame_samples.yml: the defaults do not fit"),
        ("figures", "frame_samples", lambda f: f.update(product_of=["speed"]), "product of speed, which is no figure"),
        ("constitutions", "essentials", lambda c: c.update(project_types=["nothing"]), "'nothing' does not exist"),
        ("constitutions", "quality-first", lambda c: c.update(project_types=["existing-repo"]), "does not suit it"),
        ("constitutions", "essentials", lambda c: c.update(governance=["Be good."]), "must say what MUST happen"),
        ("project_types", "python-service", lambda t: t["tasks"]["coverage"].update(needs=["tst"]), "needs 'tst'"),
        ("project_types", "python-service", lambda t: t["technical_context"].pop("Storage"), "must have the fields"),
        ("project_types", "python-service", lambda t: t["test"].clear(), "which commands run its tests"),
        ("project_types", "python-service", lambda t: t["python_versions"].clear(), "which Python its CI runs"),
        (
            "project_types",
            "python-service",
            lambda t: t.update(source_tree="src/\n└── a/\n    └── b/\n"),
            "needs a comment",
        ),
        ("project_types", "python-service", lambda t: t["figures"].append("speed"), "speed is no figure"),
    ],
)
def test_lint_finds(kind: str, name: str, edit: Edit, misfit: str) -> None:
    found = lint(catalogue_with(kind, name, edit))
    assert any(misfit in sentence for sentence in found), found


SHARED = {"path": "LICENSE", "source": "includes/licenses/{license}.jinja", "needs": ["license"], "why": "so"}
NO_LICENCE = [
    f"files.yml does not name includes/licenses/{name}.jinja, so no project gets it." for name in ("Apache-2.0", "MIT")
]
OVERLAY = {"path": "charts/{chart_name}/platforms/eks.yaml", "needs": ["eks"], "why": "so"}


@pytest.mark.parametrize(
    ("path", "entry", "misfits"),
    [
        ("AGENTS.md", None, ["files.yml does not name template/common/AGENTS.md.jinja, so no project gets it."]),
        (
            ".gitlab/release.yml",
            None,
            ["files.yml does not say when .gitlab/release.yml of helm-chart is there, and why not."],
        ),
        ("LICENSE", SHARED | {"path": "{year}/LICENSE"}, ["{year}/LICENSE: {year} is no answer that a file may name."]),
        ("LICENSE", SHARED | {"why": None}, ["LICENSE needs `why` where an answer can take it away"]),
        ("LICENSE", SHARED | {"needs": ["windows"]}, ["LICENSE needs `why` where an answer can take it away"]),
        ("LICENSE", None, NO_LICENCE),
        (
            "LICENSE",
            SHARED | {"source": "includes/licence.jinja"},
            [*NO_LICENCE, "includes/licence.jinja, which is not there."],
        ),
        (
            "AGENTS.md",
            {"path": "LICENSE"},
            ["template/common/AGENTS.md.jinja", "LICENSE stands there 2 times.", "not there"],
        ),
        (
            "AGENTS.md",
            {"path": "../AGENTS.md", "source": "template/common/AGENTS.md.jinja"},
            ["../AGENTS.md and its source must be paths without `..`."],
        ),
        (
            OVERLAY["path"],
            OVERLAY | {"project_types": ["helm-chart"], "needs": ["gke"]},
            ["needs gke, but the template writes it where eks holds."],
        ),
        (OVERLAY["path"], OVERLAY | {"project_types": ["modal-web"]}, ["is no file of modal-web alone"]),
        (
            "README.md",
            {"project_types": ["modal-web"], "needs": ["tests"], "why": "so"},
            ["no file of modal-web alone"],
        ),
    ],
)
def test_lint_finds_a_file_that_is_not_told_as_it_is(
    path: str, entry: dict[str, Any] | None, misfits: list[str]
) -> None:
    others = [file for file in load().files if file.path != path]
    own = [ProjectFile.model_validate({"path": path} | entry)] if entry else []
    found = lint(load().model_copy(update={"files": [*others, *own]}))
    assert len(found) == len(misfits), found
    assert all(misfit in sentence for misfit, sentence in zip(misfits, found, strict=True)), found


def test_gates_may_be_parts_of_one_before_them() -> None:
    def nest(principle: dict[str, Any]) -> None:
        for gate in principle["gates"][1:]:
            gate["part_of"] = "QUAL-01"

    assert lint(catalogue_with("principles", "code-quality", nest)) == lint(load())


def test_lint_finds_a_figure_that_nothing_uses() -> None:
    figures = {**load().figures, "speed": load().figures["p95_ms"].model_copy(update={"id": "speed"})}
    assert lint(load().model_copy(update={"figures": figures})) == [
        "figures/speed.yml: no rule, gate or command uses it."
    ]


@pytest.mark.parametrize(
    ("kind", "name", "edit"),
    [
        ("figures", "p95_ms", lambda f: f.update(default=0)),
        ("figures", "p95_ms", lambda f: f.update(id="p95-ms")),
        ("figures", "frame_samples", lambda f: f.update(divided_by=0)),
        ("figures", "frame_samples", lambda f: f.update(product_of=[])),
        ("principles", "code-quality", lambda p: p["gates"][1].update(part_of="first")),
        ("principles", "code-quality", lambda p: p["gates"][0].update(id="QUAL-1")),
        ("principles", "code-quality", lambda p: p.update(rule=["one"])),
        ("project_types", "python-service", lambda t: t["tasks"].update(lint={"slow": True})),
        ("project_types", "python-service", lambda t: t["tasks"].update(lint={"run": "x", "forbid": ["y"]})),
    ],
)
def test_the_models_refuse(kind: str, name: str, edit: Edit) -> None:
    with pytest.raises(ValueError, match="validation error"):
        catalogue_with(kind, name, edit)


def test_a_file_is_named_after_its_id(tmp_path: Path) -> None:
    (tmp_path / "catalogue/figures").mkdir(parents=True)
    text = (ROOT / "catalogue/figures/p95_ms.yml").read_text(encoding="utf-8")
    (tmp_path / "catalogue/figures/p99_ms.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"must be named p95_ms\.yml"):
        load(tmp_path)


def test_what_is_no_yaml_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")
    with (tmp_path / "catalogue/files.yml").open("a", encoding="utf-8") as files:
        files.write(" - [")
    with pytest.raises(ValueError, match=r"^catalogue/files\.yml: while parsing"):
        load(tmp_path)


@pytest.mark.parametrize("path", built_files(), ids=str)
def test_what_is_built_from_the_catalogue_is_fresh(path: Path) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == built_files()[path], "run `python -m extensions build`"


def test_nothing_stale_lies_among_what_is_built() -> None:
    folders = [ROOT / "docs/catalogue", ROOT / "catalogue/schema"]
    found = [*(ROOT / "catalogue").glob("*.*"), *chain(*(folder.rglob("*.*") for folder in folders))]
    assert {path.relative_to(ROOT) for path in found} - {Path(f"catalogue/{name}.yml") for name in LISTS} == set(
        built_files()
    )
