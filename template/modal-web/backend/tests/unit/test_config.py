from pathlib import Path

import pytest

from backend.config import ENV_PREFIX, load_settings
from backend.lib.problems import ProblemError
from backend.web.security import key_hash


def test_hashes_are_split_at_commas_and_may_have_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = (key_hash("a"), key_hash("b"))
    monkeypatch.setenv(ENV_PREFIX + "API_KEY_HASHES", ", ".join(hashes).upper() + ",")
    assert load_settings().api_key_hashes == hashes


def test_a_key_in_place_of_its_hash_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV_PREFIX + "ADMIN_KEY_HASHES", "private-key")
    with pytest.raises(ProblemError, match=ENV_PREFIX + "ADMIN_KEY_HASHES") as refused:
        load_settings()
    assert "private-key" not in refused.value.detail
    assert refused.value.__context__ is None


def test_origins_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV_PREFIX + "ALLOWED_ORIGINS", "https://A.example,http://localhost:5173")
    assert load_settings().allowed_origins == ("https://a.example", "http://localhost:5173")


def test_nothing_is_allowed_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["API_KEY_HASHES", "ADMIN_KEY_HASHES"]:
        monkeypatch.delenv(ENV_PREFIX + name)
    settings = load_settings()
    assert settings.api_key_hashes == settings.admin_key_hashes == settings.allowed_origins == ()
    assert settings.host == "127.0.0.1"


def test_a_misspelt_name_in_the_file_is_refused() -> None:
    Path(".env").write_text(f"{ENV_PREFIX}PROT=1\n", encoding="utf-8")
    with pytest.raises(ProblemError, match=f"setting {ENV_PREFIX}PROT"):
        load_settings()


def test_a_file_that_is_not_utf_8_is_refused() -> None:
    Path(".env").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ProblemError, match="not text in UTF-8") as refused:
        load_settings()
    assert refused.value.__context__ is None


def test_lines_for_other_programs_in_the_file_are_ignored() -> None:
    Path(".env").write_text(f"OTHER=1\n{ENV_PREFIX}PORT=9000\n", encoding="utf-8")
    assert load_settings().port == 9000
