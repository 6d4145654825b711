"""What was said so far."""

from dataclasses import dataclass
from typing import Final

from .services.base import Message

MAX_MESSAGES: Final = 200
"""How many utterances the language model is told; the oldest are dropped first."""


@dataclass(frozen=True)
class Item:
    """An utterance with its id."""

    id: str
    message: Message


class Conversation:
    """Utterances in order, after the instructions."""

    def __init__(self, instructions: str) -> None:
        """Begin with the instructions alone."""
        self.instructions = instructions
        self._items: list[Item] = []

    @property
    def last_id(self) -> str | None:
        """The id of the last utterance, None before the first."""
        return self._items[-1].id if self._items else None

    def add(self, item: Item) -> None:
        """Append an utterance."""
        self._items.append(item)
        del self._items[:-MAX_MESSAGES]

    def messages(self, instructions: str | None = None) -> list[Message]:
        """Return what the language model is told, with other instructions if they are given."""
        return [
            Message("system", self.instructions if instructions is None else instructions),
            *(item.message for item in self._items if item.message.text),
        ]
