"""Stories under way: each is played in a thread of its own, at once or step by step, and told to whoever watches."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from storelab.client import LabClient
from storelab.scenarios import player
from storelab.scenarios.events import Believes, Crossed, Doing, Event, Failure, Result, Started
from storelab.scenarios.story import Story, read
from storelab.scenarios.wire import shown

from ..kernel.errors import LabError

MOST = 30  # that are remembered; with the oldest, its world goes
PATIENCE = 3600.0  # seconds that a story waits for somebody to press on


@dataclass
class Done:
    """One step. `crossed` is what went over the wire, `shelf` and `received` what both sides then believed."""

    number: int
    word: str
    text: str
    crossed: list[str] = field(default_factory=list)
    believes: Believes | None = None
    over: bool = False


@dataclass
class Play:
    """One story. `waits`: it goes on when somebody presses on. `trouble`: why it could not be played at all."""

    id: int
    title: str
    name: str
    stepwise: bool
    steps: list[Done] = field(default_factory=list)
    world: str = ""
    result: Result | None = None
    trouble: str = ""
    waits: bool = False
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def over(self) -> bool:
        return self.result is not None or bool(self.trouble)

    @property
    def failure(self) -> Failure | None:
        return self.result.failure if self.result else None

    @property
    def proof(self) -> list[str]:
        return [shown(e) for e in self.failure.exchanges] if self.failure else []

    @property
    def verdict(self) -> str:
        """In one word, as reports say it."""
        if self.result is not None:
            return "held" if self.result.held else "broken"
        return "not played" if self.trouble else "playing"

    def go_on(self, *, to_the_end: bool = False) -> None:
        self.stepwise = self.stepwise and not to_the_end
        self._go.release()

    def hear(self, event: Event) -> None:
        if isinstance(event, Started):
            self.world = event.world
        elif isinstance(event, Doing):
            if self.steps:
                self.steps[-1].over = True
            self.steps.append(Done(event.number, event.word, event.text))
        elif isinstance(event, Crossed):
            self.steps[-1].crossed += event.lines()
        elif isinstance(event, Believes):
            self.steps[-1].believes = event
        elif isinstance(event, Result):
            self.result = event

    def wait(self) -> bool:
        """Before a step; whether to go on."""
        self.waits = True
        going = self._go.acquire(timeout=PATIENCE)
        self.waits = False
        return going


class Plays:
    """`tell` is called after each event, from the thread of the story."""

    def __init__(self, client: Callable[[], LabClient], tell: Callable[[], None]) -> None:
        self.client, self._tell = client, tell
        self._numbers = itertools.count(1)
        self.known: dict[int, Play] = {}

    def start(self, path: Path, *, stepwise: bool) -> Play:
        """`LabError` when the story is not written right."""
        story = read(path)
        client = self.client()
        if story.needs == "https" and not client.url.startswith("https://"):
            raise LabError("this story is told on a sandbox with https: start that with --tls", status=409)
        self._make_room(client)
        play = Play(next(self._numbers), story.title, story.name, stepwise)
        self.known[play.id] = play
        threading.Thread(target=self._run, args=(play, story, client), name=f"play-{play.id}", daemon=True).start()
        return play

    def start_text(self, text: str, *, stepwise: bool) -> Play:
        """A story that lies in no file."""
        with NamedTemporaryFile("w", suffix=".yaml", prefix="recorded-", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            return self.start(Path(file.name), stepwise=stepwise)

    def newest(self, name: str) -> Play | None:
        return next((play for play in reversed(self.known.values()) if play.name == name), None)

    def _run(self, play: Play, story: Story, client: LabClient) -> None:
        playing = player.play(story, client, keep=True)
        try:
            for event in playing:
                play.hear(event)
                self._tell()
                if isinstance(event, Doing) and event.number and play.stepwise and not play.wait():
                    play.trouble = "nobody pressed on for an hour"
                    break
        except LabError as bad:
            play.trouble = bad.message
        except Exception as bad:  # a thread has nobody else to tell
            play.trouble = f"a defect of storelab: {type(bad).__name__}: {bad}"
        finally:
            playing.close()
            self._tell()

    def _make_room(self, client: LabClient) -> None:
        while len(self.known) >= MOST:
            oldest = next((play for play in self.known.values() if play.over), None)
            if oldest is None:
                raise LabError(f"{MOST} stories are being played; let one of them end first", status=409)
            del self.known[oldest.id]
            if oldest.world:
                try:
                    client.beside(oldest.world.rsplit("/~", 1)[-1]).drop()
                except LabError:  # it is gone already
                    continue
