"""All that runs on Modal says how, and as inference_settings.json has it.

Modal's own defaults fit no service: no limit of containers, and one request at a time.
"""

import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import modal
import pytest

import backend.modal_app
from backend.config import ENV_PREFIX
from backend.schemas import ApiSettings, ModelSettings, load_inference_settings

SETTINGS: Final = load_inference_settings()
FIGURES: Final = {
    "timeout": "timeout_s",
    "startup_timeout": "startup_timeout_s",
    "scaledown_window": "scaledown_window_s",
    "max_containers": "max_containers",
    "max_inputs": "max_inputs",
}
# What a function is made of and where it runs; these are no figures.
STRUCTURE: Final = {"image", "gpu", "volumes", "secrets", "env"}


@dataclass(frozen=True)
class Deployed:
    """A function or a class of the Modal app, and the parameters that its decorators were given.

    `section` is the part of inference_settings.json that is about it, if there is one.
    """

    name: str
    parameters: Mapping[str, Any]
    section: ApiSettings | ModelSettings | None


def _record() -> tuple[dict[str, Any], list[Deployed]]:
    """Run the Modal app's file with decorators that leave things as they are."""
    decorated: list[tuple[object, dict[str, Any]]] = []
    concurrent: list[tuple[object, dict[str, Any]]] = []

    def recorder(
        calls: list[tuple[object, dict[str, Any]]],
    ) -> Callable[..., Callable[[object], object]]:
        def decorator(*_: object, **parameters: Any) -> Callable[[object], object]:  # noqa: ANN401
            def decorate(target: object) -> object:
                calls.append((target, parameters))
                return target

            return decorate

        return decorator

    with (
        patch.object(modal.App, "cls", recorder(decorated)),
        patch.object(modal.App, "function", recorder(decorated)),
        patch.object(modal, "concurrent", recorder(concurrent)),
    ):
        names = runpy.run_path(backend.modal_app.__file__, run_name="modal_app")

    deployed = []
    for target, parameters in decorated:
        name = next((name for name, value in names.items() if value is target), repr(target))
        limits = [limit for limited, limit in concurrent if limited is target]
        all_parameters = parameters | (limits[0] if limits else {})
        deployed.append(Deployed(name, all_parameters, _section(name, target, names["PAINTERS"])))
    return names, deployed


def _section(
    name: str, target: object, painters: Mapping[str, object]
) -> ApiSettings | ModelSettings | None:
    models = [model for model, painter in painters.items() if painter is target]
    section = SETTINGS.models.get(models[0]) if models else getattr(SETTINGS, name, None)
    return section if isinstance(section, ApiSettings | ModelSettings) else None


NAMES, DEPLOYED = _record()
each = pytest.mark.parametrize("deployed", DEPLOYED, ids=lambda deployed: deployed.name)


def test_each_model_has_a_painter() -> None:
    assert set(NAMES["PAINTERS"]) == set(SETTINGS.models), (
        "PAINTERS in backend/modal_app.py and the models in inference_settings.json differ."
    )


@each
@pytest.mark.parametrize("parameter", FIGURES)
def test_a_figure_is_that_of_the_settings(deployed: Deployed, parameter: str) -> None:
    assert deployed.section is not None, (
        f"inference_settings.json has no section for {deployed.name}. A painter finds its model's "
        "in PAINTERS; a function needs a section of its own name, as api has."
    )
    expected = getattr(deployed.section, FIGURES[parameter])

    assert deployed.parameters.get(parameter) == expected, (
        f"{deployed.name} {_said(deployed, parameter)}. inference_settings.json has {expected}: "
        f"give it {parameter} from SETTINGS, {_decorator(parameter)}."
    )


@each
def test_there_are_no_parameters_but_those_of_the_settings(deployed: Deployed) -> None:
    unknown = sorted(deployed.parameters.keys() - FIGURES.keys() - STRUCTURE)

    assert not unknown, (
        f"{deployed.name} has {', '.join(unknown)} besides what inference_settings.json says. "
        "Remove it; or give it a name there, take it from SETTINGS, and add it to FIGURES in "
        "this test, or to STRUCTURE when it is no figure."
    )


@each
def test_the_image_is_one_of_the_app(deployed: Deployed) -> None:
    images = [value for value in NAMES.values() if isinstance(value, modal.Image)]

    assert any(deployed.parameters.get("image") is image for image in images), (
        f"{deployed.name} names no image, so Modal would run it without what it imports. "
        "Give it image=, one of those at the top of backend/modal_app.py."
    )


@each
def test_the_gpu_is_that_of_the_model(deployed: Deployed) -> None:
    expected = deployed.section.gpu if isinstance(deployed.section, ModelSettings) else None

    assert deployed.parameters.get("gpu") == expected, (
        f"{deployed.name} {_said(deployed, 'gpu')}, but inference_settings.json has {expected}."
    )


@each
def test_only_the_api_writes_to_the_volume_and_finds_it_by_its_settings(
    deployed: Deployed,
) -> None:
    volumes = deployed.parameters.get("volumes", {})
    mounted = {folder for folder, volume in volumes.items() if volume is NAMES["volume"]}
    data_dir = deployed.parameters.get("env", {}).get(f"{ENV_PREFIX}DATA_DIR")

    assert mounted == ({data_dir} if deployed.name == "api" else set()), (
        f"{deployed.name} has the Volume of the tasks at {mounted or 'no folder'}. Only api may "
        f"have it, since one container alone may write, and {ENV_PREFIX}DATA_DIR must name it."
    )


def _said(deployed: Deployed, parameter: str) -> str:
    if parameter not in deployed.parameters:
        return f"says nothing of {parameter}"
    return f"has {parameter}={deployed.parameters[parameter]}"


def _decorator(parameter: str) -> str:
    if parameter == "max_inputs":
        return "in @modal.concurrent directly under its decorator of app"
    return "in its decorator of app"
