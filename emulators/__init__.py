"""Stand-ins for a store and its backends. Each folder but `kernel` is one vendor, found by its name."""
