"""Stories that anybody can check, and the player that plays them.

A story is a YAML file in the folder of its backend; it is found by being there. `player.play` plays one on a
running sandbox, in a world of its own, against any connector that answers to `openapi/connector.yaml`.
"""
