"""Refuses a run that makes no sense before anything is written."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, flag_override

from .config import typed
from .run_id import OUTPUT, REPOSITORY


class RefuseBeforeWriting(Callback):
    """Ends a run that makes no sense before Hydra makes its folder."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:  # noqa: ANN401 - Hydra's own signature
        """Check a single run."""
        self._check(config, config.hydra.run.dir)
        own = deepcopy(config)
        with flag_override(own, ["struct", "readonly"], False):
            del own["hydra"]
        try:
            checked = typed(own)
            from .hardware import select_device  # torch takes seconds to load

            select_device(checked)
        except ValueError as error:
            raise SystemExit(str(error)) from None

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:  # noqa: ANN401
        """Check where a sweep is to write; its jobs are checked one by one."""
        self._check(config, config.hydra.sweep.dir)

    def _check(self, config: DictConfig, folder: str) -> None:
        place = Path(folder).resolve()
        if place == OUTPUT or not place.is_relative_to(OUTPUT):
            shown = OUTPUT.relative_to(REPOSITORY).as_posix()
            raise SystemExit(
                f"The run would write to {folder}; runs write to {shown}/<run_id>/ only."
            )
        if (place / "metrics.json").exists():
            raise SystemExit(f"There is a run in {folder} already; choose another run_id, or none.")
