"""A model is made once in each container, before its first picture, and never on import."""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import modal
import pytest

import backend.modal_app
from backend import models
from backend.schemas import load_inference_settings

MODEL_NAMES = sorted(load_inference_settings().models)


def model_classes() -> list[type]:
    """Return whatever can be a model, made by MODELS or not: the classes that paint."""
    inside = pkgutil.walk_packages(models.__path__, f"{models.__name__}.")
    modules = [models, *(importlib.import_module(each.name) for each in inside)]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and value.__module__ == module.__name__
        if hasattr(value, "paint") and value is not models.Model
    ]


class Workshop:
    """Notes of each model that is made whether a container was starting."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.made_too_late: list[str] = []
        self._is_starting = False

    def note(self, model: object) -> None:
        (self.made if self._is_starting else self.made_too_late).append(type(model).__name__)

    def watch(self, method: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return a method of a container's start, during which models may be made."""

        @wraps(method)
        def watched(painter: object) -> None:
            self._is_starting = True
            try:
                method(painter)
            finally:
                self._is_starting = False

        return watched


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Return what notes all models; they need no GPU, and paint nothing."""
    workshop = Workshop()
    enter = modal.enter

    def make(model: object, *_: object, **__: object) -> None:
        workshop.note(model)

    def paint(_: object, __: Mapping[str, float], report: Callable[[int], None]) -> bytes:
        report(50)
        return b"a picture"

    for model in model_classes():
        monkeypatch.setattr(model, "__init__", make)
        monkeypatch.setattr(model, "paint", paint)
    monkeypatch.setattr(
        modal, "enter", lambda **options: lambda method: enter(**options)(workshop.watch(method))
    )
    return workshop


@pytest.fixture
def modal_app(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module as it is imported anew, when all models are noted."""
    spec = importlib.util.find_spec(backend.modal_app.__name__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "progress", Mock())
    return module


def test_importing_makes_no_model(workshop: Workshop, modal_app: ModuleType) -> None:
    assert workshop.made + workshop.made_too_late == [], (
        "Importing backend/modal_app.py makes a model. Make it in a method with @modal.enter()."
    )


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_warm_container_makes_its_model_once(
    workshop: Workshop, modal_app: ModuleType, name: str
) -> None:
    painter = modal_app.PAINTERS[name]()

    for _ in range(2):
        painter.paint.local({})

    # A model may consist of several.
    made = workshop.made
    assert made, f"The painter of {name} makes no model of backend/models when it starts."
    assert sorted(set(made)) == sorted(made), f"The start of {name} makes a model twice: {made}."
    assert workshop.made_too_late == [], (
        f"A container that painted two pictures of {name} made {workshop.made_too_late} outside "
        "of its start. Make a model in a method with @modal.enter() and keep it in self."
    )
