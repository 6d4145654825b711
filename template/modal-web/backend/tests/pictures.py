"""Pictures that tests ask for, within whatever inference_settings.json allows."""

from collections.abc import Mapping
from typing import Final

from backend.schemas import ParameterRange, load_inference_settings

MODEL: Final = "reaction-diffusion"
RANGES: Final[Mapping[str, ParameterRange]] = load_inference_settings().models[MODEL].parameters

# The smallest parameters give the quickest picture, and the largest the slowest.
QUICK: Final = {name: each.min for name, each in RANGES.items()}
SLOW: Final = {name: each.max for name, each in RANGES.items()}
QUICK_SIZE: Final = (int(QUICK["size"]), int(QUICK["size"]))
