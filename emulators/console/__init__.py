"""The web console: what a person looks at and clicks on, at the root of a sandbox and of each of its worlds.

Flask pages, rendered in threads of their own; whatever touches a world is asked of the event loop, where worlds live.
Live parts are the same fragments, sent again as server-sent events when something has changed.
"""

from .console import Console

__all__ = ["Console"]
