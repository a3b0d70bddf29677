"""Does an API keep what its consumers rely on? Contracts, document, webhooks, stories, and what a store's host breaks.

Each part of a run yields `Check`s (`report`); how they are shown is a matter of the writers.
"""
