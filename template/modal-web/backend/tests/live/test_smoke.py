"""One small picture on a deployed service: pytest backend/tests/live --base-url https://..."""

import os
import time
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from backend.schemas import InferenceSettings, NewTask, TaskState, TaskView
from backend.tests.pictures import MODEL, QUICK, QUICK_SIZE
from backend.tests.servers import ask_until

PICTURE = NewTask(model=MODEL, parameters=QUICK)


@pytest.fixture
def base_url(request: pytest.FixtureRequest) -> str:
    """Return the address of the deployed service."""
    address = request.config.getoption("--base-url")
    if not address:
        pytest.skip("Name a deployed service: --base-url https://... (and a user key in SMOKE_KEY)")
    return str(address)


def test_a_deployed_service_paints_a_picture(base_url: str, inference: InferenceSettings) -> None:
    key = os.environ.get("SMOKE_KEY", "")
    assert key, "Set SMOKE_KEY to a user key of the deployed service."
    model = inference.models[PICTURE.model]
    # After a pause, API and model both start first.
    patience_s = inference.api.startup_timeout_s + model.startup_timeout_s + model.timeout_s
    with httpx2.Client(
        base_url=base_url,
        headers={"X-API-Key": key},
        timeout=inference.api.startup_timeout_s,
        follow_redirects=True,
    ) as client:
        version = client.get("/api/health").raise_for_status().json()["version"]
        started = time.monotonic()
        answer = client.post("/api/tasks", json=PICTURE.model_dump()).raise_for_status()
        path = f"/api/tasks/{TaskView.model_validate_json(answer.content).id}"
        task = ask_until(
            lambda: TaskView.model_validate_json(client.get(path).raise_for_status().content),
            lambda seen: seen.state.is_final,
            patience_s,
            pause_s=inference.poll_interval_s,
        )
        assert task.state == TaskState.DONE, task.reason
        took_s = time.monotonic() - started
        picture = client.get(f"{path}/picture").raise_for_status().content
    assert Image.open(BytesIO(picture)).size == QUICK_SIZE
    # For the pull request: pytest shows it with -s.
    print(f"\n{base_url}, version {version}: task {task.id} was done in {took_s:.1f} s")
