"""One reply: the language model's words go to the TTS as they come, and its audio to the client."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, Literal

from . import events, metrics
from .events import Event, event, item_view, new_id
from .services.base import Audio, Message, ServiceError, Services, Speech
from .timer import PhasesStopwatch, Stopwatch

Send = Callable[[Event], Awaitable[None]]
Status = Literal["completed", "cancelled", "failed"]
PHASES: Final = ("first text", "first audio")


async def words_of(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Iterate over whole words, however a model cut them into tokens."""
    rest = ""
    async for piece in pieces:
        *whole, rest = (rest + piece).replace("\n", " ").split(" ")
        for word in filter(None, whole):
            yield word
    if rest:
        yield rest


class Response:
    """A reply that is being made. Its `status` stays None until `finish`."""

    def __init__(
        self, services: Services, send: Send, stt_ms: float | None, previous_item: str | None
    ) -> None:
        """Know what the reply needs; `stt_ms` is how long the turn waited for its first token."""
        self.id = new_id("resp")
        self.item_id = new_id("item")
        self.status: Status | None = None
        self._services = services
        self._send = send
        self._previous_item = previous_item
        self._spoken: list[str] = []
        self._latencies = {} if stt_ms is None else {"stt_ms": stt_ms}

    @property
    def transcript(self) -> str:
        """The words whose audio was sent."""
        return " ".join(self._spoken)

    async def run(self, messages: Sequence[Message], voice: str) -> None:
        """Make the reply.

        Raises an `ExceptionGroup` of `ServiceError` when the LLM or the TTS fails.
        """
        words: asyncio.Queue[str | None] = asyncio.Queue(maxsize=64)
        async with asyncio.TaskGroup() as tasks:
            # Begins before the TTS is connected, so that its latency is its own.
            tasks.create_task(self._think(messages, words))
            async with self._services.tts.connect(voice) as speech:
                phases = PhasesStopwatch(PHASES)
                talking = tasks.create_task(_talk(words, speech, phases))
                try:
                    await self._listen(speech, phases)
                    await talking
                finally:
                    talking.cancel()  # before the connection is closed that it talks to

    async def _think(self, messages: Sequence[Message], words: "asyncio.Queue[str | None]") -> None:
        async for word in words_of(self._timed(self._services.llm.reply(messages))):
            await words.put(word)
        await words.put(None)

    async def _timed(self, pieces: AsyncIterator[str]) -> AsyncIterator[str]:
        watch = Stopwatch()
        async for piece in pieces:
            if watch.running:
                self._latencies["llm_ms"] = watch.stop()
                metrics.LLM_FIRST_TOKEN.observe(watch.ms / 1000)
            yield piece

    async def _listen(self, speech: Speech, phases: PhasesStopwatch) -> None:
        async for piece in speech.spoken():
            if isinstance(piece, Audio):
                self._note_first_audio(phases)
                metrics.AUDIO_FRAMES.labels("out").inc()
                await self._part("output_audio.delta", delta=b64encode(piece.pcm).decode())
            else:
                delta = f" {piece.text}" if self._spoken else piece.text
                self._spoken.append(piece.text)
                await self._part("output_audio_transcript.delta", delta=delta)

    def _note_first_audio(self, phases: PhasesStopwatch) -> None:
        if "tts_ms" not in self._latencies:
            try:
                phases.mark("first audio")
            except RuntimeError as error:
                raise ServiceError("tts", "sent audio before it was given a word") from error
            ms = phases.ms_between("first text", "first audio") or 0.0
            self._latencies["tts_ms"] = ms
            metrics.TTS_FIRST_AUDIO.observe(ms / 1000)

    async def begin(self) -> None:
        """Tell the client that a reply begins."""
        item = item_view(self.item_id, "assistant", "in_progress")
        await self._send(event("response.created", response=self._view("in_progress")))
        await self._send(
            event("response.output_item.added", response_id=self.id, output_index=0, item=item)
        )
        await self._send(
            event("conversation.item.added", previous_item_id=self._previous_item, item=item)
        )
        await self._part("content_part.added", part={"type": "audio", "transcript": ""})

    async def finish(self, status: Status, reason: ServiceError | str | None = None) -> None:
        """Send what ends the reply; `reason` is a failure, or why it was cancelled."""
        self.status = status
        metrics.TURNS.labels(status).inc()
        await self._part("output_audio.done")
        await self._part("output_audio_transcript.done", transcript=self.transcript)
        part = {"type": "audio", "transcript": self.transcript}
        await self._part("content_part.done", part=part)
        item = self._item()
        await self._send(
            event("response.output_item.done", response_id=self.id, output_index=0, item=item)
        )
        await self._send(
            event("conversation.item.done", previous_item_id=self._previous_item, item=item)
        )
        details = _status_details(status, reason)
        await self._send(event("response.done", response=self._view(status, item, details)))

    async def _part(self, type_: str, **fields: object) -> None:
        """Send an event about the one part of the one item that a reply has."""
        await self._send(
            event(
                f"response.{type_}",
                response_id=self.id,
                item_id=self.item_id,
                output_index=0,
                content_index=0,
                **fields,
            )
        )

    def _item(self) -> dict[str, object]:
        status = "completed" if self.status == "completed" else "incomplete"
        content = {"type": "output_audio", "transcript": self.transcript}
        return item_view(self.item_id, "assistant", status, content)

    def _view(
        self,
        status: str,
        item: dict[str, object] | None = None,
        details: dict[str, object] | None = None,
    ) -> dict[str, object]:
        return {
            "id": self.id,
            "object": "realtime.response",
            "status": status,
            "status_details": details,
            "output": [item] if item else [],
            "output_modalities": ["audio"],
            "audio": {"output": {"format": events.pcm_format()}},
            "metadata": {name: f"{ms:.1f}" for name, ms in self._latencies.items()},
        }


async def _talk(
    words: "asyncio.Queue[str | None]", speech: Speech, phases: PhasesStopwatch
) -> None:
    while (word := await words.get()) is not None:
        phases.mark("first text")
        await speech.say(word)
    await speech.finish()


def _status_details(status: Status, reason: ServiceError | str | None) -> dict[str, object] | None:
    if isinstance(reason, ServiceError):
        code = f"{reason.service}_failed"
        failure = {"type": "server_error", "code": code, "message": str(reason)}
        return {"type": status, "error": failure}
    return {"type": status, "reason": reason} if reason else None
