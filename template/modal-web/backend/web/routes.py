"""The operations of the API."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from .. import __version__
from ..schemas import (
    AuditPage,
    Health,
    InferenceSettings,
    NewTask,
    Session,
    TaskPage,
    TaskState,
    TaskView,
)
from ..tasks import TaskService
from .problems import documented
from .security import require_admin, require_either, require_user

# tests/contract/test_access.py lists what may stand here; everything else needs a key.
public = APIRouter(prefix="/api", responses=documented(413, 422, 429, 500))
keyed = APIRouter(responses=documented(401, 413, 422, 429, 500))


async def _task_service(request: Request) -> TaskService:
    service: TaskService = request.app.state.service
    return service


class PictureResponse(Response):
    """A picture as an answer."""

    media_type = "image/png"


Tasks = Annotated[TaskService, Depends(_task_service)]
Owner = Annotated[str, Depends(require_user)]
Opened = Annotated[Session, Depends(require_either)]
TaskId = Annotated[str, Path(max_length=64, examples=["0123456789abcdef"])]
Limit = Annotated[int, Query(ge=1, le=100)]
BeforeTask = Annotated[
    str | None, Query(max_length=64, description="The `next` of the page before.")
]
BeforeRow = Annotated[
    int | None, Query(ge=1, le=2**53, description="The `next` of the page before.")
]


@public.get("/health", responses=documented(503))
def health(tasks: Tasks) -> Health:
    """Tell whether the service can answer requests."""
    tasks.check()
    return Health(version=__version__)


@keyed.get("/api/session")
def session(opened: Opened) -> Session:
    """Tell what the sent keys open."""
    return opened


@keyed.get("/api/settings", dependencies=[Depends(require_either)])
def settings(tasks: Tasks) -> InferenceSettings:
    """Tell which models there are, what may be chosen of them, and how often to ask for news."""
    return tasks.settings


@keyed.post("/api/tasks", status_code=202, responses=documented(400))
def create_task(new: NewTask, owner: Owner, tasks: Tasks) -> TaskView:
    """Ask for a picture."""
    return tasks.create(owner, new)


@keyed.get("/api/tasks")
def list_tasks(
    owner: Owner, tasks: Tasks, limit: Limit = 20, before: BeforeTask = None
) -> TaskPage:
    """List your own tasks, the newest first."""
    return tasks.page(owner, limit, before)


@keyed.get("/api/tasks/{task_id}", responses=documented(404))
def read_task(task_id: TaskId, owner: Owner, tasks: Tasks) -> TaskView:
    """Tell how one of your tasks is doing."""
    return tasks.get(owner, task_id)


@keyed.get(
    "/api/tasks/{task_id}/picture",
    response_class=PictureResponse,
    responses=documented(404, 409),
)
def read_picture(task_id: TaskId, owner: Owner, tasks: Tasks) -> PictureResponse:
    """Return the picture of one of your tasks that is done."""
    return PictureResponse(tasks.picture(owner, task_id))


@keyed.get("/api/admin/tasks", dependencies=[Depends(require_admin)])
def list_all_tasks(
    tasks: Tasks, limit: Limit = 50, before: BeforeTask = None, state: TaskState | None = None
) -> TaskPage:
    """List everybody's tasks, the newest first."""
    return tasks.all_tasks(limit, before, state)


@keyed.get("/api/admin/audit", dependencies=[Depends(require_admin)])
def read_audit(tasks: Tasks, limit: Limit = 50, before: BeforeRow = None) -> AuditPage:
    """List what happened to everybody's tasks, the newest first."""
    return tasks.audit(limit, before)


@keyed.get("/openapi.json", include_in_schema=False, dependencies=[Depends(require_either)])
def document(request: Request) -> dict[str, object]:
    """Return the OpenAPI document."""
    described: dict[str, object] = request.app.openapi()
    return described
