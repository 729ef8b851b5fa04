from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Files: from an upload to the end of its time."""

    name = "files"
    verbose_name = "Files"
