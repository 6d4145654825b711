"""Settings, read from the environment and from a file `.env` beside it."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ENV_PREFIX: Final = f"{__name__.partition('.')[0].upper()}_"
MIN_KEY_LENGTH: Final = 20
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class SettingsError(Exception):
    """A setting that cannot be; the message names it and what would be right."""


class Settings(BaseSettings):
    """How the pipeline runs. README.md explains each setting."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        # A misspelt name in .env is an error; lines meant for other programs are not.
        dotenv_filtering="match_prefix",
        extra="forbid",
        frozen=True,
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    max_sessions: int = Field(default=64, ge=1)
    stt_url: str = Field(default="ws://127.0.0.1:8089", pattern="^wss?://[^/]+")
    stt_key: SecretStr = SecretStr("public_token")
    tts_url: str = Field(default="ws://127.0.0.1:8089", pattern="^wss?://[^/]+")
    tts_key: SecretStr = SecretStr("public_token")
    llm_url: str = Field(default="http://127.0.0.1:8089", pattern="^https?://[^/]+")
    llm_key: SecretStr = SecretStr("")
    llm_model: str = "default"
    instructions: str = "You are in a spoken conversation. Answer in one or two short sentences."
    voice: str = "default"
    pause_ms: int = Field(default=240, ge=80, le=5000)
    service_timeout_s: float = Field(default=10, gt=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("stt_url", "tts_url", "llm_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        url = urlsplit(value)
        try:
            _ = url.port
        except ValueError as error:
            raise ValueError("its port must be a number from 0 to 65535") from error
        if url.username or url.password:
            raise ValueError(
                "it must not hold a user or a password, which error messages would show"
            )
        return value

    @field_validator("api_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        keys = [key.strip() for key in value.split(",") if key.strip()]
        if any(len(key) < MIN_KEY_LENGTH for key in keys):
            raise ValueError(f"every key needs at least {MIN_KEY_LENGTH} characters")
        return keys


def load_settings() -> Settings:
    """Return the settings of this process.

    Raises a `SettingsError` when a setting has a value that it cannot have, is misspelt in `.env`,
    or opens the pipeline to the network without a key. The message never holds a value, which may
    be secret.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ENV_PREFIX + str(first["loc"][0]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        wrong = f"The setting {name} is not valid: {reason}. Correct it in the environment or .env."
    else:
        if settings.host in LOOPBACK or settings.api_keys:
            return settings
        wrong = (
            f"{ENV_PREFIX}HOST opens the pipeline to the network, and {ENV_PREFIX}API_KEYS is "
            f"empty. Set a key of at least {MIN_KEY_LENGTH} characters, or listen on 127.0.0.1."
        )
    # Raised here, and not above, so that no traceback shows the error that holds the value.
    raise SettingsError(wrong)
