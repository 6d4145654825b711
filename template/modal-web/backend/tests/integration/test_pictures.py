from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from backend.executor import LocalExecutor
from backend.schemas import InferenceSettings, NewTask, TaskState, TaskView
from backend.storage import Store
from backend.tasks import TaskService
from backend.tests.pictures import MODEL, QUICK, QUICK_SIZE, RANGES


@pytest.fixture
def service(tmp_path: Path, inference: InferenceSettings) -> Iterator[TaskService]:
    service = TaskService(Store(tmp_path / "data"), LocalExecutor(inference), inference)
    yield service
    service.close()


def finished(service: TaskService, task: TaskView) -> TaskView:
    """Refresh as long as a task runs; a picture this small takes a fraction of a second."""
    while not task.state.is_final:
        service.refresh()
        task = service.get("ada", task.id)
    return task


def test_what_is_asked_for_becomes_a_picture(service: TaskService) -> None:
    seed = RANGES["seed"]
    tasks = [
        service.create("ada", NewTask(model=MODEL, parameters=QUICK | {"seed": chosen}))
        for chosen in (seed.min, seed.min + seed.step, seed.max)
    ]
    assert [finished(service, task).state for task in tasks] == [TaskState.DONE] * 3
    pictures = [service.picture("ada", task.id) for task in tasks]
    assert {Image.open(BytesIO(picture)).size for picture in pictures} == {QUICK_SIZE}
    assert len(set(pictures)) == 3
