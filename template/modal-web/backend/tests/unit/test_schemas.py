import math

import pytest
from pydantic import ValidationError

from backend.schemas import InferenceSettings, NewTask, ParameterRange, TaskState


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


@pytest.mark.parametrize("value", ["128", True, None])
def test_a_parameter_is_a_number_and_nothing_that_becomes_one(value: object) -> None:
    with pytest.raises(ValidationError, match=r"parameters\.size"):
        NewTask.model_validate({"model": "reaction-diffusion", "parameters": {"size": value}})


def parameter_range(**changes: float) -> ParameterRange:
    numbers = {"min": 0.02, "max": 0.06, "step": 0.001, "default": 0.037} | changes
    return ParameterRange.model_validate({"label": "Feed rate", "unit": ""} | numbers)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"min": 0.06}, "min must be below max"),
        ({"max": 0.0605}, "max must be one of the steps"),
        ({"default": 0.0375}, "default must be one of the steps"),
        ({"default": 0.01}, "default must be one of the steps"),
        ({"default": 0.07}, "default must be one of the steps"),
        ({"step": 0}, "greater than 0"),
        ({"max": math.inf}, "finite"),
        ({"min": math.nan}, "finite"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(changes: dict[str, float], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        parameter_range(**changes)


def test_a_value_near_a_step_is_that_step() -> None:
    allowed = parameter_range()
    assert [allowed.on_step(0.02 + step * 0.001) for step in range(41)] == [
        round(0.02 + step * 0.001, 3) for step in range(41)
    ]
    assert allowed.on_step(0.0370000001) == 0.037
    assert allowed.on_step(0.0371) is None


def test_there_is_a_model_to_choose(inference: InferenceSettings) -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        InferenceSettings.model_validate(inference.model_dump() | {"models": {}})
