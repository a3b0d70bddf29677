"""A Pact broker that keeps everything in one file, for teams that have none yet.

It speaks the part of the Pact Broker's HAL API that the official clients use in a pipeline: contracts, what to verify
(with pending and work in progress), results, environments, deployments and releases, branches, tags, and the matrix
behind can-i-deploy. Webhooks, badges and the network graph are left out; their links are absent from the index, and
clients say so.

    ledger.py    the file: what happened, in its order, and the contents of pacts under their digest
    records.py   what is true after it happened
    matrix.py    what must be verified, and what may be deployed: pure functions of the records
    hal.py       how it is told
    app.py       the routes

Source: Pact Broker documentation (docs.pact.io/pact_broker) and its own /doc pages, read 2026-11-30; the client is
`pact broker` of pact-python-cli 0.10.9.
"""
