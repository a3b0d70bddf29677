"""Many settings at once: of one group, which works, and of all groups, which the real store never got to work.

Source: WooCommerce 10.5.0, recorded 2026-11-21; what creating and deleting answer is assumed from that.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kernel import Reply
from . import batch, settings
from .errors import WooError
from .params import Params


def _nobody_does(method: str) -> Callable[[Params], Reply]:
    def refuse(params: Params) -> Reply:
        raise WooError(
            "invalid-method",
            f"Method 'WP_REST_Controller::{method}' not implemented. Must be overridden in subclass.",
            405,
        )

    return refuse


_NOT_MADE, _NOT_DELETED = _nobody_does("create_item"), _nobody_does("delete_item")
_OF_A_GROUP = batch.Resource(_NOT_MADE, settings.update, _NOT_DELETED)
_OF_ALL = batch.Resource(_NOT_MADE, _nobody_does("update_item_permissions_check"), _NOT_DELETED)


async def of_group(params: Params) -> Reply:
    """Where there is something to update, nothing else is looked at."""
    if isinstance(params.get("update"), list) and params["update"]:
        params = Params.unchecked({"update": params["update"]}, group_id=params["group_id"])
    return await batch.carried_out(_OF_A_GROUP, params, group_id=params["group_id"])


async def of_all(params: Params) -> Reply:
    return await batch.carried_out(_OF_ALL, params)
