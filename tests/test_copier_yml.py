"""Copier accepts misspelt settings and unknown answers in silence; these tests do not."""

from typing import Any

import jinja2
import pytest
import yaml
from copier._template import Template

from extensions.catalogue import ROOT

TEMPLATE = Template(url=str(ROOT))
QUESTIONS: dict[str, dict[str, Any]] = TEMPLATE.questions_data
SETTINGS = {
    "min_copier_version",
    "subdirectory",
    "preserve_symlinks",
    "envops",
    "exclude",
    "skip_if_exists",
    "external_data",
    "message_before_copy",
    "message_after_copy",
    "message_after_update",
}
KEYS = {"type", "help", "default", "choices", "multiselect", "validator", "when", "ask"}

ASKED = {name for name, question in QUESTIONS.items() if question.get("when", True) is not False}
COMPUTED = set(QUESTIONS) - ASKED
FOR_EVER = {
    *("project_name", "package_name", "description", "project_type", "constitution", "principles", "extra_principles"),
    *("figures", "check_style", "ci", "author", "license", "ratified", "gpu_environment", "cuda_version"),
    *("chart_name", "image_repository", "platforms"),
}


def fixed_choices(name: str) -> dict[str, str]:
    """The values of a question's choices that do not depend on the catalogue, by what the screen shows."""
    choices = QUESTIONS[name]["choices"]
    if isinstance(choices, str):
        template = jinja2.Template(choices, trim_blocks=True)
        choices = yaml.safe_load(template.render(project_type="helm-chart", prompts=True))
    found: dict[str, str] = choices
    return found


def test_no_setting_needs_trust() -> None:
    assert not {"jinja_extensions", "tasks", "migrations"} & set(TEMPLATE.config_data)


def test_every_setting_is_one_that_copier_knows() -> None:
    assert set(TEMPLATE.config_data) == SETTINGS
    known = {name for name in dir(Template) if not name.startswith("_")} | {"envops", "min_copier_version"}
    assert known >= SETTINGS


def test_a_misspelt_name_in_a_template_is_an_error() -> None:
    assert TEMPLATE.envops["undefined"] == "jinja2.StrictUndefined"


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_only_known_keys_and_a_default(name: str) -> None:
    assert set(QUESTIONS[name]) <= KEYS
    assert "default" in QUESTIONS[name]


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_question_that_is_asked_says_what_it_is_about(name: str) -> None:
    assert QUESTIONS[name]["help"].rstrip(":.").strip()
    assert "choices" in QUESTIONS[name] or QUESTIONS[name]["type"] == "bool" or "validator" in QUESTIONS[name]


def test_question_ids_are_for_ever() -> None:
    assert ASKED >= FOR_EVER
