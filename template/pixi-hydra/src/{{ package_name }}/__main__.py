"""`python -m` this package profiles a model; the arguments are Hydra's overrides."""

import logging
import os
import sys
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from .config import register, typed
from .guard import refuse_elsewhere
from .run_id import REPOSITORY

CONF = REPOSITORY / "conf"
log = logging.getLogger(__name__)
os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # torch.profiler else tells when it starts
register()


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(composed: DictConfig) -> None:
    """Profile what the composed configuration says."""
    from .metrics import summary  # torch takes seconds to load: wrong overrides are refused before
    from .run import profile

    output = Path(HydraConfig.get().runtime.output_dir)
    refuse_elsewhere(output)
    try:
        metrics = profile(typed(composed), output)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    except RuntimeError as error:
        if "alloc" not in str(error) and "memory" not in str(error):
            raise
        raise SystemExit(f"The model or its cache is too large for the device: {error}") from None
    if metrics.code["commit"] is None:
        log.warning("There is no git commit, so this run cannot be attributed to any code.")
    log.info(summary(metrics))
    log.info("Wrote %s", output / "report.md")


def main() -> None:
    """Run the command line.

    Raises
    ------
    SystemExit
        The package was installed without its checkout, which holds the configuration.
    """
    if not (CONF / "config.yaml").exists():
        sys.exit(
            f"There is no {CONF / 'config.yaml'}: the configuration is part of the checkout. "
            'Install it from there with `python -m pip install -e ".[torch]"`.'
        )
    job()


if __name__ == "__main__":
    main()
