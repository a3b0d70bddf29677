"""What the Golisto Connector plugin does: how it speaks, what a click does, and what it does by itself."""
