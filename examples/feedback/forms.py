"""What people write."""

from django import forms
from django.conf import settings

from rest.problems import FieldError, InvalidInput
from tasks_api.client import submit_operation
from tasks_api.models import Task

TAG = "feedback"
# Where the parts of the form stand in the mail.
FIELDS = {"subject": "name", "reply_to": "email", "text": "message"}


class Feedback(forms.Form):
    """The form."""

    name = forms.CharField(max_length=100)
    email = forms.EmailField(max_length=254)
    message = forms.CharField(max_length=5_000, widget=forms.Textarea)

    def send(self) -> Task | None:
        """Have the mail sent, by whichever worker is free. None: `errors` tells what is wrong."""
        try:
            return submit_operation("send_email", self._mail(), tags=[TAG])
        except InvalidInput as refused:
            for error in refused.errors:
                self.add_error(_field(error), f"This {error.detail}.")
            return None

    def _mail(self) -> dict[str, object]:
        name, email, message = (self.cleaned_data[field] for field in self.fields)
        return {
            "to": [settings.DEFAULT_FROM_EMAIL],
            "reply_to": [email],
            "subject": f"Feedback from {name}",
            "text": f"{name} <{email}> wrote:\n\n{message}\n",
        }


def _field(error: FieldError) -> str | None:
    """Where it is told. A location is such as `("arguments", "reply_to", 0)`."""
    return next((FIELDS[part] for part in map(str, error.location) if part in FIELDS), None)
