"""Settings, read from the environment and from a file `.env` beside it."""

from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .problems import ProblemError

ENV_PREFIX: Final = f"{__name__.partition('.')[0].upper()}_"
MIN_KEY_LENGTH: Final = 20


class Settings(BaseSettings):
    """How the service runs. README.md explains each setting."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        # A misspelt name in .env is an error; lines meant for other programs are not.
        dotenv_filtering="match_prefix",
        extra="forbid",
        frozen=True,
    )

    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    database_url: str = "sqlite:///links.db"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    base_url: str = ""
    rate_per_second: float = Field(default=20, gt=0)
    rate_burst: int = Field(default=60, ge=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def public_url(self) -> str:
        """What short addresses begin with, without a slash at the end."""
        return self.base_url.rstrip("/") or f"http://{self.host}:{self.port}"

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

    Raises a `ProblemError` when a setting has a value that it cannot have, or is misspelt in
    `.env`. The message names the setting but not its value, which may be secret.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ENV_PREFIX + str(first["loc"][0]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        detail = f"The setting {name} is not valid: {reason}."
    # Raised here, and not above, so that no traceback shows the error that holds the value.
    raise ProblemError(500, detail, f"Correct or remove {name} in the environment or in .env.")
