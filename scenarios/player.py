"""Plays a story: in a world of its own, on a frozen clock, with any connector that answers to the driver API.

Verdicts come from what store and backend saw, and from what the connector answered; never from inside it.
Nothing sleeps: time passes by moving the world's clock.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .driver import Driver, NoConnector
from .events import Believes, Crossed, Doing, Event, Failure, Result, Started
from .expect import check_expected
from .merchant import Browser
from .onlooker import Onlooker
from .scene import Broken, Scene
from .story import Step, Story, read
from .vocabulary import Vocabulary, check, kills

BEGINNING = datetime(2026, 11, 2, 9, tzinfo=UTC)  # a Monday; every story begins here, to be the same each time


def play(
    story: Story | Path | str, client: LabClient, connector: str | Driver | None = None, *, keep: bool = False
) -> Generator[Event, None, None]:
    """Plays the story and tells how it goes; the last event is the `Result`.

    `client` speaks to any world of the sandbox; the story gets its own, which is dropped at the end unless `keep`.
    `connector` is the address of the driver API to play with (the sandbox's own sync when left out), or an `Onlooker`.
    `BadStory` when the story is not written right, `LabError` when there is no sandbox or no connector.
    """
    told = story if isinstance(story, Story) else read(story)
    driver = _driver(told, client, connector)
    vocabulary = Vocabulary(client, driver)
    try:
        check(told, vocabulary)
    except LabError:
        driver.close()
        raise
    world = _new_world(client, told)
    scene = Scene(told, world, driver, vocabulary, BEGINNING, browser=Browser(client.verify))
    try:
        if isinstance(driver, Onlooker):
            scene.read_clock(world.clock(live=True))
        else:
            world.clock(freeze=BEGINNING.isoformat())
        yield from _played(scene, keep)
    finally:
        scene.leave()
        driver.close()
        if not keep:
            world.drop()


def result(story: Story | Path | str, client: LabClient, connector: str | Driver | None = None) -> Result:
    """Plays the story to its end."""
    *_, last = play(story, client, connector)
    assert isinstance(last, Result)
    return last


def begin(story: Story | Path | str, client: LabClient) -> None:
    """Makes the world at `client` anew, and brings it into the situation in which a story begins. It stays there, with
    the time as it is. The connector is the sandbox's own sync.

    `BadStory` when the story is not written right, `LabError` when something of what is given was refused.
    """
    told = story if isinstance(story, Story) else read(story)
    driver = _own_sync(client)
    try:
        vocabulary = Vocabulary(client, driver)
        check(told, vocabulary)
        client.call("POST", "/reset")
        scene = Scene(told, client, driver, vocabulary, BEGINNING, browser=Browser(client.verify))
        for step in (step for step in told.steps if step.given):
            scene.read_clock(client.clock())
            try:
                _perform(scene, step)
                scene.nothing_was_refused()
            except Broken as broken:
                raise told.source.bad(step.place, "; ".join(broken.said)) from None
        scene.browser.close()
    finally:
        driver.close()


def _driver(story: Story, client: LabClient, connector: str | Driver | None) -> Driver:
    """Where the sync is to be killed, one of this story's own, that nobody else would miss."""
    if connector:
        return connector if isinstance(connector, Driver) else Driver(connector)
    if any(kills(step) for step in story.steps):
        from .mortal import MortalDriver  # brings the whole sync along

        return MortalDriver(ca=client.verify if isinstance(client.verify, str) else None)
    return _own_sync(client)


def _own_sync(client: LabClient) -> Driver:
    info = client.info()
    url = (info.get("sync") or {}).get("url")
    if not url:
        raise NoConnector("this sandbox runs without its sync: name a connector with --connector URL")
    return Driver(url, token=info["control"]["token"])


def _new_world(client: LabClient, story: Story) -> LabClient:
    """A world of a name that no story had before: a connector may remember the addresses of stores it has seen."""
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in story.name.lower())
    return client.make_world(f"story-{plain[-40:].strip('-')}-{secrets.token_hex(4)}")


def _played(scene: Scene, keep: bool) -> Iterator[Event]:
    story, started = scene.story, time.perf_counter()
    steps = sum(not step.given for step in story.steps)
    yield Started(story.name, story.title, story.backend, steps, scene.world.url)
    failure: Failure | None = None
    number = 0
    for step in story.steps:
        number += not step.given
        yield Doing(0 if step.given else number, step.line, step.word, step.text())
        try:
            _perform(scene, step)
        except Broken as broken:
            failure = _failed(scene, step, number, broken)
        yield from _told(scene, step, 0 if step.given else number)
        if failure:
            break
    else:
        failure = _left_open(scene, number)
    yield Result(
        story=story.name,
        title=story.title,
        backend=story.backend,
        held=failure is None,
        steps=number,
        seconds=time.perf_counter() - started,
        shows=story.shows,
        report=story.report,
        failure=failure,
        world=scene.world.url if keep else "",
        calls=scene.totals(),
        webhooks=scene.webhooks,
    )


def _perform(scene: Scene, step: Step) -> None:
    """One step, to its end: what it set off is delivered before the next one begins."""
    onlooker = scene.driver if isinstance(scene.driver, Onlooker) else None
    if step.word == "expect":
        onlooker.watched(scene, step) if onlooker else check_expected(scene, step)
        return
    scene.nothing_was_refused()
    try:
        scene.act(step)
    except NoConnector as gone:
        raise Broken([gone.message]) from None
    except LabError as bad:
        if bad.code == "job_failed":
            raise Broken([bad.message]) from None
        scene.refused(step, bad.message)
    scene.revive()
    try:
        scene.settle()
    except LabError as bad:
        if bad.code != "job_failed":
            raise
        raise Broken([bad.message]) from None
    scene.revive()  # it may have been killed by what arrived
    if onlooker is not None:
        onlooker.followed(scene, step)


def _told(scene: Scene, step: Step, number: int) -> Iterator[Event]:
    if step.word in ("expect", "fault"):
        return
    if exchanges := scene.look(given=step.given):
        yield Crossed(number, tuple(exchanges))
    if scene.beliefs_changed(step):
        now = scene.beliefs
        yield Believes(number, now.shelf, now.received, now.status)


def _failed(scene: Scene, step: Step, number: int, broken: Broken) -> Failure:
    scene.look(given=step.given)
    where = broken.step or step
    proof = broken.exchanges or scene.last_exchanges(where)
    return Failure(where.line, 0 if where.given else number, where.text(), tuple(broken.said), tuple(proof))


def _left_open(scene: Scene, number: int) -> Failure | None:
    """A refusal in the last step that nobody expected, or a fault that nothing ran into."""
    try:
        scene.nothing_was_refused()
        scene.every_fault_struck()
    except Broken as broken:
        return _failed(scene, scene.story.steps[-1], number, broken)
    return None
