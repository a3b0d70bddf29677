"""The reference sync: connectors as a careful engineer would have them, driven by `openapi/connector.yaml`.

`model` and `decide` are pure; `engine` looks, decides and acts, step by step, with everything that must not be
forgotten in `ledger`; `connectors/` has one module per backend; `service` is the way in. Nothing here knows the
emulators: what they have in common with a connector is HTTP.
"""
