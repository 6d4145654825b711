"""What the tests of all scripts share."""

import os
from collections.abc import Iterator

import pytest

SETTINGS = """
[user]
name = Ada
email = ada@example.org
[core]
fsync = none
logAllRefUpdates = false
[init]
templateDir =
[maintenance]
auto = false
"""


@pytest.fixture(scope="module", autouse=True)
def settings_of_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give git settings of its own, not those of the person or of a hook that runs the tests; make Helm fast."""
    settings = tmp_path_factory.mktemp("settings") / "gitconfig"
    settings.write_text(SETTINGS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            environment.delenv(name)
        environment.setenv("GIT_CONFIG_GLOBAL", str(settings))
        environment.setenv("GIT_CONFIG_SYSTEM", os.devnull)
        environment.setenv("GOGC", "off")  # Helm ends before collecting garbage pays, which takes a fifth of its time
        yield
