"""What the pipeline expects of STT, LLM and TTS. The services themselves are black boxes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

ServiceName = Literal["stt", "llm", "tts"]


class ServiceError(Exception):
    """A service that cannot be reached, or that fails; says which one and why."""

    def __init__(self, service: ServiceName, reason: str) -> None:
        """Name the service and the reason, which ends the sentence "The STT service ..."."""
        super().__init__(f"The {service.upper()} service {reason}.")
        self.service = service
        self.reason = reason


@dataclass(frozen=True)
class Word:
    """A word that the STT heard."""

    text: str


@dataclass(frozen=True)
class Step:
    """The STT's token for one frame, with the probability that the speaker pauses."""

    pause: float


@dataclass(frozen=True)
class Marker:
    """The echo of a marker: all that was sent before it has been transcribed."""

    id: int


Heard = Word | Step | Marker


@dataclass(frozen=True)
class Audio:
    """A piece of speech as PCM16."""

    pcm: bytes


@dataclass(frozen=True)
class Spoken:
    """A word that the audio reaches now."""

    text: str


@dataclass(frozen=True)
class Message:
    """One utterance of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


class Transcription(Protocol):
    """A connection to the STT; each method may raise a `ServiceError`."""

    async def send_frame(self, frame: bytes) -> None:
        """Send a frame of PCM16."""

    async def send_marker(self, number: int) -> None:
        """Send a marker, which is echoed."""

    def heard(self) -> AsyncIterator[Heard]:
        """Iterate over what the service says, to the end of the connection."""


class Speech(Protocol):
    """A connection to the TTS; each method may raise a `ServiceError`."""

    async def say(self, word: str) -> None:
        """Send the next word."""

    async def finish(self) -> None:
        """Say that no word follows."""

    def spoken(self) -> AsyncIterator[Audio | Spoken]:
        """Iterate over audio and the words in it, to the end of the speech."""


class SpeechToText(Protocol):
    """Speech recognition."""

    def connect(self) -> AbstractAsyncContextManager[Transcription]:
        """Open a connection; raises a `ServiceError` when the service does not get ready."""


class TextToSpeech(Protocol):
    """Speech synthesis."""

    def connect(self, voice: str) -> AbstractAsyncContextManager[Speech]:
        """Open a connection; raises a `ServiceError` when the service does not get ready."""


class LanguageModel(Protocol):
    """What writes the replies."""

    def reply(self, messages: Sequence[Message]) -> AsyncIterator[str]:
        """Iterate over the pieces of a reply; raises a `ServiceError`."""


@dataclass(frozen=True)
class Services:
    """The three of them."""

    stt: SpeechToText
    llm: LanguageModel
    tts: TextToSpeech
