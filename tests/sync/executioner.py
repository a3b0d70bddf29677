"""Whoever kills the sync at a point of its work, within this process."""

from __future__ import annotations


class Killed(BaseException):
    """Not an Exception: nothing in the sync may catch it, as nothing catches kill -9."""


class Executioner:
    """Notes the points that the engine passes, and kills at the one with this number; 0: at none."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.passed: list[str] = []

    def __call__(self, point: str) -> None:
        self.passed.append(point)
        if len(self.passed) == self.at:
            raise Killed(point)

    @property
    def told(self) -> str:
        return f"killed at point {self.at}, {self.passed[self.at - 1 : self.at]}"
