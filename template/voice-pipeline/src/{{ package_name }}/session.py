"""One client's conversation: audio in, turns, replies, and who may interrupt whom."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Iterator
from typing import Final, Literal, Protocol, TypeVar

from . import events, metrics
from .audio import FRAME_MS, SILENCE, Framer
from .config import Settings
from .conversation import Conversation, Item
from .events import ClientError, Event, TurnDetection, event, item_view, new_id
from .response import Response
from .services.base import Heard, Marker, Message, ServiceError, Services, Transcription, Word
from .timer import Stopwatch, deadline

PAUSE_SCORE: Final = 0.6
"""The probability from which a step counts as a pause."""

STT_DELAY_FRAMES: Final = 500 // FRAME_MS + 1
"""Silence after a marker, so that an STT which trails the audio by 500 ms echoes it at once."""

QUEUE_FRAMES: Final = 10_000 // FRAME_MS
"""Frames that wait for the STT, 10 s; then the client is read more slowly."""

QUEUE_EVENTS: Final = 2000
"""Events that wait for the client, minutes of speech; a client that lets more wait is left."""

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=Exception)


class SlowClientError(Exception):
    """A client that does not read what it is sent."""


class Client(Protocol):
    """The other end, a websocket of Starlette for example."""

    async def receive_text(self) -> str:
        """Return the next message; raises whatever ends the session."""

    async def send_text(self, data: str) -> None:
        """Send a message."""


class Turn:
    """The speaker's utterance so far."""

    def __init__(self, frames: int = 0) -> None:
        """Begin with the frames that are there already."""
        self.item_id = new_id("item")
        self.words: list[str] = []
        self.frames = frames
        self.pause_frames = 0
        self.ending = False
        self.dropped = False
        self.stt_ms: float | None = None

    @property
    def text(self) -> str:
        """What was heard."""
        return " ".join(self.words)


class Session:
    """Lives as long as the client's connection.

    Tasks share nothing but queues: the client's events come in by `run`, frames go to the STT
    through `_frames`, and all events go out through `_outgoing`, in order.
    """

    def __init__(self, client: Client, services: Services, settings: Settings, model: str) -> None:
        """Know the client and the services; nothing is connected yet."""
        self.id = new_id("sess")
        self._client = client
        self._services = services
        self._settings = settings
        self._model = model
        self._voice = settings.voice
        self._detection: TurnDetection | None = TurnDetection(type="server_vad")
        self._conversation = Conversation(settings.instructions)
        self._framer = Framer()
        self._frames: asyncio.Queue[bytes | int] = asyncio.Queue(QUEUE_FRAMES)
        self._outgoing: asyncio.Queue[Event] = asyncio.Queue(QUEUE_EVENTS)
        self._turn = Turn()
        self._frames_taken = 0
        self._frames_ahead = 0  # of the next turn, while the STT completes this one
        self._markers = 0
        self._unanswered: deque[tuple[Turn, Stopwatch]] = deque(maxlen=4 * QUEUE_FRAMES)
        self._patience: asyncio.Timeout
        self._response: Response | None = None
        self._response_task: asyncio.Task[None] | None = None
        self._wants_response = False
        self._wanted_instructions: str | None = None
        self._background: asyncio.TaskGroup
        self._listening: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve the client until it leaves.

        Raises the `ServiceError` of an STT that failed, after the client was told; else whatever
        the client's `receive_text` raises at the end.
        """
        failure: ServiceError | None = None
        try:
            async with asyncio.TaskGroup() as self._background:
                sending = self._background.create_task(self._send_events())
                await self._send(event("session.created", session=self._view()))
                try:
                    await self._receive_events()
                finally:
                    sending.cancel()
                    self._cancel_tasks()
        except* ServiceError as group:
            failure = first_of(group)
        if failure:
            told = events.error("server_error", f"{failure.service}_failed", str(failure))
            await self._client.send_text(json.dumps(told))
            raise failure

    def _cancel_tasks(self) -> None:
        for task in (self._listening, self._response_task):
            if task:
                task.cancel()

    async def _receive_events(self) -> None:
        while True:
            text = await self._client.receive_text()
            try:
                await self._take(events.parse(text))
            except ClientError as error:
                told = events.error(
                    "invalid_request_error", error.code, str(error), param=error.param
                )
                await self._send(told)

    async def _send_events(self) -> None:
        while True:
            outgoing = await self._outgoing.get()
            await self._client.send_text(json.dumps(outgoing))

    async def _send(self, outgoing: Event) -> None:
        try:
            self._outgoing.put_nowait(outgoing)
        except asyncio.QueueFull as error:
            raise SlowClientError from error

    async def _take(self, taken: events.ClientEvent) -> None:
        match taken:
            case events.AudioAppend():
                await self._append(taken.audio)
            case events.AudioCommit():
                await self._commit()
            case events.AudioClear():
                await self._clear()
            case events.SessionUpdate():
                await self._update(taken.session)
            case events.ItemCreate():
                await self._add_item(taken.item)
            case events.ResponseCreate():
                await self._request_response(taken.response.instructions)
            case events.ResponseCancel():
                await self._stop_response("client_cancelled")

    async def _append(self, pcm: bytes) -> None:
        if self._listening is None:
            self._listening = self._background.create_task(self._listen())
        await self._queue(self._framer.push(pcm))

    async def _queue(self, frames: list[bytes]) -> None:
        for frame in frames:
            metrics.AUDIO_FRAMES.labels("in").inc()
            self._frames_taken += 1
            if self._turn.ending:
                self._frames_ahead += 1
            else:
                self._turn.frames += 1
            await self._frames.put(frame)

    async def _clear(self) -> None:
        """Drop the turn so far; what the STT still says about it ends with the echo of a marker."""
        self._framer.clear()
        if self._turn.frames and not self._turn.ending:
            self._turn.dropped = True
            while not self._frames.empty():
                self._frames.get_nowait()
            await self._mark_end()
        await self._send(event("input_audio_buffer.cleared"))

    async def _commit(self) -> None:
        await self._queue(self._framer.finish())
        if self._turn.ending or not self._turn.frames:
            raise ClientError(
                "There is no audio to commit.", code="input_audio_buffer_commit_empty"
            )
        await self._end_turn()

    async def _update(self, change: events.SessionChange) -> None:
        if change.instructions is not None:
            self._conversation.instructions = change.instructions
        if change.audio.output.voice is not None:
            self._voice = change.audio.output.voice
        if "turn_detection" in change.audio.input.model_fields_set:
            self._detection = change.audio.input.turn_detection
        await self._send(event("session.updated", session=self._view()))

    async def _add_item(self, item: events.MessageItem) -> None:
        text = " ".join(part.text for part in item.content)
        kind = "output_text" if item.role == "assistant" else "input_text"
        id_ = item.id or new_id("item")
        content = {"type": kind, "text": text}
        await self._announce(Item(id_, Message(item.role, text)), content)

    async def _announce(self, item: Item, content: dict[str, str]) -> None:
        """Add an utterance to the conversation and tell the client."""
        previous = self._conversation.last_id
        self._conversation.add(item)
        view = item_view(item.id, item.message.role, "completed", content)
        for type_ in ("added", "done"):
            await self._send(
                event(f"conversation.item.{type_}", previous_item_id=previous, item=view)
            )

    def _view(self) -> dict[str, object]:
        instructions = self._conversation.instructions
        return events.session_view(self.id, self._model, instructions, self._voice, self._detection)

    # What the STT hears.

    async def _listen(self) -> None:
        try:
            async with (
                self._services.stt.connect() as stt,
                asyncio.timeout(None) as self._patience,
                asyncio.TaskGroup() as tasks,
            ):
                tasks.create_task(self._feed(stt))
                async for heard in stt.heard():
                    await self._hear(heard)
                    self._wait_for_stt(expected=self._turn.ending)
        except TimeoutError as error:
            metrics.SERVICE_ERRORS.labels("stt").inc()
            waited = f"{self._settings.service_timeout_s:g} s"
            silent = f"at {self._settings.stt_url} has been silent for {waited}"
            raise ServiceError("stt", silent) from error

    def _wait_for_stt(self, *, expected: bool) -> None:
        """Give the STT its time for the next answer, or for ever when none is expected."""
        timeout_s = self._settings.service_timeout_s
        if self._patience.expired():
            return
        self._patience.reschedule(deadline(timeout_s) if expected else None)

    async def _feed(self, stt: Transcription) -> None:
        """Send frames, and after a marker the silence that an STT needs to come to its end."""
        while True:
            frame = await self._frames.get()
            if isinstance(frame, int):
                await stt.send_marker(frame)
                self._wait_for_stt(expected=True)
                for _ in range(STT_DELAY_FRAMES):
                    await self._feed_frame(stt, SILENCE)
            else:
                await self._feed_frame(stt, frame)

    async def _feed_frame(self, stt: Transcription, frame: bytes) -> None:
        self._unanswered.append((self._turn, Stopwatch()))
        await stt.send_frame(frame)
        if self._patience.when() is None:
            self._wait_for_stt(expected=True)

    async def _hear(self, heard: Heard) -> None:
        match heard:
            case Word():
                await self._hear_word(heard.text)
            case Marker() if heard.id == self._markers:
                await self._complete_turn()
            case Marker():
                pass
            case _:
                await self._hear_step(heard.pause)

    async def _hear_word(self, word: str) -> None:
        if self._turn.dropped:
            return
        self._turn.words.append(word)
        self._turn.pause_frames = 0
        if len(self._turn.words) == 1:
            if self._response_task and not self._response_task.done():
                metrics.INTERRUPTIONS.inc()
            await self._stop_response("turn_detected")
            at = self._frames_taken * FRAME_MS
            await self._send(
                event(
                    "input_audio_buffer.speech_started",
                    audio_start_ms=at,
                    item_id=self._turn.item_id,
                )
            )

    async def _hear_step(self, pause: float) -> None:
        if self._unanswered:
            turn, watch = self._unanswered.popleft()
            if turn.stt_ms is None:
                turn.stt_ms = watch.stop()
                metrics.STT_FIRST_TOKEN.observe(turn.stt_ms / 1000)
        self._turn.pause_frames = self._turn.pause_frames + 1 if pause > PAUSE_SCORE else 0
        if self._detection and self._turn.words and not self._turn.ending:
            wanted = self._detection.silence_duration_ms or self._settings.pause_ms
            if self._turn.pause_frames * FRAME_MS >= wanted:
                self._wants_response = self._detection.create_response
                await self._end_turn()

    async def _end_turn(self) -> None:
        """Ask the STT for the rest; its echo of the marker completes the turn."""
        if self._turn.words:
            at = self._frames_taken * FRAME_MS
            stopped = "input_audio_buffer.speech_stopped"
            await self._send(event(stopped, audio_end_ms=at, item_id=self._turn.item_id))
        await self._mark_end()

    async def _mark_end(self) -> None:
        self._turn.ending = True
        self._markers += 1
        await self._frames.put(self._markers)

    async def _complete_turn(self) -> None:
        turn, self._turn = self._turn, Turn(self._frames_ahead)
        self._frames_ahead = 0
        if turn.dropped:
            return
        previous = self._conversation.last_id
        committed = "input_audio_buffer.committed"
        await self._send(event(committed, previous_item_id=previous, item_id=turn.item_id))
        content = {"type": "input_audio", "transcript": turn.text}
        await self._announce(Item(turn.item_id, Message("user", turn.text)), content)
        await self._send(
            event(
                "conversation.item.input_audio_transcription.completed",
                item_id=turn.item_id,
                content_index=0,
                transcript=turn.text,
                usage={"type": "duration", "seconds": turn.frames * FRAME_MS / 1000},
            )
        )
        if self._wants_response:
            await self._start_response(turn.stt_ms, self._wanted_instructions)

    # Replies.

    async def _request_response(self, instructions: str | None) -> None:
        if self._response and self._response.status is None:
            message = "A response is in progress. Cancel it first."
            raise ClientError(message, code="conversation_already_has_active_response")
        if self._turn.ending:
            self._wants_response, self._wanted_instructions = True, instructions
        else:
            await self._start_response(None, instructions)

    async def _start_response(self, stt_ms: float | None, instructions: str | None) -> None:
        await self._stop_response("turn_detected")
        self._wants_response, self._wanted_instructions = False, None
        previous = self._conversation.last_id
        response = Response(self._services, self._send, stt_ms, previous)
        await response.begin()
        self._response = response
        self._response_task = self._background.create_task(self._respond(response, instructions))

    async def _respond(self, response: Response, instructions: str | None) -> None:
        failure: ServiceError | None = None
        try:
            await response.run(self._conversation.messages(instructions), self._voice)
        except* ServiceError as group:
            failure = first_of(group)
        self._remember(response)
        if failure is None:
            await response.finish("completed")
            return
        logger.warning("A response failed.", extra={"session": self.id, "reason": str(failure)})
        code = f"{failure.service}_failed"
        await self._send(events.error("server_error", code, str(failure)))
        await response.finish("failed", failure)

    async def _stop_response(self, reason: Literal["turn_detected", "client_cancelled"]) -> None:
        """Cancel the reply that is in progress, if one is; it keeps the words that were spoken."""
        task, response = self._response_task, self._response
        if task is None or response is None or task.done():
            return
        task.cancel()
        await asyncio.wait([task])
        if response.status is None:
            self._remember(response)
            await response.finish("cancelled", reason)

    def _remember(self, response: Response) -> None:
        self._conversation.add(Item(response.item_id, Message("assistant", response.transcript)))


def first_of(group: BaseExceptionGroup[ServiceError]) -> ServiceError:
    """Return the first cause in nested groups."""
    return next(leaves_of(group))


def leaves_of(group: BaseExceptionGroup[T]) -> Iterator[T]:
    """Iterate over the causes in nested groups."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves_of(error)
        else:
            yield error
