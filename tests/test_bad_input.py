"""A wrong answer ends in a sentence that names the field, the value and what would be right; nothing is written."""

import datetime
import keyword
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import VcsRef, run_copy, run_recopy, run_update
from copier.errors import UserMessageError
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from extensions.catalogue import ROOT
from tests.helpers import CATALOGUE, commit, generate, git, rebuild, run, tree
from tests.test_copier_yml import ASKED, QUESTIONS, fixed_choices

ENVIRONMENT = SandboxedEnvironment(
    loader=FileSystemLoader(ROOT),
    extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
NAMES_FOR: Any = ENVIRONMENT.get_template("includes/names.jinja").module
VALIDATE: Any = ENVIRONMENT.get_template("includes/validate.jinja").module
FORMS: Any = ENVIRONMENT.get_template("includes/forms.jinja").module
VALIDATE_PRINCIPLES: Any = ENVIRONMENT.get_template("includes/validate_principles.jinja").module
FIGURES = [figure.model_dump(exclude_none=True) for figure in CATALOGUE.figures.values()]
PRINCIPLES = [principle.model_dump(exclude_none=True) for principle in CATALOGUE.principles.values()]

GATE = {"id": "FAIR-01", "level": "MUST", "statement": "Players are treated alike"}
PRINCIPLE = {
    "id": "fair-play",
    "title": "Fair Play",
    "summary": "Players MUST be treated alike.",
    "rules": ["Players MUST be treated alike."],
    "rationale": "Nobody plays where others may cheat.",
    "gates": [GATE],
}


def own(**changes: object) -> dict[str, Any]:
    """An answer to `extra_principles` with one principle that differs from a right one; None takes a key away."""
    principle = {key: value for key, value in (PRINCIPLE | changes).items() if value is not None}
    return {"project_type": "python-service", "extra_principles": [principle]}


def gate(**changes: object) -> dict[str, Any]:
    """The same, with one gate that differs."""
    return own(gates=[{key: value for key, value in (GATE | changes).items() if value is not None}])


def custom(principles: object) -> dict[str, Any]:
    return {"constitution": "custom", "principles": principles}


NAME = "1 to 60 letters, digits, spaces, dots, dashes or underscores"
LINE = "one line of text"
PACKAGE = "lower-case letters, digits or underscores"
MAPPING = "a mapping of names to whole numbers, for example {coverage_min: 95}"
FRAME = "Set them so that frame_samples = sample_rate_hz * frame_ms / 1000."
YAML_MAPPING = "a YAML mapping of names to whole numbers, for example {coverage_min: 95, p95_ms: 300}"
YAML_LIST = "a YAML list of principles"
PIXI = "1 to 40 lower-case letters, digits or dashes, begin with a letter and not end with a dash"
CUDA = 'a version of CUDA with one dot, as nvidia-smi shows it, for example "12.8"'
CHART = "1 to 40 lower-case letters, digits or dashes, begin with a letter and not end with a dash"
IMAGE = "a registry and a path of lower-case letters and digits"
PLATFORMS = "a list, for example [eks, gke]"
DAY = "a day of the calendar in the form YYYY-MM-DD"
QUOTES = "In YAML, put it in quotes"
NAMES = "The names are: adjust, author, chart_name, check_style, ci, constitution, cuda_version, description"
TASKS = "Known are: access, api-contract, audit"
OWN = "extra_principles[0]"

WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    # Names and lines of text
    "name with a slash": ({"project_name": "acme/links"}, 'project_name is "acme/links"', NAME),
    "name with a backslash": ({"project_name": r"acme\links"}, "project_name is", NAME),
    "name that climbs": ({"project_name": "../acme"}, 'project_name is "../acme"', NAME),
    "name with a quotation mark": ({"project_name": 'Acme "Links"'}, "project_name is", NAME),
    "name with a new line": ({"project_name": "Acme\nLinks"}, "project_name is", NAME),
    "name that ends with a new line": ({"project_name": "Acme\n"}, "project_name is", NAME),
    "name with a no-break space": ({"project_name": "Acme\u00a0Links"}, "project_name is", NAME),
    "name with a zero-width space": ({"project_name": "Acme\u200bLinks"}, "project_name is", NAME),
    "name that turns the direction": ({"project_name": "Acme\u202esknil"}, "project_name is", NAME),
    "name that is empty": ({"project_name": ""}, 'project_name is ""', NAME),
    "name of blanks": ({"project_name": "   "}, "project_name is", NAME),
    "name that ends with a space": ({"project_name": "Acme "}, 'project_name is "Acme "', "not end with a space"),
    "name that is too long": ({"project_name": "a" * 300}, 'project_name is "aaaa', NAME),
    "name with HTML": ({"project_name": "<b>Acme</b>"}, 'project_name is "<b>Acme</b>"', NAME),
    "name with Jinja": ({"project_name": "{{ 7 * 7 }}"}, 'project_name is "{{ 7 * 7 }}"', NAME),
    "name that is a number": ({"project_name": 2026}, "project_name is 2026", QUOTES),
    "name that is true": ({"project_name": True}, "project_name is true", QUOTES),
    "name that is null": ({"project_name": None}, "project_name is null", "It must be text"),
    "name that is a list": ({"project_name": ["Acme"]}, 'project_name is ["Acme"]', "It must be text"),
    "description that is empty": ({"description": " "}, "description is empty", LINE),
    "description of two lines": ({"description": "one\ntwo"}, "description is", LINE),
    "description that ends with a new line": ({"description": "one\n"}, "description is", LINE),
    "description with a tab": ({"description": "one\ttwo"}, "description is", LINE),
    "description with a line separator": ({"description": "one\u2028two"}, "description is", LINE),
    "description that turns the direction": ({"description": "one\u202eowt"}, "description is", LINE),
    "description with Jinja": ({"description": "{% raw %}"}, "description is", "without any of < > { }"),
    "description with HTML": ({"description": "<script>alert(1)</script>"}, "description is", "without any of < >"),
    "description with a link": ({"description": "see [here](https://example.com)"}, "description is", LINE),
    "description with code": ({"description": "runs `rm`"}, "description is", "and backticks"),
    "description that is a heading": ({"description": "# Acme"}, 'description is "# Acme"', "It must begin with"),
    "description that is a list item": ({"description": "- Acme"}, 'description is "- Acme"', "It must begin with"),
    "description that is too long": ({"description": "a" * 300}, "description has 300 characters", "at most 200"),
    "author that is empty": ({"author": ""}, "author is empty", LINE),
    "author with an address": ({"author": "Jo <jo@example.com>"}, "author is", "without any of < >"),
    "author that is too long": ({"author": "a" * 101}, "author has 101 characters", "at most 100"),
    "package with a dash": ({"package_name": "acme-links"}, 'package_name is "acme-links"', "for example acme_links"),
    "package in capitals": ({"package_name": "Acme"}, 'package_name is "Acme"', "for example acme"),
    "package with a slash": ({"package_name": "acme/../etc"}, "package_name is", PACKAGE),
    "package that begins with a digit": ({"package_name": "3d"}, 'package_name is "3d"', "for example app_3d"),
    "package that is empty": ({"package_name": ""}, 'package_name is ""', PACKAGE),
    "package that ends with a new line": ({"package_name": "acme\n"}, "package_name is", PACKAGE),
    "package that is not ASCII": ({"package_name": "caf\u00e9"}, "package_name is", PACKAGE),
    "package that is too long": ({"package_name": "a" * 300}, "package_name is", "1 to 40"),
    "package that is a keyword": ({"package_name": "class"}, 'package_name is "class"', "for example class_app"),
    "package of the standard library": ({"package_name": "json"}, 'package_name is "json"', "for example json_app"),
    # The GPU environment and its CUDA
    "GPU environment in capitals": ({"gpu_environment": "RTX5090"}, 'gpu_environment is "RTX5090"', PIXI),
    "GPU environment with an underscore": ({"gpu_environment": "rtx_5090"}, 'gpu_environment is "rtx_5090"', PIXI),
    "GPU environment of two words": ({"gpu_environment": "rtx 5090"}, 'gpu_environment is "rtx 5090"', PIXI),
    "GPU environment that climbs": ({"gpu_environment": "../rtx5090"}, 'gpu_environment is "../rtx5090"', PIXI),
    "GPU environment with Jinja": ({"gpu_environment": "{{ 7 * 7 }}"}, 'gpu_environment is "{{ 7 * 7 }}"', PIXI),
    "GPU environment that begins with a digit": ({"gpu_environment": "5090"}, 'gpu_environment is "5090"', PIXI),
    "GPU environment that begins with a dash": ({"gpu_environment": "-rtx"}, 'gpu_environment is "-rtx"', PIXI),
    "GPU environment that ends with a dash": ({"gpu_environment": "rtx-"}, 'gpu_environment is "rtx-"', PIXI),
    "GPU environment that ends with a new line": ({"gpu_environment": "rtx5090\n"}, "gpu_environment is", PIXI),
    "GPU environment that is empty": ({"gpu_environment": ""}, 'gpu_environment is ""', PIXI),
    "GPU environment that is too long": ({"gpu_environment": "a" * 41}, 'gpu_environment is "aaaa', PIXI),
    "GPU environment that is not ASCII": ({"gpu_environment": "caf\u00e9"}, "gpu_environment is", PIXI),
    "GPU environment that is a number": ({"gpu_environment": 5090}, "gpu_environment is 5090", QUOTES),
    "GPU environment that is null": ({"gpu_environment": None}, "gpu_environment is null", "It must be text"),
    "GPU environment called default": (
        {"gpu_environment": "default"},
        'gpu_environment is "default", which is what the environment',
        "Choose another, for example default-gpu",
    ),
    "GPU environment called cpu": ({"gpu_environment": "cpu"}, 'gpu_environment is "cpu"', "for example cpu-gpu"),
    "GPU environment called dev": ({"gpu_environment": "dev"}, 'gpu_environment is "dev"', "for example dev-gpu"),
    "CUDA without a dot": ({"cuda_version": "12"}, 'cuda_version is "12"', CUDA),
    "CUDA in words": ({"cuda_version": "twelve"}, 'cuda_version is "twelve"', CUDA),
    "CUDA with two dots": ({"cuda_version": "12.8.1"}, 'cuda_version is "12.8.1"', CUDA),
    "CUDA with a sign": ({"cuda_version": ">=12.8"}, 'cuda_version is ">=12.8"', CUDA),
    "CUDA that ends with a new line": ({"cuda_version": "12.8\n"}, "cuda_version is", CUDA),
    "CUDA that is empty": ({"cuda_version": ""}, 'cuda_version is ""', CUDA),
    "CUDA that PyTorch left behind": ({"cuda_version": "11.8"}, 'cuda_version is "11.8"', '"12.0" or later'),
    "CUDA without quotes": ({"cuda_version": 12.8}, "cuda_version is 12.8", 'cuda_version: "12.8"'),
    "CUDA that is null": ({"cuda_version": None}, "cuda_version is null", "It must be text"),
    # The chart, its image and its platforms
    "chart in capitals": ({"chart_name": "Acme"}, 'chart_name is "Acme"', "for example acme"),
    "chart with an underscore": ({"chart_name": "acme_links"}, 'chart_name is "acme_links"', "for example acme-links"),
    "chart that begins with a digit": ({"chart_name": "3d"}, 'chart_name is "3d"', "for example app-3d"),
    "chart that begins with a dash": ({"chart_name": "-acme"}, 'chart_name is "-acme"', CHART),
    "chart that ends with a dash": ({"chart_name": "acme-"}, 'chart_name is "acme-"', CHART),
    "chart that ends with a new line": ({"chart_name": "acme\n"}, "chart_name is", CHART),
    "chart that climbs": ({"chart_name": "../acme"}, 'chart_name is "../acme"', CHART),
    "chart with Jinja": ({"chart_name": "{{ 7 * 7 }}"}, 'chart_name is "{{ 7 * 7 }}"', CHART),
    "chart that is not ASCII": ({"chart_name": "caf\u00e9"}, "chart_name is", CHART),
    "chart that is empty": ({"chart_name": ""}, 'chart_name is ""', CHART),
    "chart that is too long": ({"chart_name": "a" * 41}, 'chart_name is "aaaa', CHART),
    "chart that YAML takes for true": ({"chart_name": "on"}, 'chart_name is "on"', "for example on-chart"),
    "chart that is true": ({"chart_name": True}, "chart_name is true", QUOTES),
    "chart that is null": ({"chart_name": None}, "chart_name is null", "It must be text"),
    "image with a tag": (
        {"image_repository": "ghcr.io/acme/links:1.2"},
        'image_repository is "ghcr.io/acme/links:1.2", which ends with a tag',
        'Give it without ":1.2"',
    ),
    "image with a digest": (
        {"image_repository": "acme/links@sha256:0a1b"},
        'image_repository is "acme/links@sha256:0a1b", which names one image by its digest',
        'Give it without "@sha256:0a1b"',
    ),
    "image with a scheme": (
        {"image_repository": "https://ghcr.io/acme/links"},
        'image_repository is "https://ghcr.io/acme/links", which is an address',
        'Give it without "https://"',
    ),
    "image in capitals": ({"image_repository": "ghcr.io/Acme/links"}, 'is "ghcr.io/Acme/links"', IMAGE),
    "image with a blank": ({"image_repository": "acme links"}, 'image_repository is "acme links"', IMAGE),
    "image with an empty part": ({"image_repository": "ghcr.io//links"}, "image_repository is", IMAGE),
    "image that ends with a slash": ({"image_repository": "ghcr.io/acme/"}, "image_repository is", IMAGE),
    "image that ends with a new line": ({"image_repository": "acme/links\n"}, "image_repository is", IMAGE),
    "image that climbs": ({"image_repository": "../links"}, 'image_repository is "../links"', IMAGE),
    "image with Jinja": ({"image_repository": "{{ 7 * 7 }}"}, 'image_repository is "{{ 7 * 7 }}"', IMAGE),
    "image that is empty": ({"image_repository": ""}, 'image_repository is ""', IMAGE),
    "image that is too long": ({"image_repository": "a" * 256}, "image_repository has 256", "at most 255"),
    "image that is a list": ({"image_repository": ["acme"]}, 'image_repository is ["acme"]', "It must be text"),
    "unknown platform": (
        {"platforms": ["eks", "k3s"]},
        'platforms holds "k3s", which is not a platform',
        "Known are: eks, gke, aks, openshift, local",
    ),
    "unknown platform in text": ({"platforms": "[eks, k3s]"}, 'platforms holds "k3s"', "Known are: eks, gke"),
    "platform that is a number": ({"platforms": [5]}, "platforms holds 5", "Known are: eks, gke"),
    "platform that is a list": ({"platforms": [["eks"]]}, 'platforms holds ["eks"]', "Known are: eks, gke"),
    "platform twice": ({"platforms": ["eks", "gke", "eks"]}, 'platforms holds "eks" 2 times', "Give it once"),
    "platforms as a word": ({"platforms": "eks"}, 'platforms is "eks"', PLATFORMS),
    "platforms with a comma": ({"platforms": "eks, gke"}, 'platforms is "eks, gke"', PLATFORMS),
    "platforms with a bracket too few": ({"platforms": "[eks"}, 'platforms is "[eks"', PLATFORMS),
    "platforms with a quotation mark too few": ({"platforms": "['eks]"}, "platforms is", PLATFORMS),
    "platforms as a mapping": ({"platforms": {"eks": True}}, 'platforms is {"eks": true}', PLATFORMS),
    "platforms that are a number": ({"platforms": 5}, "platforms is 5", PLATFORMS),
    "platforms that are null": ({"platforms": None}, "platforms is null", PLATFORMS),
    "no platform": ({"platforms": []}, "platforms is empty", "choose some"),
    "no platform in text": ({"platforms": "[]"}, "platforms is empty", "choose some"),
    # Choices
    "unknown type": ({"project_type": "cobol"}, 'project_type is "cobol"', "one of: existing-repo, "),
    "unknown constitution": ({"constitution": "strict"}, 'constitution is "strict"', "custom, essentials, quality"),
    "unknown licence": ({"license": "GPL"}, 'license is "GPL"', "one of: MIT, Apache-2.0, none"),
    "unknown CI": ({"ci": "jenkins"}, 'ci is "jenkins"', "one of: github, gitlab, none"),
    "unknown style": (
        {"check_style": "cards"},
        'check_style is "cards"',
        "one of: checklist, grouped, numbered, table",
    ),
    "neither yes nor no": ({"adjust": "maybe"}, 'adjust is "maybe"', "true or false"),
    # Principles
    "unknown principle": (custom(["tested-changes", "luck"]), 'principles holds "luck"', "Known are: "),
    "principles as a word": (custom("tested-changes"), 'principles is "tested-changes"', "a list, for example ["),
    "principles with a bracket too few": (custom("[tested-changes"), "principles is", "a list, for example ["),
    "principles with a quotation mark too few": (custom('["tested-changes]'), "principles is", "a list, for example ["),
    "principles that are a number": (custom(5), "principles is 5", "a list, for example ["),
    "principles that are null": (custom(None), "principles is null", "a list, for example ["),
    "no principle": (custom([]), "principles is empty", "choose some"),
    "no principle in text": (custom("[]"), "principles is empty", "choose some"),
    "principles that conflict": (
        custom(["tested-changes", "comprehensive-testing"]),
        'principles holds both "comprehensive-testing" and "tested-changes"',
        "Choose one of them",
    ),
    "principles that conflict about tests": (
        custom(["tested-changes", "planned-tests"]),
        '"planned-tests"',
        "both say how the project tests. Choose one of them",
    ),
    "principles that would be dropped": (
        {"constitution": "essentials", "principles": ["tested-changes"]},
        'principles is given, but only the constitution "custom" takes principles',
        "Add constitution: custom",
    ),
    # Figures
    "figures as a list": ({"figures": ["coverage_min"]}, 'figures is ["coverage_min"]', MAPPING),
    "figures that are null": ({"figures": None}, "figures is null", MAPPING),
    "figures that are empty": ({"figures": ""}, 'figures is ""', YAML_MAPPING),
    "figures with a brace too few": ({"figures": "{coverage_min: 95"}, 'figures is "{coverage_min: 95"', YAML_MAPPING),
    "figures with a brace too many": ({"figures": "coverage_min: 95}"}, "figures is", YAML_MAPPING),
    "figures without braces": ({"figures": "coverage_min: 95, p95_ms: 300"}, "figures is", YAML_MAPPING),
    "figures with an equals sign": ({"figures": "coverage_min=95"}, 'figures is "coverage_min=95"', YAML_MAPPING),
    "figures without a space": ({"figures": "{coverage_min:95}"}, 'figures holds "coverage_min:95"', "Known are:"),
    "unknown figure": (
        {"figures": {"coverage": 95}},
        'figures holds "coverage"',
        "Known are: complexity_max, coverage_min",
    ),
    "figure above its bounds": ({"figures": {"coverage_min": 101}}, "coverage_min to 101", "from 50 to 100 (%)"),
    "figure below its bounds": ({"figures": "{coverage_min: 49}"}, "coverage_min to 49", "from 50 to 100 (%)"),
    "figure that is true": (
        {"figures": "{coverage_min: true}"},
        "coverage_min to true",
        "a whole number from 50 to 100",
    ),
    "figure with a point": (
        {"figures": {"coverage_min": 95.0}},
        "coverage_min to 95.0",
        "a whole number from 50 to 100",
    ),
    "figure in quotes": ({"figures": '{coverage_min: "95"}'}, 'coverage_min to "95"', "a whole number from 50 to 100"),
    "figure that is null": (
        {"figures": {"coverage_min": None}},
        "coverage_min to null",
        "a whole number from 50 to 100",
    ),
    "figure that is a list": ({"figures": {"coverage_min": [95]}}, "coverage_min to [95]", "a whole number from 50"),
    "factor without its product": (
        {"figures": {"sample_rate_hz": 16000}},
        "figures makes frame_samples 1920, but sample_rate_hz 16000 and frame_ms 80 give 1280.",
        FRAME,
    ),
    "product without its factors": (
        {"figures": "{frame_samples: 960, coverage_min: 95}"},
        "figures makes frame_samples 960, but sample_rate_hz 24000 and frame_ms 80 give 1920.",
        FRAME,
    ),
    "product that is no whole number": (
        {"project_type": "existing-repo", "figures": {"sample_rate_hz": 44100, "frame_ms": 25}},
        "figures makes frame_samples 1920, but sample_rate_hz 44100 and frame_ms 25 give 1102.5.",
        FRAME,
    ),
    # Principles of one's own
    "own as a word": ({"extra_principles": "fair-play"}, 'extra_principles is "fair-play"', YAML_LIST),
    "own as a mapping": ({**own(), "extra_principles": {"fair-play": PRINCIPLE}}, "extra_principles is", YAML_LIST),
    "own as null": ({**own(), "extra_principles": None}, "extra_principles is null", YAML_LIST),
    "own with a bracket too few": ({"extra_principles": "[{id: fair-play}"}, "extra_principles is", YAML_LIST),
    "own with a tab": ({"extra_principles": "- id: fair-play\n\ttitle: Fair"}, "extra_principles is", "with spaces"),
    "own with a second colon": (
        {"extra_principles": "- id: fair-play\n  title: Fair Play: the game\n"},
        'extra_principles holds the line "title: Fair Play: the game"',
        "Put the text in quotes",
    ),
    "own that begins with a figure": (
        {"extra_principles": "- id: fair-play\n  title: {coverage_min} % of fairness\n"},
        'extra_principles holds the line "title: {coverage_min} % of fairness"',
        "Put the text in quotes",
    ),
    "own of eleven": ({**own(), "extra_principles": [PRINCIPLE] * 11}, "extra_principles holds 11", "at most 10"),
    "own that is text": ({**own(), "extra_principles": ["x"]}, f'{OWN} is "x"', "a mapping with id, title"),
    "own without a title": (own(title=None), f"{OWN} has no title", "It must have id, title, summary"),
    "own with a blank title": (own(title=" "), f'{OWN}.title is " "', "It must be text"),
    "own with a title that is a number": (own(title=5), f"{OWN}.title is 5", "It must be text"),
    "own with a misspelt key": (own(rational="x"), f'{OWN} holds the key "rational"', "Known are: id, title, summary"),
    "own with an id in capitals": (own(id="FairPlay"), f'{OWN}.id is "FairPlay"', 'for example "fair-play"'),
    "own with an id that is a number": (own(id=7), f"{OWN}.id is 7", 'for example "fair-play"'),
    "own with an id of the catalogue": (own(id="tested-changes"), f'{OWN}.id is "tested-changes"', "Choose another"),
    "own with one id twice": (
        {**own(), "extra_principles": [PRINCIPLE, PRINCIPLE]},
        'extra_principles[1].id is "fair-play"',
        "which another principle has already",
    ),
    "own with a summary of two lines": (own(summary="One\ntwo MUST."), f"{OWN}.summary is", "one line"),
    "own with a rationale that ends with a new line": (own(rationale="So.\n"), f"{OWN}.rationale is", "`>-` begins"),
    "own with a rationale in code": (own(rationale="`x`"), f"{OWN}.rationale is", "without backticks"),
    "own with an unknown figure": (
        own(summary="Fairness MUST reach {fair_min}."),
        f"{OWN}.summary holds {{fair_min}}",
        "Known are: complexity_max, coverage_min",
    ),
    "own with rules as text": (own(rules="x MUST"), f'{OWN}.rules is "x MUST"', "a list of texts"),
    "own without rules": (own(rules=[]), f"{OWN}.rules is []", "a list of texts, and not be empty"),
    "own with a rule that is a mapping": (own(rules=[{"a": "MUST"}]), f'{OWN}.rules[0] is {{"a": "MUST"}}', "text"),
    "own with a rule that asks for nothing": (
        own(rules=["Be fair."]),
        f"{OWN}.rules[0] is",
        "It must say MUST or SHOULD",
    ),
    "own that demands tests perhaps": (own(demands_tests="perhaps"), f"{OWN}.demands_tests is", "true or false"),
    "own with gates as a mapping": (own(gates=GATE), f"{OWN}.gates is", "a list of gates"),
    "own without gates": (own(gates=[]), f"{OWN}.gates is []", "a list of gates, and not be empty"),
    "gate that is text": (own(gates=["FAIR-01"]), f'{OWN}.gates[0] is "FAIR-01"', "a mapping with id, level"),
    "gate without a level": (gate(level=None), f"{OWN}.gates[0] has no level", "It must have id, level, statement"),
    "gate with a level of one's own": (gate(level="MAY"), f'{OWN}.gates[0].level is "MAY"', "MUST or SHOULD"),
    "gate with an id of small letters": (gate(id="fair-1"), f'{OWN}.gates[0].id is "fair-1"', "for example OWN-01"),
    "gate with an id of the catalogue": (gate(id="TST-01"), f'{OWN}.gates[0].id is "TST-01"', "which another gate has"),
    "gate with an id twice": (own(gates=[GATE, GATE]), f'{OWN}.gates[1].id is "FAIR-01"', "which another gate has"),
    "gate with an id of the principle before": (
        {**own(), "extra_principles": [PRINCIPLE, PRINCIPLE | {"id": "fair-game"}]},
        'extra_principles[1].gates[0].id is "FAIR-01"',
        "which another gate has",
    ),
    "gate with a blank statement": (gate(statement=""), f'{OWN}.gates[0].statement is ""', "It must be text"),
    "gate with an unknown task": (gate(task="referee"), f'{OWN}.gates[0].task is "referee"', TASKS),
    "gate with a task and a pattern": (
        gate(task="test", require=["A"]),
        f"{OWN}.gates[0] holds a task and",
        "one of them",
    ),
    "gate with a pattern as text": (gate(require="A"), f'{OWN}.gates[0].require is "A"', "a list of patterns"),
    "gate with a blank pattern": (gate(forbid=[""]), f'{OWN}.gates[0].forbid[0] is ""', "It must be text"),
    "gate with an absolute pattern": (gate(require=["/etc"]), f'{OWN}.gates[0].require[0] is "/etc"', "docs/**/*.md"),
    "gate with a pattern that climbs": (gate(forbid=["a/../b"]), f"{OWN}.gates[0].forbid[0] is", "docs/**/*.md"),
    # Dates
    "day that February lacks": ({"ratified": "2026-02-30"}, 'ratified is "2026-02-30"', DAY),
    "day of no leap year": ({"ratified": "2100-02-29"}, 'ratified is "2100-02-29"', DAY),
    "thirteenth month": ({"ratified": "2026-13-01"}, 'ratified is "2026-13-01"', DAY),
    "short date": ({"ratified": "26-1-1"}, 'ratified is "26-1-1"', DAY),
    "yesterday": ({"ratified": "yesterday"}, 'ratified is "yesterday"', DAY),
    "date without quotes": (
        {"ratified": datetime.date(2026, 1, 31)},
        "ratified is 2026-01-31",
        'ratified: "2026-01-31"',
    ),
    # Names of questions
    "misspelt name": ({"constitutoin": "essentials"}, 'there is no question named "constitutoin"', NAMES),
    "name of a computed value": ({"project": {}}, 'there is no question named "project"', NAMES),
    "name of the catalogue": ({"catalogue": {}}, 'there is no question named "catalogue"', NAMES),
    "name of a setting": ({"prompts": False}, 'there is no question named "prompts"', NAMES),
    # Answers for another type
    "constitution of another type than the default": (
        {"constitution": "reproducible-profiling"},
        'constitution is "reproducible-profiling". It must be one of: custom, essentials, quality-first.',
        "Or add a type that it is for: project_type=pixi-hydra or project_type=existing-repo.",
    ),
    "principles of another type than the default": (
        custom(["named-environments"]),
        'principles holds "named-environments", which is not a principle for project type "python-service"',
        "simple-modules",
    ),
}


@pytest.mark.parametrize(("answers", "said", "right"), [pytest.param(*case, id=id_) for id_, case in WRONG.items()])
def test_a_wrong_answer_ends_in_a_sentence_and_writes_nothing(
    files: Path, tmp_path: Path, answers: dict[str, Any], said: str, right: str
) -> None:
    destination = tmp_path / "acme"
    with pytest.raises(UserMessageError) as stopped:
        generate(files, destination, **answers)
    sentence = one_line(stopped.value)
    assert readable(said) in sentence
    assert right in sentence
    assert "None" not in sentence, "a word of Python's is not for the person"
    assert not destination.exists()


RIGHT = {"project_type": "python-service", "constitution": "essentials", "adjust": False, "figures": {}}
CHOICES = {
    "project_types": [{"id": name} for name in CATALOGUE.project_types],
    "constitutions": [entry.model_dump(exclude_none=True) for entry in CATALOGUE.constitutions.values()],
}


@pytest.mark.parametrize(
    "answers", [pytest.param(case[0], id=id_) for id_, case in WRONG.items() if set(case[0]) <= set(FORMS.names)]
)
def test_a_wrong_answer_is_not_right_at_a_glance(answers: dict[str, Any]) -> None:
    assert FORMS.right(RIGHT, CHOICES) == "yes"
    assert FORMS.right(RIGHT | answers, CHOICES) == ""


@pytest.mark.parametrize("name", ["project_type", "constitution"])
def test_answers_without_a_type_or_a_constitution_are_not_right_at_a_glance(name: str) -> None:
    assert FORMS.right({key: value for key, value in RIGHT.items() if key != name}, CHOICES) == ""


SIGNS = st.text(st.characters() | st.sampled_from("aZ9_ -.<>{}[]|`\\\n\t\u200b\u3000\"'(éक्"), max_size=12)


@settings(deadline=None)
@given(st.sampled_from([("description", 200), ("author", 100)]), SIGNS, st.integers(0, 210))
def test_a_line_of_text_is_right_at_a_glance_if_and_only_if_nothing_is_wrong_with_it(
    field: tuple[str, int], text: str, letters: int
) -> None:
    name, longest = field
    value = text + "b" * (letters if letters > longest - 20 else 0)
    error = getattr(VALIDATE, f"{name}_error")(value)
    assert (re.search(FORMS.forms[name], value) is None) == (error != "")


@settings(deadline=None)
@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)), st.integers(1, 31))
def test_a_day_is_right_if_and_only_if_the_calendar_has_it(date: datetime.date, day: int) -> None:
    assert VALIDATE.ratified_error(date.isoformat()) == ""
    written = f"{date:%Y-%m}-{day:02}"
    last = (date.replace(day=28) + datetime.timedelta(days=4)).replace(day=1) - datetime.timedelta(days=1)
    assert (VALIDATE.ratified_error(written) == "") == (day <= last.day)


def one_line(error: BaseException) -> str:
    assert "\n" not in str(error)
    return str(error).replace("\\'", "'")


def test_an_answer_that_only_another_type_takes_is_no_error(files: Path, tmp_path: Path) -> None:
    others = {
        "chart_name": "links",
        "image_repository": "ghcr.io/acme/links",
        "platforms": ["eks"],
        "cuda_version": "12.6",
    }
    project = generate(files, tmp_path / "acme", project_type="python-service", **others)
    assert others.keys() & answers_of(project).keys() == set()


def readable(text: str) -> str:
    """A text as Copier's line shows it: with the backslashes of a Python string."""
    return text.replace("\\", "\\\\")


def test_a_constitution_that_does_not_suit_the_type_is_refused(files: Path, tmp_path: Path) -> None:
    template = Path(shutil.copytree(files, tmp_path / "template", symlinks=True))
    with (template / "catalogue/constitutions/essentials.yml").open("a", encoding="utf-8") as essentials:
        essentials.write("project_types: [existing-repo]\n")
    rebuild(template)
    with pytest.raises(UserMessageError, match=r'constitution is "essentials".*must be one of: custom, quality-first'):
        generate(template, tmp_path / "acme", project_type="python-service", constitution="essentials")
    assert not (tmp_path / "acme").exists()
    assert generate(template, tmp_path / "acme", project_type="existing-repo", constitution="essentials")


def test_a_principle_that_does_not_suit_the_type_is_refused(files: Path, tmp_path: Path) -> None:
    template = Path(shutil.copytree(files, tmp_path / "template", symlinks=True))
    with (template / "catalogue/principles/simple-modules.yml").open("a", encoding="utf-8") as principle:
        principle.write("project_types: [existing-repo]\n")
    rebuild(template)
    answers = {"project_type": "python-service", **custom(["simple-modules"])}
    with pytest.raises(
        UserMessageError, match='"simple-modules", which is not a principle for project type "python-service"'
    ):
        generate(template, tmp_path / "acme", **answers)
    assert not (tmp_path / "acme").exists()


# The command line


def copier(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-m", "copier", *arguments], cwd, expect=None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (["project_name=acme/links"], 'project_name is "acme/links". It must have 1 to 60 letters'),
        (["figures={coverage_min: 500}"], "figures sets coverage_min to 500. It must be from 50 to 100 (%)"),
        (["figures={coverage_min: 95"], 'figures is "{coverage_min: 95". It must be a YAML mapping'),
        (
            ["constitution=custom", "principles=[luck]"],
            'principles holds "luck", which is not a principle for project type "python-service". Known are:',
        ),
        (["extra_principles=[{id: fair-play}]"], "extra_principles[0] has no title"),
        *(
            ([f"figures={text}"], "It must be a YAML mapping of names to whole numbers")
            for text in ("{'coverage_min: 95}", '{coverage_min: "95}', "{'a'b: 1}", "{coverage_min: 'x' y}")
        ),
        *(
            ([f"extra_principles={text}"], f'extra_principles holds the line "{line}", which is not YAML')
            for text, line in (
                ("[a: b: c]", "[a: b: c]"),
                ("- id: fair\n  title: *b", "title: *b"),
                ("- id: fair\n  rules: [It MUST be {coverage_min}.]", "rules: [It MUST be {coverage_min}.]"),
                ("- id: fair\n   title: Fair", "title: Fair"),
                ("- id: fair\n  title: Fair\n   summary: Be fair", "summary: Be fair"),
            )
        ),
        (["extra_principles=- id: fair\n  title: 'Fair"], "which is not YAML. Put the text in quotes."),
        (["author=Jo \udcff"], "It must be one line of text"),  # a byte that is no text
        (["projekt_type=python-service"], 'there is no question named "projekt_type". The names are:'),
    ],
)
def test_the_command_line_prints_the_sentence_without_a_traceback(
    files: Path, tmp_path: Path, data: list[str], said: str
) -> None:
    options = [part for item in data for part in ("--data", item)]
    done = copier("copy", "--defaults", "--quiet", *options, files, tmp_path / "acme", cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "acme").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "ratified: 2026-01-31",
            'ratified is 2026-01-31, which is not text. In YAML, put it in quotes: ratified: "2026-01-31"',
        ),
        (
            "cuda_version: 12.8",
            'cuda_version is 12.8, which is not text. In YAML, put it in quotes: cuda_version: "12.8"',
        ),
        (
            "project_name: no",
            'project_name is false, which is not text. In YAML, put it in quotes: project_name: "false"',
        ),
        ("extra_principles:\n  - Be fair", 'extra_principles[0] is "Be fair". It must be a mapping with id'),
    ],
)
def test_a_data_file_is_judged_like_the_command_line(files: Path, tmp_path: Path, text: str, said: str) -> None:
    data = tmp_path / "answers.yml"
    data.write_text(f"project_type: existing-repo\n{text}\n", encoding="utf-8")
    done = copier("copy", "--defaults", "--quiet", "--data-file", data, files, tmp_path / "acme", cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "acme").exists()


# The answers file of a project, edited by hand


@pytest.fixture(scope="session")
def start(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project under git; each test works on a copy of it."""
    project = generate(
        template, tmp_path_factory.mktemp("start") / "acme", project_type="existing-repo", ratified="2026-01-31"
    )
    commit(project, "Start")
    return project


Operation = Callable[[Path], None]


def update(project: Path, **data: object) -> None:
    run_update(project, data=data, defaults=True, overwrite=True, unsafe=False, quiet=True)


def recopy(project: Path) -> None:
    run_recopy(project, defaults=True, overwrite=True, unsafe=False, quiet=True)


EDITED = {
    "unknown type": (("project_type: existing-repo", "project_type: cobol"), 'project_type is "cobol"', "one of: "),
    "figure out of bounds": (("figures: {}", "figures: {coverage_min: 500}"), "coverage_min to 500", "from 50 to 100"),
    "figures as a list": (("figures: {}", "figures: [95]"), "figures is [95]", MAPPING),
    "figures that do not fit": (
        ("figures: {}", "figures: {frame_ms: 40}"),
        "figures makes frame_samples 1920, but sample_rate_hz 24000 and frame_ms 40 give 960.",
        FRAME,
    ),
    "unknown constitution": (("constitution: essentials", "constitution: x"), 'constitution is "x"', "one of: "),
    "name with a slash": (("project_name: Acme", "project_name: a/b"), 'project_name is "a/b"', NAME),
    "no day": (("ratified: '2", "ratified: 'x2"), 'ratified is "x2', DAY),
    "a day without quotes": (("ratified: '2026-01-31'", "ratified: 2026-01-31"), "ratified is 2026-01-31", QUOTES),
    "a day as the constitution": (
        ("constitution: essentials", "constitution: 2026-01-01"),
        "constitution is 2026-01-01",
        QUOTES,
    ),
    "a day for figures": (("figures: {}", "figures: 2026-01-01"), 'figures is "2026-01-01"', MAPPING),
    "a misspelt name": (
        ("figures: {}", "figures: {}\nfigurse: {}"),
        'there is no question named "figurse"',
        "The names are: ",
    ),
    "no type": (
        ("project_type: existing-repo\n", ""),
        ".copier-answers.yml has no project_type. It must have the one that the project was generated with",
        "git log --patch -- .copier-answers.yml",
    ),
    "no constitution": (
        ("constitution: essentials\n", ""),
        ".copier-answers.yml has no constitution.",
        "git log --patch -- .copier-answers.yml",
    ),
    "own as a word": (("extra_principles: []", "extra_principles: fair"), 'extra_principles is "fair"', YAML_LIST),
}


@pytest.mark.parametrize("operation", [update, recopy])
@pytest.mark.parametrize(("edit", "said", "right"), [pytest.param(*case, id=id_) for id_, case in EDITED.items()])
def test_an_answers_file_with_a_wrong_answer_is_refused_and_nothing_changes(
    start: Path, tmp_path: Path, operation: Operation, edit: tuple[str, str], said: str, right: str
) -> None:
    project = Path(shutil.copytree(start, tmp_path / "acme", symlinks=True))
    answers = project / ".copier-answers.yml"
    text = answers.read_text(encoding="utf-8")
    assert edit[0] in text
    answers.write_text(text.replace(*edit), encoding="utf-8")
    commit(project, "Edit by hand")
    before = tree(project)
    with pytest.raises(UserMessageError) as stopped:
        operation(project)
    sentence = one_line(stopped.value)
    assert said in sentence
    assert right in sentence
    assert tree(project) == before
    assert git(project, "status", "--porcelain") == ""


def test_a_copy_over_a_project_reads_its_answers_file_just_as_critically(start: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(start, tmp_path / "acme", symlinks=True))
    answers = project / ".copier-answers.yml"
    text = answers.read_text(encoding="utf-8")
    answers.write_text(text.replace("project_type: existing-repo", "project_type: cobol"), encoding="utf-8")
    before = tree(project)
    with pytest.raises(UserMessageError, match=r'project_type is "cobol"\. It must be one of: '):
        run_copy(yaml.safe_load(text)["_src_path"], project, defaults=True, overwrite=True, unsafe=False, quiet=True)
    assert tree(project) == before


@pytest.mark.parametrize("operation", [update, recopy])
@pytest.mark.parametrize("text", ["- a\n- list\n", "", "a: [1\n"], ids=["list", "empty", "not YAML"])
def test_an_answers_file_that_is_no_mapping_changes_nothing(
    start: Path, tmp_path: Path, operation: Operation, text: str
) -> None:
    """Copier reads the file before it reads the template, so the words of the error are its own."""
    project = Path(shutil.copytree(start, tmp_path / "acme", symlinks=True))
    (project / ".copier-answers.yml").write_text(text, encoding="utf-8")
    commit(project, "Edit by hand")
    before = tree(project)
    with pytest.raises((AttributeError, yaml.YAMLError)):
        operation(project)
    assert tree(project) == before
    assert git(project, "status", "--porcelain") == ""


# What has to be accepted


SKELETON = {"project_type": "python-service"}

GOOD: dict[str, dict[str, Any]] = {
    "letters of other scripts": {"project_name": "\u0142\u0107 \u65e5\u672c"},
    "author with accents": {**SKELETON, "author": "\u00c9lodie N\u00fa\u00f1ez"},
    "accents apart from their letters": {"project_name": "Cafe\u0301"},
    "vowel signs": {"project_name": "\u0928\u092e\u0938\u094d\u0924\u0947"},
    "author with an apostrophe": {**SKELETON, "author": "Conan O'Brien"},
    "description with quotation marks": {"description": "Ada's \"first\" service: it counts & sorts #1"},
    "everything as long as it may be": {"project_name": "a" * 60, "description": "b" * 200},
    "a digit in front": {"project_name": "3D.Printer_farm-2"},
    "a longest GPU environment": {"project_type": "pixi-hydra", "gpu_environment": "a" * 40, "cuda_version": "13.0"},
    "a longest chart": {"project_type": "helm-chart", "chart_name": "a" * 40, "image_repository": "a" * 255},
    "an image at a port": {"project_type": "helm-chart", "image_repository": "localhost:5000/acme/links_api"},
    "an image of digits": {"project_type": "helm-chart", "image_repository": "2048"},
    "platforms in lines": {"project_type": "helm-chart", "platforms": "- local\n- openshift\n"},
    "platforms in brackets": {"project_type": "helm-chart", "platforms": "[aks, 'gke']"},
    "a longest package": {**SKELETON, "package_name": "a" * 40},
    "figures as JSON": {"figures": '{"coverage_min":95, "p95_ms":300}'},
    "figures in lines": {"figures": "coverage_min: 95 # tight\np95_ms: 300\n"},
    "figures that fit": {"figures": {"sample_rate_hz": 16000, "frame_ms": 20, "frame_samples": 320}},
    "no figures": {"figures": "{}"},
    "principles in lines": custom("- tested-changes\n- simple-modules\n"),
    "principles in brackets": custom("[tested-changes, 'simple-modules']"),
    "own as JSON": {"extra_principles": '[{"id": "fair-play", "title": "Fair Play", "summary": "Be fair: you MUST.", '
                    '"rules": ["You MUST."], "rationale": "So.", "gates": '
                    '[{"id": "FAIR-01", "level": "MUST", "statement": "It is at least {coverage_min} %"}]}]'},
    "a gate with patterns": gate(require=["TERMS.md", "docs/**/*.md"], forbid=["**/*.exe"]),
    "a gate with a task": gate(task="test"),
    "a leap day": {"ratified": "2028-02-29"},
}  # fmt: skip


@pytest.mark.parametrize("answers", [pytest.param(answers, id=id_) for id_, answers in GOOD.items()])
def test_an_unusual_answer_that_is_right_is_accepted_and_kept(
    files: Path, tmp_path: Path, answers: dict[str, Any]
) -> None:
    project = generate(files, tmp_path / "acme", **({"project_type": "existing-repo"} | answers))
    stored = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    for name, answer in answers.items():
        of_yaml = name in {"figures", "principles", "platforms", "extra_principles"} and isinstance(answer, str)
        wanted = yaml.safe_load(answer) if of_yaml else answer
        several = name in {"principles", "platforms"}
        assert sorted(stored[name]) == sorted(wanted) if several else stored[name] == wanted
    close = {"figures", "principles", "extra_principles"} & set(answers) and answers != {"figures": "{}"}
    assert (FORMS.right(stored, CHOICES) == "") == bool(close), "these are looked at closely"


PROJECT_NAMES = st.from_regex(r"\A[^\W_][\w .-]{0,59}\Z")


@settings(deadline=None)
@given(PROJECT_NAMES)
def test_every_project_name_leads_to_a_package_name_that_is_accepted(name: str) -> None:
    assume(not VALIDATE.project_name_error(name))
    package = NAMES_FOR.package_name_for(name)
    assert VALIDATE.package_name_error(package) == ""
    assert package.isidentifier()
    assert not keyword.iskeyword(package)


@settings(deadline=None)
@given(PROJECT_NAMES | st.sampled_from(["On", "null", "Y", "YES"]))
def test_every_project_name_leads_to_a_chart_name_that_is_accepted(name: str) -> None:
    assume(not VALIDATE.project_name_error(name))
    chart = NAMES_FOR.chart_name_for(name)
    assert VALIDATE.chart_name_error(chart) == ""
    assert yaml.safe_load(chart) == chart


@settings(deadline=None)
@given(st.sampled_from([*sorted(sys.stdlib_module_names), *keyword.kwlist, *keyword.softkwlist]))
def test_a_project_named_like_a_module_of_python_gets_another_package(name: str) -> None:
    package = NAMES_FOR.package_name_for(name)
    assert VALIDATE.package_name_error(package) == ""
    assert package not in sys.stdlib_module_names


def test_the_names_of_pythons_modules_and_keywords_are_no_package_names() -> None:
    names = {*sys.stdlib_module_names, *keyword.kwlist, *keyword.softkwlist}
    assert [name for name in sorted(names) if not VALIDATE.package_name_error(name)] == []


def test_a_dependency_of_a_project_is_no_package_name() -> None:
    dependencies = {
        re.sub("[-.]", "_", name).lower()
        for pyproject in (ROOT / "template").glob("*/pyproject.toml*")
        for name in re.findall(r'^\s*"([\w.-]+?)(?:\[[\w,]+\])?[<>=~!]=?', pyproject.read_text(encoding="utf-8"), re.M)
    }
    assert [name for name in sorted(dependencies) if not VALIDATE.package_name_error(name)] == [], (
        "add them to taken_names"
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), values, max_size=3)
    ),
    max_leaves=8,
)


def test_figures_fit_together_with_those_of_the_constitution() -> None:
    own = {"sample_rate_hz": 16000, "frame_samples": 1280}
    assert VALIDATE.figures_error({"coverage_min": 95}, FIGURES, own) == ""
    assert VALIDATE.figures_error({"frame_ms": 40, "frame_samples": 640}, FIGURES, own) == ""
    assert "sample_rate_hz 16000 and frame_ms 40 give 640." in VALIDATE.figures_error({"frame_ms": 40}, FIGURES, own)


@settings(deadline=None)
@given(ANYTHING)
def test_no_kind_of_figures_makes_the_validator_itself_fail(value: object) -> None:
    assert bool(VALIDATE.figures_error(printable(value), FIGURES)) == (value != {})


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*PRINCIPLE, "demands_tests"], ANYTHING)))
def test_no_kind_of_principle_makes_the_validator_itself_fail(changes: dict[str, Any]) -> None:
    assume(
        changes.get("demands_tests", True) not in (True, False)
        or set(changes) - {"demands_tests", "id", "title", "summary", "rationale"}
    )
    value = printable([PRINCIPLE | changes])
    python_service = CATALOGUE.project_types["python-service"].model_dump()
    assert VALIDATE_PRINCIPLES.extra_principles_error(value, PRINCIPLES, FIGURES, python_service).startswith(
        "extra_principles[0]"
    )


def printable(value: object) -> object:
    """Dates as text: only Copier's own `to_json` knows them."""
    if isinstance(value, dict):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [printable(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def test_the_names_that_are_accepted_in_data_are_those_of_the_questions() -> None:
    assert set(FORMS.names) == ASKED


def test_who_names_no_type_is_judged_by_the_default_one() -> None:
    rules = (ROOT / "includes/validate_given.jinja").read_text(encoding="utf-8")
    (default,) = re.findall(r"default\(\['([\w-]+)'\]\)", QUESTIONS["project_type"]["default"])
    assert f"defaults.get('project_type', '{default}')" in rules


def test_the_choices_that_are_checked_beforehand_are_those_of_the_questions() -> None:
    names = ("license", "ci", "check_style", "platforms")
    assert {name: list(fixed_choices(name).values()) for name in names} == FORMS.choices
    others = {name for name, question in QUESTIONS.items() if "choices" in question} - set(names)
    assert others == {"project_type", "constitution", "principles"}  # these come from the catalogue


# What was answered once stays


def answers_of(project: Path) -> dict[str, Any]:
    answers: dict[str, Any] = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    return answers


def base(project: Path) -> str:
    return (project / ".specify/gates/00-base.toml").read_text(encoding="utf-8")


GIVEN: dict[str, dict[str, Any]] = {
    "of existing-repo": {
        "project_type": "existing-repo",
        "constitution": "essentials",
        "figures": {"coverage_min": 85},
        "check_style": "table",
        "extra_principles": [PRINCIPLE],
        "ratified": "2026-01-31",
    },
    "of a custom constitution": {
        "project_type": "python-service",
        **custom(["protected-secrets", "tested-changes"]),
        "figures": {"coverage_min": 85},
        "author": "Conan O'Brien",
        "package_name": "links",
        "license": "none",
    },
    "of pixi-hydra": {"project_type": "pixi-hydra", "gpu_environment": "h100", "cuda_version": "13.0"},
    "of helm-chart": {
        "project_type": "helm-chart",
        "chart_name": "links",
        "image_repository": "ghcr.io/acme/links",
        "platforms": ["eks", "openshift"],
    },
}


@pytest.mark.parametrize("given_once", [pytest.param(answers, id=id_) for id_, answers in GIVEN.items()])
def test_answers_that_were_given_once_survive_an_update(
    template: Path, tmp_path: Path, given_once: dict[str, Any]
) -> None:
    source = Path(shutil.copytree(template, tmp_path / "template", symlinks=True))
    project = generate(source, tmp_path / "acme", **given_once)
    commit(project, "Start")
    before = answers_of(project)
    git(source, "commit", "--quiet", "--allow-empty", "--message", "The next version")
    git(source, "tag", "v1.1.0")
    update(project)
    assert answers_of(project) == before | {"_commit": "v1.1.0"}
    assert {name: before[name] for name in given_once} == given_once
    assert git(project, "status", "--porcelain").split() == ["M", ".copier-answers.yml"]


def test_a_chart_has_no_package_name(files: Path, tmp_path: Path) -> None:
    project = generate(files, tmp_path / "acme", project_type="helm-chart", project_name="Acme Links")
    assert "package_name" not in answers_of(project)
    assert answers_of(project)["chart_name"] == "acme-links"


def switch(project: Path, **data: object) -> None:
    """`copier update --vcs-ref :current: --data ...`."""
    run_update(project, data=data, vcs_ref=VcsRef.CURRENT, defaults=True, overwrite=True, unsafe=False, quiet=True)


def test_another_constitution_moves_what_was_not_chosen(template: Path, tmp_path: Path) -> None:
    project = generate(template, tmp_path / "acme", project_type="existing-repo", constitution="essentials")
    commit(project, "Start")
    assert "coverage_min = 80" in base(project)
    switch(project, constitution="quality-first")
    assert "coverage_min = 90" in base(project)
    assert answers_of(project)["constitution"] == "quality-first"
    assert "check_style" not in answers_of(project), "it follows the constitution"
    fresh = generate(template, tmp_path / "fresh" / "acme", project_type="existing-repo", constitution="quality-first")
    assert (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8") == (
        fresh / ".specify/templates/plan-template.md"
    ).read_text(encoding="utf-8")


def test_another_constitution_keeps_what_was_chosen(template: Path, tmp_path: Path) -> None:
    project = generate(template, tmp_path / "acme", **GIVEN["of existing-repo"])
    commit(project, "Start")
    switch(project, constitution="quality-first")
    wanted = GIVEN["of existing-repo"] | {"constitution": "quality-first"}
    assert {name: answers_of(project)[name] for name in wanted} == wanted
    assert "coverage_min = 85" in base(project)
    plan = (project / ".specify/templates/plan-template.md").read_text(encoding="utf-8")
    assert "FAIR-01" in plan
    assert re.search(r"^\| .*FAIR-01", plan, re.M), "the Constitution Check is still a table"


def test_principles_come_and_go_with_the_custom_constitution(template: Path, tmp_path: Path) -> None:
    project = generate(template, tmp_path / "acme", project_type="existing-repo", constitution="essentials")
    commit(project, "Start")
    switch(project, **custom(["tested-changes", "protected-secrets"]))
    assert sorted(answers_of(project)["principles"]) == ["protected-secrets", "tested-changes"]
    commit(project, "Choose")
    switch(project, constitution="essentials")
    assert "principles" not in answers_of(project)
    assert "coverage_min = 80" in base(project)
