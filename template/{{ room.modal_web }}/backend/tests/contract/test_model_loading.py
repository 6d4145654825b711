"""A model is made once in each container, before its first picture, and never on import."""

import importlib.util
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


class Workshop:
    """Makes models that paint nothing, and knows of each whether a container was starting."""

    def __init__(self) -> None:
        self.made_at_start: list[bool] = []
        self._is_starting = False

    def make(self, on_gpu: bool) -> "Workshop":
        self.made_at_start.append(self._is_starting)
        return self

    def paint(self, parameters: Mapping[str, float], report: Callable[[int], None]) -> bytes:
        report(50)
        return b"a picture"

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
    workshop = Workshop()
    enter = modal.enter
    monkeypatch.setattr(models, "MODELS", dict.fromkeys(MODEL_NAMES, workshop.make))
    monkeypatch.setattr(
        modal, "enter", lambda **options: lambda method: enter(**options)(workshop.watch(method))
    )
    return workshop


@pytest.fixture
def modal_app(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the module as it is imported anew, with models from the workshop."""
    spec = importlib.util.find_spec(backend.modal_app.__name__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "progress", Mock())
    return module


def test_importing_makes_no_model(workshop: Workshop, modal_app: ModuleType) -> None:
    assert workshop.made_at_start == [], (
        "Importing backend/modal_app.py makes a model. Make it in a method with @modal.enter()."
    )


@pytest.mark.parametrize("name", MODEL_NAMES)
def test_a_warm_container_makes_its_model_once(
    workshop: Workshop, modal_app: ModuleType, name: str
) -> None:
    painter = modal_app.PAINTERS[name]()

    for _ in range(2):
        painter.paint.local({})

    assert workshop.made_at_start == [True], (
        f"A container that paints two pictures of {name} made a model "
        f"{len(workshop.made_at_start)} times, {workshop.made_at_start.count(False)} of them "
        "outside of its start. Make it in a method with @modal.enter() and keep it in self."
    )
