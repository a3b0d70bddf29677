"""Writes `services.pyi` from the vocabulary: `python -m storelab.testing.stubs`. A test holds the two equal."""

from __future__ import annotations

import inspect
import keyword
import textwrap
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any

from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.emulator import Emulator
from storelab.emulators.kernel.lab import Lab, found_emulators

from .service import KINDS, Service, spoken

STUBS = Path(__file__).with_name("services.pyi")
HEAD = '''"""Made by `python -m storelab.testing.stubs` from the vocabulary; do not edit."""

from collections.abc import Mapping, Sequence
from typing import Any

from .service import Service
'''
PLAIN = (str, int, float, bool)
WIDTH = 120


def text() -> str:
    emulators = found_emulators()
    lab = Lab(emulators, SqliteDatabases(None))
    try:
        world = lab.world()
        classes = ["\n".join(_class(emulator, world.credentials(name))) for name, emulator in emulators.items()]
    finally:
        lab.close()
    return "\n\n".join([HEAD, *classes]) + "\n"


def class_name(emulator: Emulator) -> str:
    return emulator.title.replace(" ", "")


def _class(emulator: Emulator, credentials: Mapping[str, Any]) -> Iterator[str]:
    yield f"class {class_name(emulator)}(Service):"
    for name, value in credentials.items():
        yield f"    {name}: {'Mapping[str, Any]' if isinstance(value, Mapping) else type(value).__name__}"
    known = {
        spoken(words): function
        for section in KINDS
        for words, function in getattr(emulator, section).items()
        if not hasattr(Service, spoken(words))
    }
    for name, function in known.items():
        yield from _method(name, function)


def _method(name: str, function: Callable[..., Any]) -> Iterator[str]:
    hints = typing.get_type_hints(function)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    told = ["self"]
    for parameter in parameters:
        if keyword.iskeyword(parameter.name):
            raise ValueError(f"{name} takes {parameter.name!r}, which nobody can say in Python")
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in told:
            told.append("*")
        told.append(_parameter(parameter, hints.get(parameter.name, Any)))
    answers = _answered(hints.get("return", Any))
    line = f"    def {name}({', '.join(told)}) -> {answers}:"
    if len(line) <= WIDTH:
        yield line
    else:
        yield f"    def {name}("
        yield from (f"        {one}," for one in told)
        yield f"    ) -> {answers}:"
    yield from _about(function)


def _about(function: Callable[..., Any]) -> Iterator[str]:
    about = " ".join((inspect.getdoc(function) or "...").split("\n\n")[0].split())
    lines = textwrap.wrap(about.replace("\\", "\\\\"), WIDTH - 14)
    yield f'        """{lines[0]}' + ('"""' if len(lines) == 1 else "")
    yield from (f"        {line}" for line in lines[1:-1])
    if len(lines) > 1:
        yield f'        {lines[-1]}"""'


def _parameter(parameter: inspect.Parameter, hint: Any) -> str:
    said = f"{parameter.name}: {_written(hint)}"
    if parameter.default is parameter.empty:
        return said
    shown = parameter.default if isinstance(parameter.default, (*PLAIN, NoneType)) else ...
    return f"{said} = {'...' if shown is ... else repr(shown)}"


def _written(hint: Any) -> str:
    """A type as the stub says it; what is sent is JSON, so that a list will do for any sequence."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in PLAIN:
        return str(hint.__name__)
    if hint is NoneType:
        return "None"
    if origin in (typing.Union, UnionType):
        return " | ".join(dict.fromkeys(_written(part) for part in parts))
    if origin in (list, tuple, Sequence):
        return f"Sequence[{_written(parts[0]) if parts else 'Any'}]"
    if origin in (dict, Mapping):
        return f"Mapping[{', '.join(_written(part) for part in parts)}]" if parts else "Mapping[str, Any]"
    return "Any"


def _answered(hint: Any) -> str:
    """What comes back has been JSON: keys are texts, and a tuple is a list."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in PLAIN:
        return str(hint.__name__)
    if hint is NoneType:
        return "None"
    if origin is dict and parts and parts[0] is str:
        return f"dict[str, {_answered(parts[1])}]"
    if origin in (list, tuple) and parts:
        return f"list[{_answered(parts[0])}]" if origin is list or len(set(parts) - {...}) == 1 else "list[Any]"
    return "Any"


if __name__ == "__main__":
    STUBS.write_text(text(), encoding="utf-8")
