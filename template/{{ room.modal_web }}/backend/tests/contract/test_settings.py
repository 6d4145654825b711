"""What may be asked for stands in inference_settings.json alone, and the API follows it."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from backend.schemas import SETTINGS_FILE, InferenceSettings, load_inference_settings

MODEL = "reaction-diffusion"
IN_REPOSITORY: dict[str, Any] = json.loads(SETTINGS_FILE.read_text(encoding="utf-8"))


def changed_copy() -> dict[str, Any]:
    """Return what the file holds, with another model, range, default and pace."""
    settings = deepcopy(IN_REPOSITORY)
    model = settings["models"].pop(MODEL)
    model["parameters"]["size"] |= {"min": 10, "max": 30, "step": 5, "default": 25}
    del model["parameters"]["hue"]
    settings["models"]["renamed"] = model
    return settings | {"poll_interval_s": 9, "max_active_tasks": 3}


def load(settings: dict[str, Any]) -> InferenceSettings:
    """Return settings as they are loaded from a file."""
    copy = Path("changed.json")
    copy.write_text(json.dumps(settings), encoding="utf-8")
    return load_inference_settings(copy)


@pytest.fixture
def inference() -> InferenceSettings:
    """Return the settings with which the API of these tests runs."""
    return load(changed_copy())


def ask(client: TestClient, model: str = "renamed", **parameters: float) -> int:
    """Return the status with which a request for a picture is answered."""
    return client.post("/api/tasks", json={"model": model, "parameters": parameters}).status_code


def test_the_api_tells_what_the_file_holds(client: TestClient) -> None:
    assert client.get("/api/settings").json() == changed_copy()


@pytest.mark.parametrize("size", [10, 15, 30])
def test_what_the_file_allows_may_be_asked_for(client: TestClient, size: int) -> None:
    assert ask(client, size=size) == 202


@pytest.mark.parametrize("size", [5, 35, 256, 12])
def test_what_the_file_does_not_allow_is_refused(client: TestClient, size: int) -> None:
    assert ask(client, size=size) == 422


def test_parameters_and_models_are_those_of_the_file(client: TestClient) -> None:
    assert ask(client, hue=200) == 422
    assert ask(client, MODEL) == 422


def test_what_is_left_out_is_as_the_file_says(client: TestClient) -> None:
    task = client.post("/api/tasks", json={"model": "renamed"}).json()
    ranges = changed_copy()["models"]["renamed"]["parameters"]
    assert task["parameters"] == {name: each["default"] for name, each in ranges.items()}


def test_a_person_has_as_many_unfinished_tasks_as_the_file_says(client: TestClient) -> None:
    assert [ask(client) for _ in range(4)] == [202, 202, 202, 429]


def places(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the path of each name that the schema asks for in the file."""
    if not isinstance(value, dict):
        return []
    # What models and parameters are called is free.
    free = path in [("models",), ("models", MODEL, "parameters")]
    own = [] if free else [(*path, name) for name in value]
    return own + [place for name, each in value.items() for place in places(each, (*path, name))]


@pytest.mark.parametrize("place", places(IN_REPOSITORY), ids="/".join)
def test_the_file_holds_nothing_that_could_be_left_out(place: tuple[str, ...]) -> None:
    settings = deepcopy(IN_REPOSITORY)
    holder = settings
    for name in place[:-1]:
        holder = holder[name]
    del holder[place[-1]]
    with pytest.raises(ValidationError, match=place[-1]):
        load(settings)


def test_the_file_holds_nothing_that_nobody_reads() -> None:
    with pytest.raises(ValidationError, match="extra"):
        load(IN_REPOSITORY | {"misspelt": 1})


def test_each_default_in_the_repository_can_be_chosen() -> None:
    for model in load_inference_settings().models.values():
        for name, each in model.parameters.items():
            assert each.min <= each.default <= each.max, name
            steps = (each.default - each.min) / each.step
            assert steps == pytest.approx(round(steps)), name


@pytest.mark.parametrize("name", ["poll_interval_s", "queued_max_s"])
def test_the_file_keeps_the_figures_of_the_constitution(
    figure: Callable[[str], float], name: str
) -> None:
    assert IN_REPOSITORY[name] == figure(name)
