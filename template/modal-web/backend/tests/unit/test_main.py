import runpy

import pytest

from backend import __version__


def test_python_m_starts_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["backend", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("backend", run_name="__main__")
    assert not ended.value.code
    assert capsys.readouterr().out.strip() == __version__
