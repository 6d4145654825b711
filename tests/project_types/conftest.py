"""What the tests of several types share."""

import pytest

from tests.project_types.python_projects import Proven


@pytest.fixture(scope="session")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Proven:
    """What passed in any worker."""
    folder = tmp_path_factory.getbasetemp().parent / "proven"
    folder.mkdir(exist_ok=True)
    return Proven(folder)
