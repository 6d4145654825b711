import itertools
import sys
from io import BytesIO
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from backend.models.reaction_diffusion import ReactionDiffusion
from backend.schemas import ParameterRange, load_inference_settings

RANGES = load_inference_settings().models["reaction-diffusion"].parameters
SMALL = {name: each.default for name, each in RANGES.items()} | {"size": 64, "steps": 500}


def paint(**parameters: float) -> bytes:
    return ReactionDiffusion().paint(SMALL | parameters, lambda percent: None)


def image(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    assert picture.format == "PNG"
    return picture.convert("RGB")


def ends(allowed: ParameterRange) -> tuple[float, float]:
    return allowed.min, allowed.max


def test_the_same_parameters_give_the_same_picture() -> None:
    assert paint() == paint()


@pytest.mark.parametrize(
    "other", [{"seed": 8}, {"hue": 20}, {"feed": 0.03}, {"kill": 0.062}, {"steps": 1000}]
)
def test_each_parameter_changes_the_picture(other: dict[str, float]) -> None:
    assert paint() != paint(**other)


@pytest.mark.parametrize("size", [64, 192])
def test_a_picture_has_the_size_that_was_asked_for(size: int) -> None:
    assert image(paint(size=size)).size == (size, size)


def test_the_defaults_paint_a_pattern_with_dark_and_bright_all_over() -> None:
    grey = np.asarray(image(paint(steps=SMALL["steps"] * 6)).convert("L"))
    for quarter in (grey[:32, :32], grey[:32, 32:], grey[32:, :32], grey[32:, 32:]):
        assert int(quarter.max()) - int(quarter.min()) > 80


def test_the_edges_of_a_picture_meet() -> None:
    grey = np.asarray(image(paint(steps=3000)).convert("L"), np.int16)
    inside = np.abs(np.diff(grey, axis=0)).max()
    assert np.abs(grey[0] - grey[-1]).max() <= inside
    assert np.abs(grey[:, 0] - grey[:, -1]).max() <= np.abs(np.diff(grey, axis=1)).max()


# What is not a number would make a warning on its way to a colour, which fails the test.
@pytest.mark.parametrize(
    ("feed", "kill"), list(itertools.product(ends(RANGES["feed"]), ends(RANGES["kill"])))
)
def test_the_corners_of_the_rates_give_pictures_after_the_most_steps(
    feed: float, kill: float
) -> None:
    for steps in ends(RANGES["steps"]):
        assert image(paint(feed=feed, kill=kill, steps=steps)).size == (64, 64)


@pytest.mark.parametrize(
    ("size", "hue", "seed"),
    list(itertools.product(ends(RANGES["size"]), ends(RANGES["hue"]), ends(RANGES["seed"]))),
)
def test_the_corners_of_the_other_parameters_give_pictures(
    size: float, hue: float, seed: float
) -> None:
    assert image(paint(size=size, hue=hue, seed=seed)).size == (size, size)


def test_progress_rises_to_a_hundred_percent() -> None:
    reports: list[int] = []
    ReactionDiffusion().paint(SMALL, reports.append)
    assert reports == list(range(101))


def test_a_gpu_counts_with_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def asnumpy(array: object) -> object:
        fetched.append(array)
        return array

    cupy = ModuleType("cupy")
    vars(cupy).update(vars(np) | {"asnumpy": asnumpy})
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    picture = ReactionDiffusion(on_gpu=True).paint(SMALL, lambda percent: None)
    assert picture == paint()
    assert len(fetched) == 1
