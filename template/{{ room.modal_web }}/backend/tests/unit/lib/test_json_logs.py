import json
import logging
import sys

import pytest

from backend.lib.json_logs import JsonFormatter, configure_logging


def test_extra_becomes_fields() -> None:
    record = logging.makeLogRecord({"msg": "a\n%s", "args": ("b",), "size": 3})
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "a\nb"
    assert json.loads(line)["size"] == 3


def test_an_exception_is_written_with_its_traceback() -> None:
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        record = logging.makeLogRecord({"exc_info": sys.exc_info()})
    assert "RuntimeError: broken" in json.loads(JsonFormatter().format(record))["exception"]


def test_logs_go_to_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "root", logging.RootLogger(logging.WARNING))
    configure_logging("INFO")
    logging.root.info("hello")
    assert json.loads(capsys.readouterr().err)["message"] == "hello"
