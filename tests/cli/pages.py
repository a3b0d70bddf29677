"""The pages of the documentation: their blocks, and how each kind of block is run.

A page is run from its beginning to its end, in a folder and a world of its own. A block with a title is a file. A line
that ends with `&` starts what goes on beside the next ones, until `kill %1` or the end of the page. What cannot be run
says so below itself, where readers see it: "*Not run by the tests: ...*".
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from storelab.cli import main
from storelab.scenarios import player, story

FENCE = re.compile(r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?[^\n]*\n(?P<text>.*?)^```$', re.M | re.S)
NOT_RUN = "*Not run by the tests"
NOTHING_TO_RUN = ("ini", "diff")
# What the sandbox and the environment of the tests stand for; the commands themselves have tests of their own.
STAND_INS = (r"storelab (up|broker|stub)\b.*", r'eval "\$\(storelab env( --world \w+)?\)"', r"\. \.venv/bin/activate")
PORT = re.compile(r"(?<=[ :])(?:8790|9[01]00)\b")  # of what a page starts itself: any that is free in its place
SETUP = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install -q (\S+) && \.venv/bin/(.+)")
PROOFS = ("contracts", "coverage", "disclosure", "failures", "matrix", "promises", "scale", "verify")
LONGEST = 180  # seconds of one command
HELD: set[str] = set()  # proofs that several pages name: what they say does not depend on the page


@dataclass(frozen=True)
class Block:
    """What stands between two fences. `runs` is false when the page says that it is not run."""

    page: Path
    line: int
    language: str
    title: str
    text: str
    runs: bool

    @property
    def where(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start()) + 1,
            found["language"],
            found["title"] or "",
            found["text"],
            not text[found.end() :].lstrip("\n").startswith(NOT_RUN),
        )
        for found in FENCE.finditer(text)
    ]


@dataclass(frozen=True)
class Running:
    """Where a page is run: in this folder, against this sandbox, with this environment."""

    folder: Path
    lab: Any
    env: Mapping[str, str]
    said: list[str] = field(default_factory=list)  # what the last command said
    missing: list[str] = field(default_factory=list)  # what was not run, since its program is not installed
    _beside: list[subprocess.Popen[str]] = field(default_factory=list)
    _ports: dict[str, str] = field(default_factory=dict)

    def run(self, block: Block) -> None:
        """`AssertionError` with what was said, when it does not do what it says."""
        if block.title:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        elif block.language == "sh":
            for line, comment in commands(block.text):
                self._command(line, comment, block)
        elif block.language == "python":
            self._python(block)
        elif block.language in ("yaml", "yml"):
            self._yaml(block)
        elif block.language == "text":
            for line in filter(str.strip, block.text.splitlines()):
                assert line.strip() in " ".join(self.said), f"{block.where}: it did not say {line!r} but: {self.said}"
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "toml":
            tomllib.loads(block.text)
        else:
            assert block.language in NOTHING_TO_RUN, f"{block.where}: how is {block.language or 'this'} run?"

    def _command(self, line: str, comment: str, block: Block) -> None:
        if SETUP.fullmatch(line) or any(re.fullmatch(known, line) for known in STAND_INS):
            return
        program, *words = line.split()
        if line in HELD:
            return
        if program in ("curl", "node", "php") and not shutil.which(program):
            self.missing.append(line)
            return
        held, line = line, PORT.sub(lambda found: self._port(found[0]), line)
        if line.endswith("&"):
            self._start(line.removesuffix("&"), block)
            return
        if program == "kill":
            self._end(self._beside.pop())
            return
        if program == "storelab" and not re.search(r"[|;&<>`]|\$\(", line):
            code, said = self._storelab(line)
        else:
            run = subprocess.run(
                ["bash", "-ec", line], capture_output=True, text=True, timeout=LONGEST, env=self._env(), cwd=self.folder
            )
            code, said = run.returncode, run.stdout + run.stderr
        self.said[:] = [said]
        fails = bool(re.search(r"\bfails?\b", comment))
        assert (code != 0) is fails, f"{block.where}: {line}: exit code {code}\n{said}"
        assert fails or "Traceback" not in said, f"{block.where}: {line}\n{said}"
        if program == "storelab" and words[0] in PROOFS:
            HELD.add(held)

    def _port(self, named: str) -> str:
        if named not in self._ports:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self._ports[named] = str(free.getsockname()[1])
        return self._ports[named]

    def _start(self, line: str, block: Block) -> None:
        """Returns when it listens at the port that its line names."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=self._env(),
            cwd=self.folder,
        )
        self._beside.append(process)
        port = next(port for port in self._ports.values() if port in line)
        for _ in range(LONGEST * 20):
            with socket.socket() as probe, contextlib.suppress(subprocess.TimeoutExpired):
                if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                    return
                code = process.wait(0.05)
                raise AssertionError(f"{block.where}: {line}: ended with {code}\n{process.communicate()[1]}")
        raise AssertionError(f"{block.where}: {line}: nobody listens at {port}")

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LONGEST)

    def end(self) -> None:
        """What the page has started and not ended."""
        while self._beside:
            process = self._beside.pop()
            process.kill()
            process.communicate()

    def _storelab(self, line: str) -> tuple[int, str]:
        """In this process: a new one would need longer to start than most commands do."""
        with pytest.MonkeyPatch.context() as patches, contextlib.redirect_stdout(io.StringIO()) as out:
            patches.chdir(self.folder)
            patches.setattr("sys.argv", [self._expanded(word) for word in shlex.split(line)])
            for name, value in self.env.items():
                patches.setenv(name, value)
            with contextlib.redirect_stderr(out):
                try:
                    main()
                    code = 0
                except SystemExit as ended:
                    code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return code, out.getvalue()

    def _expanded(self, word: str) -> str:
        return re.sub(r"\$(\w+)", lambda found: self.env.get(found[1], ""), word)

    def _env(self) -> dict[str, str]:
        """For programs of their own: pytest has the plugin and no other, and starts a sandbox itself."""
        own = {name: value for name, value in self.env.items() if name not in ("STORELAB_TOKEN", "STORELAB_SYNC_URL")}
        return {**own, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "storelab.pytest_plugin"}

    def _python(self, block: Block) -> None:
        if re.search(r"^def test_", block.text, re.M):
            test = self.folder / f"test_line_{block.line}.py"
            test.write_text(block.text)
            self._command(f"pytest -q {test.name}", "", block)
            return
        run = subprocess.run(
            [sys.executable, "-c", block.text],
            capture_output=True,
            text=True,
            timeout=LONGEST,
            env=self._env(),
            cwd=self.folder,
        )
        assert run.returncode == 0, f"{block.where}: {run.stderr}"

    def _yaml(self, block: Block) -> None:
        value = yaml.safe_load(block.text)
        if isinstance(value, dict) and {"title", "backend"} <= value.keys():
            path = self.folder / f"line_{block.line}.yaml"
            path.write_text(block.text)
            result = player.result(story.read(path), self.lab)
            assert result.held, "\n".join(result.lines())


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Every command of a block, and what its comment says."""
    for line in text.replace("\\\n", " ").splitlines():
        command, _, comment = line.partition("  #") if not line.startswith("#") else ("", "", line)
        if command.strip():
            yield command.strip(), comment.strip()
