"""Logs as lines of JSON."""

import json
import logging
from datetime import UTC, datetime
from typing import Final

LIBRARIES: Final = ("asyncio", "httpcore2", "httpx2", "uvicorn", "websockets")
_STANDARD_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
# Uvicorn repeats its message there with terminal colours.
_LEFT_OUT: Final = _STANDARD_FIELDS | {"color_message"}


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON; what was passed as `extra` becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON, without a line break."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields |= {key: value for key, value in vars(record).items() if key not in _LEFT_OUT}
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, default=str)


def configure_logging(level: str) -> None:
    """Send all logs of this process from `level` upwards to standard error as JSON.

    Libraries warn only: below that they log headers, in which keys are, and what was said.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
