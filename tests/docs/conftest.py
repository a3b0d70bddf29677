"""The fixtures of the broker's tests."""

from tests.broker.conftest import broker, storelab

__all__ = ["broker", "storelab"]
