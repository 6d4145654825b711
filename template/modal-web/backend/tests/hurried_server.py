"""Serves with a model that takes one step, where what a picture costs is of no concern."""

from collections.abc import Callable, Mapping

from backend.cli import main
from backend.models import MODELS
from backend.models.reaction_diffusion import ReactionDiffusion
from backend.tests.pictures import MODEL


class HurriedModel(ReactionDiffusion):
    """Paints what there is after one step."""

    def paint(self, parameters: Mapping[str, float], report: Callable[[int], None]) -> bytes:
        return super().paint({**parameters, "steps": 1}, report)


if __name__ == "__main__":
    MODELS[MODEL] = HurriedModel  # type: ignore[index]
    main()
