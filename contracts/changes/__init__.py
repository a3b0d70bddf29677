"""What changed between two contracts or two OpenAPI documents, for whom, and whether it breaks them.

    change.py   one change
    pacts.py    between what a consumer needed and what it needs
    schemas.py  between what a JSON Schema admitted and what it admits
    openapi.py  between two documents; with the contracts of its consumers: which of them are concerned

No well-kept library for Python does it: the mature ones are programs in Go, and know nothing of contracts.
"""
