"""Refuses a run that makes no sense before anything is written; else claims its folder."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, flag_override

from .config import typed
from .run_id import OUTPUT

PLACE = "tmp/profile-output/<run_id>/"


class RefuseBeforeWriting(Callback):
    """Checks a run before Hydra makes its folder."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:  # noqa: ANN401 - Hydra's own signature
        """Check a single run, and claim its folder."""
        _check_places(config, config.hydra.run.dir)
        own = deepcopy(config)
        with flag_override(own, ["struct", "readonly"], False):
            del own["hydra"]
        try:
            checked = typed(own)
            from .hardware import select_device  # torch takes seconds to load

            select_device(checked)
        except ValueError as error:
            raise SystemExit(str(error)) from None
        claim(Path(config.hydra.run.dir))

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:  # noqa: ANN401
        """Claim the folder of a sweep; its jobs are checked one by one."""
        _check_places(config, config.hydra.sweep.dir)
        claim(Path(config.hydra.sweep.dir))


def refuse_elsewhere(folder: Path) -> None:
    """End a run that would write beside the folder of runs.

    Raises
    ------
    SystemExit
        The folder is not below tmp/profile-output; the message says what would be right.
    """
    place = folder.resolve()
    if place == OUTPUT or not place.is_relative_to(OUTPUT):
        raise SystemExit(f"The run would write to {folder}; runs write to {PLACE} only.")


def claim(folder: Path) -> None:
    """Make the folder of a run, so that no other run can have it.

    Raises
    ------
    SystemExit
        It holds something besides the command line that the Nsight wrappers leave there.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        if [path.name for path in folder.iterdir()] != ["cmd.txt"]:
            raise SystemExit(
                f"There is a run in {folder} already; choose another run_id, or none."
            ) from None


def _check_places(config: DictConfig, folder: str) -> None:
    """Check the folder of a run, and every other place that Hydra's own settings name."""
    refuse_elsewhere(Path(folder))
    hydra: Any = OmegaConf.to_container(config.hydra, resolve=False)
    log_file = str(hydra["job_logging"].get("handlers", {}).get("file", {}).get("filename", ""))
    log_file = log_file.replace("${hydra.runtime.output_dir}", folder, 1) or folder
    for place in (hydra["output_subdir"] or "", hydra["sweep"]["subdir"]):
        refuse_elsewhere(Path(folder) / str(place))
    refuse_elsewhere(Path(log_file))
