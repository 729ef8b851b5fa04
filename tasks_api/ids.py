"""The ids of rows, where migrations look for them. See `values.ids`."""

from values.ids import first_id_at, new_id

__all__ = ["first_id_at", "new_id"]
