from http import HTTPStatus

from backend.lib.problems import ProblemError


def test_a_problem_carries_what_its_reader_needs() -> None:
    problem = ProblemError(409, "It is taken.", "Take another.", {"Retry-After": "1"})
    assert str(problem) == problem.detail == "It is taken."
    assert problem.status is HTTPStatus.CONFLICT
    assert problem.remedy == "Take another."
    assert problem.headers == {"Retry-After": "1"}
