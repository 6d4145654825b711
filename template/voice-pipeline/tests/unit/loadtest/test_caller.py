"""A caller accepts only its own words, as text and as sound."""

import pytest
from loadtest.caller import Turn, TurnError
from loadtest.run import sentences
from sim.tones import speak


def turn(*, heard: str = "hi 1", reply: str = "you said hi 1", sound: str = "") -> Turn:
    return Turn(heard, reply, speak(sound or reply), {}, 4)


def test_the_right_reply_is_accepted_whatever_the_silence() -> None:
    turn(sound=" you  said hi 1 ").check("hi 1")


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (turn(heard="hi 2"), "transcript"),
        (turn(reply="you said hi 2", sound="you said hi 1"), "reply"),
        (turn(sound="you said hi 2"), "audio of the reply"),
        (turn(sound="you sad hi 1"), "audio of the reply"),
    ],
)
def test_a_wrong_part_of_a_turn_is_named(wrong: Turn, name: str) -> None:
    with pytest.raises(TurnError, match=f"The {name} is"):
        wrong.check("hi 1")


def test_no_two_callers_or_turns_have_the_same_sentence() -> None:
    texts = [text for caller in range(40) for text in sentences(caller)]

    assert len(texts) == len(set(texts))


def test_sentences_are_short_and_can_be_spoken() -> None:
    texts = [text for caller in range(40) for text in sentences(caller)]

    assert all(8 <= len(text) <= 12 and speak(text) for text in texts)
