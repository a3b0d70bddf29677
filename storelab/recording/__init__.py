"""A real API, recorded; and how alike another server answers the same calls."""
