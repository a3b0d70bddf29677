"""What is said of a story that is not written right: file, line, what was found, what was meant, what is possible."""

from __future__ import annotations

from pathlib import Path

import pytest

from storelab.client import LabClient
from storelab.scenarios import player, story
from storelab.scenarios.source import BadStory
from storelab.scenarios.vocabulary import EXPECTED, ROLE, Vocabulary

from .conftest import Write

HEAD = "title: A\nbackend: keycrm\nsteps:\n"

SHAPES = {
    "a word nobody knows": ("  - mvoe: revoke key", 4, "no word 'mvoe'. Did you mean 'move'? Possible: state, shelf,"),
    "two words in one step": ("  - move: a\n    wait: {days: 1}", 4, "several: move, wait. Begin each with a dash"),
    "a word alone": ("  - connect", 4, "write `- connect:`"),
    "a way to sync that is no word": ("  - sync: [once]", 4, "sync is a list; it takes words"),
    "a wait without a unit": ("  - wait: 5", 4, "wait is 5; it takes a mapping"),
    "an unknown unit": ("  - wait: {minuets: 5}", 4, "no 'minuets'. Did you mean 'minutes'?"),
    "a fault without a kind": ("  - fault: {status: 429}", 4, "fault has no 'kind'"),
    "pieces that are no number": ("  - shelf: {MUG: many}", 4, "shelf MUG is 'many'; it takes a number"),
    "calls that are no number": ("  - expect:\n      calls:\n        keycrm: lots", 6, "it takes a whole number or a"),
    "an end that is none": ("  - connect: stop", 4, "connect cannot be 'stop'. Possible: approve, confirm, deny, end"),
    "an empty expectation": ("  - expect: {}", 4, "expect is empty"),
    "a key twice": ("  - expect: {status: a, status: b}", 4, "'status' is there twice; it was on line 4 already"),
    "a tab": ("\t- connect:", 4, "a tab stands where spaces should"),
    "a list that does not end": ("  - move: [a", 5, "not YAML"),
}


@pytest.mark.parametrize(("steps", "line", "says"), SHAPES.values(), ids=SHAPES.keys())
def test_a_mistake_is_told_with_its_line_and_what_was_meant(steps: str, line: int, says: str, write: Write) -> None:
    path = write(HEAD + steps + "\n")

    with pytest.raises(BadStory) as told:
        story.read(path)

    assert told.value.message.startswith(f"{path}:{line}: ")
    assert says in told.value.message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty; a story has a title, a backend and steps"),
        ("- a", "the story is a list; it takes a mapping"),
        ("title: A\nsteps: []", "the story has no 'backend'. It needs: title, backend, steps"),
        ("title: A\nbackend: keycrm\nstep: []", "a story has no 'step'. Did you mean 'steps'?"),
        ("title: A\nbackend: keycrm\nsteps: []", "steps is empty"),
        ("title: A\nbackend: keycrm\nshows: [k1]\nsteps: [{sync: once}]", "shows 1 is 'k1'; it is the id of a promise"),
        (
            "title: A\nbackend: keycrm\ncarries: [stock, stok in]\nsteps: [{sync: once}]",
            "carries 1 is 'stock'; it is data and its way, `stock in` or `orders out`; there are orders, products,",
        ),
        ("title: A\nbackend: keycrm\ngiven: [{wait: {days: 1}}]\nsteps: [{sync: once}]", "what is given has no word"),
        ("title: A: B", "not YAML at column"),
        ("a: &a [*a]", "nested too deep"),
        ("title: !!int ''\nbackend: keycrm", "'' cannot be read"),
        ("title: !!bool perhaps\nbackend: keycrm", "'perhaps' cannot be read"),
        ("title: A\nbackend: 1" + ":59" * 5_000, "a number has at most 100 characters"),
        ("a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 25)), "100000 values"),
    ],
)
def test_a_file_that_is_no_story_says_what_a_story_needs(text: str, says: str, write: Write) -> None:
    with pytest.raises(BadStory) as told:
        story.read(write(text))

    assert says in told.value.message


def test_bytes_that_are_not_text_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_bytes(b"title: A\nbackend: \xff\n")

    with pytest.raises(BadStory, match=r":2: byte 18 is not UTF-8"):
        story.read(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadStory, match="cannot be read: No such file"):
        story.read(tmp_path / "nowhere.yaml")


def test_keys_stay_what_is_written(write: Write) -> None:
    read = story.read(write(HEAD + "  - shelf: {0012: 1, on: 2, 1e3: 3}\n"))

    assert read.steps[0].value == {"0012": 1, "on": 2, "1e3": 3}


WORDS = {
    "a backend": ("backend: keycrn", "- sync: once", "there is no backend 'keycrn'. Did you mean 'keycrm'?"),
    "a move": ("", "- move: {ajust stock: {sku: A, quantity: 1}}", "keycrm has no move 'ajust stock'. Did you mean"),
    "a move of the store": (
        "",
        "- move: {store: {place ordr: {lines: {A: 1}}}}",
        "woocommerce has no move 'place ordr'",
    ),
    "whose move it is": ("", "- move: {trash product: {sku: A}}", "write move: {store: {trash product: ...}}"),
    "a state": ("", "- state: an ofer in stock", "Did you mean 'an offer in stock'?"),
    "an argument": (
        "",
        "- move: {receive: {sku: A, quantitty: 1}}",
        "no argument 'quantitty'. Did you mean 'quantity'?",
    ),
    "a missing argument": ("", "- move: {receive: {sku: A}}", "'receive' of keycrm needs quantity. It takes: sku,"),
    "arguments that are none": ("", "- move: {receive: MUG}", "it takes a mapping of its arguments"),
    "a way to sync": (
        "",
        "- sync: onec",
        "sync cannot be 'onec'. Did you mean 'once'? Possible: once, until idle, push,",
    ),
    "a fault": ("", "- fault: {kind: outige, seconds: 3}", "no fault 'outige'. Did you mean 'outage'?"),
    "a part of a fault": ("", "- fault: {kind: status, stauts: 500}", "fault has no 'stauts'. Did you mean 'status'?"),
    "an operation": ("", "- fault: {kind: lost, operation: stocks.set_level}", "Did you mean 'stocks.set_levels'?"),
    "a fact": ("", "- expect: {recieved: {A: 1}}", "nothing to expect is called 'recieved'. Did you mean 'received'?"),
    "a fact of the store": ("", "- expect: {store: {stok: {A: 1}}}", "woocommerce has no fact 'stok'. Did you mean"),
    "a service": ("", "- expect: {calls: {keycmr: 1}}", "there is no service 'keycmr'. Did you mean 'keycrm'?"),
    "a counted operation": ("", "- expect: {calls: {keycrm: {stocks.list: 1}}}", "Did you mean 'stocks.list_all'?"),
}


@pytest.mark.parametrize(("head", "step", "says"), WORDS.values(), ids=WORDS.keys())
def test_words_are_held_against_what_the_sandbox_knows(
    head: str, step: str, says: str, write: Write, lab: LabClient
) -> None:
    path = write(f"title: A\n{head or 'backend: keycrm'}\nsteps:\n  {step}\n")

    with pytest.raises(BadStory) as told:
        list(player.play(path, lab))

    assert told.value.message.startswith(f"{path}:{2 if head else 4}: ")
    assert says in told.value.message


def test_a_story_is_found_by_name_folder_or_file() -> None:
    assert story.found("keycrm/echo") == [story.HOME / "keycrm" / "echo.yaml"]
    assert story.HOME / "keycrm" / "echo.yaml" in story.found("keycrm")
    with pytest.raises(BadStory, match="Did you mean 'keycrm/echo'"):
        story.found("keycrm/ecko")


def test_no_fact_is_hidden_by_a_word_of_the_player(lab: LabClient) -> None:
    vocabulary = Vocabulary(lab)

    hidden = [fact for name in vocabulary.services for fact in vocabulary.words(name, "facts") if fact in EXPECTED]

    assert hidden == []


def test_no_words_of_a_vendor_are_the_name_of_a_service(lab: LabClient) -> None:
    vocabulary = Vocabulary(lab)
    names = {ROLE, *vocabulary.services}

    said = {w for name in vocabulary.services for kind in ("states", "moves") for w in vocabulary.words(name, kind)}

    assert said & names == set()
