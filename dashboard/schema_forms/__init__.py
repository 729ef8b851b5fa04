"""Forms made from a JSON Schema, such as that of an operation's arguments.

`fields` says which fields a schema has, `reading` makes values of what was sent and texts of values, and `bound` puts
texts and errors beside the fields, for the template `dashboard/schema_forms/fields.html`. It works without JavaScript,
and keeps whole numbers exact. What no field can show is written as JSON, and so can each form as a whole.
"""

from dashboard.schema_forms.bound import BoundField, BoundForm, bind
from dashboard.schema_forms.fields import Field, Kind, fields_of
from dashboard.schema_forms.reading import Mistake, Sent, read, texts_of

__all__ = [
    "BoundField",
    "BoundForm",
    "Field",
    "Kind",
    "Mistake",
    "Sent",
    "bind",
    "fields_of",
    "read",
    "texts_of",
]
