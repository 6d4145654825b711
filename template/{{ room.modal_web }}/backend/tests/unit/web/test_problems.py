import json

from backend.lib.problems import ProblemError
from backend.web import problems


def test_an_answer_tells_all_of_a_problem() -> None:
    problem = ProblemError(401, "No key.", "Send one.", {"WWW-Authenticate": "Bearer"})
    answer = problems.ProblemResponse(problem, [problems.InvalidField(field="a", message="b")])
    body = json.loads(bytes(answer.body))
    assert answer.status_code == body["status"] == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (body["detail"], body["remedy"]) == ("No key.", "Send one.")
    assert body["errors"] == [{"field": "a", "message": "b"}]


def test_each_status_is_documented() -> None:
    assert set(problems.documented(404, 409)) == {404, 409}
