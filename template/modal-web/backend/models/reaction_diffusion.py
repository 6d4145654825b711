"""Two chemicals that spread and react, after Gray and Scott, on a torus."""

import colorsys
import importlib
from collections.abc import Callable, Mapping
from io import BytesIO
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# In one step of time, in cells squared; twice as fast for the first chemical (Pearson, 1993).
_SPREAD: Final = (0.16, 0.08)
# Drops of the second chemical at the beginning: cells on each side of the middle, and how rare.
_DROP: Final = 3
_CELLS_PER_DROP: Final = 800
# Amounts of the second chemical seldom pass this; it is painted brightest.
_MOST: Final = 0.4


class ReactionDiffusion:
    """Paints how much there is of the second chemical after a number of steps."""

    def __init__(self, on_gpu: bool = False) -> None:
        """Count with CuPy on a GPU, or with NumPy; raises `ImportError` where CuPy is missing."""
        # CuPy has the functions of NumPy that are used here.
        self._arrays: ModuleType = importlib.import_module("cupy") if on_gpu else np

    def paint(self, parameters: Mapping[str, float], report: Callable[[int], None]) -> bytes:
        """Return a PNG of `size` x `size` pixels, the same for the same parameters.

        Takes `size`, `steps`, `feed`, `kill`, `hue` (degrees) and `seed`; reports percent done.
        """
        size, steps = int(parameters["size"]), int(parameters["steps"])
        cells = self._arrays.asarray(_begin(size, int(parameters["seed"])))
        step = _stepper(self._arrays, cells, parameters["feed"], parameters["kill"])
        for done in range(steps):
            if done * 100 // steps != (done - 1) * 100 // steps:
                report(done * 100 // steps)
            step()
        second = cells[1, 1:-1, 1:-1]
        if self._arrays is not np:
            second = self._arrays.asnumpy(second)
        picture = _colour(second, parameters["hue"])
        report(100)
        return picture


def _begin(size: int, seed: int) -> NDArray[np.float32]:
    """Return both chemicals, with a border: the first everywhere, drops of the second in it."""
    random = np.random.default_rng(seed)
    cells = np.zeros((2, size + 2, size + 2), np.float32)
    cells[0] = 1
    drop = np.arange(-_DROP, _DROP + 1)
    for row, column in random.integers(0, size, (size * size // _CELLS_PER_DROP, 2)):
        around = np.ix_((row + drop) % size + 1, (column + drop) % size + 1)
        cells[0][around] = 0.5
        cells[1][around] = 0.25
    # Without it drops would grow into patterns that are too regular.
    cells[:, 1:-1, 1:-1] += random.uniform(0, 0.02, (2, size, size)).astype(np.float32)
    return cells


def _stepper(
    arrays: ModuleType, cells: NDArray[np.float32], feed: float, kill: float
) -> Callable[[], None]:
    """Return what brings `cells` one step on, in place: new arrays would take most of the time."""
    inner = cells[:, 1:-1, 1:-1]
    first, second = inner
    around = arrays.empty_like(inner)
    eaten = arrays.empty_like(first)
    spread = arrays.asarray(_SPREAD, np.float32)[:, None, None]
    lost = arrays.asarray([feed, feed + kill], np.float32)[:, None, None]
    kept = 1 - 4 * spread - lost

    def step() -> None:
        # The border repeats the opposite side, so that the edges meet.
        cells[:, 0], cells[:, -1] = cells[:, -2], cells[:, 1]
        cells[:, :, 0], cells[:, :, -1] = cells[:, :, -2], cells[:, :, 1]
        arrays.add(cells[:, :-2, 1:-1], cells[:, 2:, 1:-1], out=around)
        arrays.add(around, cells[:, 1:-1, :-2], out=around)
        arrays.add(around, cells[:, 1:-1, 2:], out=around)
        arrays.multiply(around, spread, out=around)
        arrays.multiply(first, second, out=eaten)
        arrays.multiply(eaten, second, out=eaten)
        arrays.multiply(inner, kept, out=inner)
        arrays.add(inner, around, out=inner)
        arrays.add(first, feed, out=first)
        arrays.subtract(first, eaten, out=first)
        arrays.add(second, eaten, out=second)

    return step


def _colour(second: NDArray[np.float32], hue: float) -> bytes:
    """Return a PNG whose colours go from dark to bright with the amount of the chemical."""
    levels = np.clip(second * (255 / _MOST), 0, 255).astype(np.uint8)
    image = Image.fromarray(levels)
    image.putpalette(_palette(hue))
    with BytesIO() as file:
        image.save(file, "PNG", optimize=True)
        return file.getvalue()


def _palette(hue: float) -> bytes:
    """Return 256 colours: deep ones of a hue, then its neighbours', and at last nearly white."""
    colours = bytearray()
    for level in range(256):
        share = level / 255
        turned = (hue / 360 + 0.12 * share - 0.06) % 1
        red, green, blue = colorsys.hls_to_rgb(turned, 0.07 + 0.83 * share, 0.75)
        colours += bytes(round(255 * each) for each in (red, green, blue))
    return bytes(colours)
