import pytest
from pydantic import ValidationError

from backend.schemas import NewTask, TaskState


def test_parameters_may_be_left_out() -> None:
    assert NewTask.model_validate({"model": "reaction-diffusion"}).parameters == {}


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError, match="extra"):
        NewTask.model_validate({"model": "reaction-diffusion", "owner": "somebody"})


def test_data_is_never_changed() -> None:
    new = NewTask(model="reaction-diffusion")
    with pytest.raises(ValidationError, match="frozen"):
        new.model = "other"  # type: ignore[misc]


def test_nothing_follows_a_final_state() -> None:
    assert [state for state in TaskState if state.is_final] == [TaskState.DONE, TaskState.FAILED]
