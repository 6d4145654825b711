"""What may be asked for stands in inference_settings.json alone, and the API follows it."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from backend.app import create_app
from backend.config import load_settings
from backend.executor import Executor
from backend.schemas import SETTINGS_FILE, InferenceSettings, load_inference_settings
from backend.storage import Store
from backend.tasks import TaskService

Api = Callable[[dict[str, Any]], TestClient]
IN_REPOSITORY: dict[str, Any] = json.loads(SETTINGS_FILE.read_text(encoding="utf-8"))
PARAMETERS = [
    (model, name) for model, each in IN_REPOSITORY["models"].items() for name in each["parameters"]
]
SHIFTS = {"as-in-the-repository": 0, "higher": 1, "lower": -1}
each_parameter = pytest.mark.parametrize(("model", "name"), PARAMETERS)
each_shift = pytest.mark.parametrize("shift", SHIFTS.values(), ids=SHIFTS.keys())


def copy_with(shift: int) -> dict[str, Any]:
    """Return what the file holds with another pace and all ranges shifted, to where none was.

    With a shift of 0 the ranges are those in the repository.
    """
    settings = deepcopy(IN_REPOSITORY)
    for model, name in PARAMETERS:
        each = settings["models"][model]["parameters"][name]
        if shift:
            step = 2 * each["step"]
            least = each["min"] + shift * (each["max"] - each["min"] + 5 * step)
            shifted = {"min": least, "max": least + 4 * step, "step": step, "default": least + step}
            each |= shifted
    return settings | {"poll_interval_s": 9, "max_active_tasks": 7}


def load(settings: dict[str, Any]) -> InferenceSettings:
    """Return settings as they are loaded from a file."""
    copy = Path("changed.json")
    copy.write_text(json.dumps(settings), encoding="utf-8")
    return load_inference_settings(copy)


@pytest.fixture
def api(executor: Executor, api_key: str) -> Api:
    """Return a function that returns a client of an API with settings."""

    def run(settings: dict[str, Any]) -> TestClient:
        service = TaskService(Store(Path("data")), executor, load(settings))
        app = create_app(load_settings(), service, None)
        return TestClient(app, headers={"X-API-Key": api_key})

    return run


def ask(client: TestClient, model: str, **parameters: float) -> int:
    """Return the status with which a request for a picture is answered."""
    return client.post("/api/tasks", json={"model": model, "parameters": parameters}).status_code


@each_shift
def test_the_api_tells_what_the_file_holds(api: Api, shift: int) -> None:
    settings = copy_with(shift)
    assert api(settings).get("/api/settings").json() == settings


@each_parameter
@each_shift
def test_what_the_file_allows_may_be_asked_for(api: Api, shift: int, model: str, name: str) -> None:
    settings = copy_with(shift)
    client = api(settings)
    each = settings["models"][model]["parameters"][name]
    steps = round((each["max"] - each["min"]) / each["step"])
    for number in {0, 1, steps // 3, steps // 2, steps}:
        value = each["min"] + number * each["step"]
        assert ask(client, model, **{name: value}) == 202, value


@each_parameter
@each_shift
def test_what_the_file_does_not_allow_is_refused(
    api: Api, shift: int, model: str, name: str
) -> None:
    settings = copy_with(shift)
    client = api(settings)
    each = settings["models"][model]["parameters"][name]
    low, high, step = each["min"], each["max"], each["step"]
    for value in [low - step, low + step / 2, high - step / 2, high + step]:
        assert ask(client, model, **{name: value}) == 422, value


@each_parameter
def test_parameters_are_those_of_the_file(api: Api, model: str, name: str) -> None:
    settings = copy_with(0)
    parameters = settings["models"][model]["parameters"]
    removed = parameters.pop(name)
    parameters["added"] = removed
    client = api(settings)
    assert ask(client, model, **{name: removed["default"]}) == 422
    assert ask(client, model, added=removed["default"]) == 202


@pytest.mark.parametrize("model", IN_REPOSITORY["models"])
def test_models_are_those_of_the_file(api: Api, model: str) -> None:
    settings = copy_with(0)
    settings["models"]["added"] = settings["models"].pop(model)
    client = api(settings)
    assert ask(client, model) == 422
    assert ask(client, "added") == 202


@pytest.mark.parametrize("model", IN_REPOSITORY["models"])
@each_shift
def test_what_is_left_out_is_as_the_file_says(api: Api, shift: int, model: str) -> None:
    settings = copy_with(shift)
    task = api(settings).post("/api/tasks", json={"model": model}).json()
    ranges = settings["models"][model]["parameters"]
    defaults = {name: each["default"] for name, each in ranges.items()}
    assert task["parameters"] == pytest.approx(defaults)


def test_a_person_has_as_many_unfinished_tasks_as_the_file_says(api: Api) -> None:
    client = api(copy_with(0))
    model = next(iter(IN_REPOSITORY["models"]))
    assert [ask(client, model) for _ in range(8)] == [202] * 7 + [429]


def places(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the path of each name that the schema asks for in the file."""
    if not isinstance(value, dict):
        return []
    # What models and parameters are called is free.
    free = path[:1] == ("models",) and (len(path) == 1 or path[2:] == ("parameters",))
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
