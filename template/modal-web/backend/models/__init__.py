"""The models that paint pictures, by the names that inference_settings.json gives them."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from .reaction_diffusion import ReactionDiffusion


class Model(Protocol):
    """Paints pictures; threads may share it."""

    def paint(self, parameters: Mapping[str, float], report: Callable[[int], None]) -> bytes:
        """Return a picture as PNG, the same for the same parameters; report percent done."""


# Each makes its model: on a GPU when it is given True, else on the CPU.
MODELS: Final[Mapping[str, Callable[[bool], Model]]] = {"reaction-diffusion": ReactionDiffusion}
