"""The reference connectors, one module per backend, each with a `CONNECTOR`."""
