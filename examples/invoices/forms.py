"""What people upload."""

from django import forms

from access.actor import Actor
from access.refusals import QuotaReached
from files.actions.storing import store
from files.names import NoName
from files.receiving import TooLarge
from files.storage import StorageFull
from rest.problems import InvalidInput
from tasks_api.client import submit_operation
from tasks_api.models import Task

TAG = "invoices"


class Upload(forms.Form):
    """A PDF with a list of invoices."""

    file = forms.FileField()

    def convert(self, actor: Actor) -> Task | None:
        """Keep the file, and have a worker read its tables. None: `errors` tells what is wrong."""
        upload = self.cleaned_data["file"]
        try:
            file = store(upload, upload.name, "application/pdf", actor.project_id, created_by=actor.author)
            arguments = {"file": {"$file": str(file.id)}, "tables": "largest"}
            return submit_operation("pdf_to_csv", arguments, tags=[TAG], project=actor.project)
        except (NoName, TooLarge, StorageFull, QuotaReached) as refused:
            self.add_error("file", str(refused))
        except InvalidInput as refused:
            self.add_error("file", "; ".join(error.detail for error in refused.errors))
        return None
