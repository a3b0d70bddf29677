"""The smaller forms that WordPress makes of a picture, and how the API tells of them.

Sizes in pixels; 0 is any height. A height or width that is unknown is 0, and then nothing was made.
Source: image_resize_dimensions(), wp_constrain_dimensions() and wp_calculate_image_srcset() of WordPress 6, the sizes
that WordPress and WooCommerce register. Assumed: a server that can resize pictures, as nearly all can.
"""

from __future__ import annotations

MEDIUM, LARGE, MEDIUM_LARGE, HUGE, TWICE_LARGE, SINGLE = (
    (300, 300),
    (1024, 1024),
    (768, 0),
    (1536, 1536),
    (2048, 2048),
    (600, 0),
)
SQUARE, SHOP_SQUARE, GALLERY_SQUARE = 150, 300, 100
WIDEST = 2048  # that is offered beside the picture itself
Size = tuple[int, int]


def fitted(size: Size, box: Size) -> Size:
    """A picture made to fit into a box."""
    (width, height), (most_width, most_height) = size, box
    ratios = (
        most_width / width if 0 < most_width < width else 1.0,
        most_height / height if 0 < most_height < height else 1.0,
    )
    larger = max(ratios)
    too_large = _round(width * larger) > most_width or _round(height * larger) > most_height
    ratio = min(ratios) if too_large else larger
    form = max(1, _round(width * ratio)), max(1, _round(height * ratio))
    return (
        most_width if ratios[0] < 1 and form[0] == most_width - 1 else form[0],
        most_height if ratios[1] < 1 and form[1] == most_height - 1 else form[1],
    )


def _round(number: float) -> int:
    return int(number + 0.5)


def _within(size: Size, box: Size) -> Size | None:
    """What is made for a box; nothing for a picture that has that size, or a smaller one."""
    width, height = size
    if width < box[0] and (not box[1] or height < box[1]):
        return None
    form = fitted(size, box)
    return None if _alike(form, size) else form


def square(size: Size, side: int) -> Size | None:
    """What is cut out of a picture for a square of this side."""
    if size[0] < side and size[1] < side:
        return None
    form = min(side, size[0]), min(side, size[1])
    return None if _alike(form, size) else form


def _alike(one: Size, other: Size) -> bool:
    return abs(one[0] - other[0]) <= 1 and abs(one[1] - other[1]) <= 1


def _same_ratio(size: Size, other: Size) -> bool:
    if size[0] > other[0]:
        return _alike(fitted(size, (other[0], 0)), other)
    return _alike(fitted(other, (size[0], 0)), size)


def made(size: Size) -> list[Size]:
    """All that are made, in the order in which WordPress makes them."""
    forms = [
        _within(size, MEDIUM),
        _within(size, LARGE),
        square(size, SQUARE),
        *(_within(size, box) for box in (MEDIUM_LARGE, HUGE, TWICE_LARGE)),
        square(size, SHOP_SQUARE),
        _within(size, SINGLE),
        square(size, GALLERY_SQUARE),
    ]
    return [form for form in forms if form is not None]


def address(url: str, form: Size | None) -> str:
    """Where a smaller form of a picture lies; the picture itself if there is none."""
    if form is None:
        return url
    stem, _, extension = url.rpartition(".")
    return f"{stem}-{form[0]}x{form[1]}.{extension}"


def offered(url: str, size: Size) -> str:
    """The `srcset` of a picture: itself first, then its forms of the same shape, one for each width."""
    if not all(size) or url.lower().endswith(".gif"):
        return ""
    sources = {size[0]: url}
    for form in made(size):
        if form[0] <= WIDEST and _same_ratio(size, form):
            sources.setdefault(form[0], address(url, form))
    return ", ".join(f"{where} {width}w" for width, where in sources.items()) if len(sources) > 1 else ""
