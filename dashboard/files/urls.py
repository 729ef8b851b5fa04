"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.files import views
from dashboard.files.upload import upload
from rest import ids  # noqa: F401 (registers the converter)

urlpatterns: list[URLPattern] = [
    path("files/", views.files_page),
    path("files/upload/", upload),
    path("files/<id:file_id>/", views.file_page),
    path("files/<id:file_id>/content/", views.content),
    path("files/<id:file_id>/edit/", views.edit),
    path("files/<id:file_id>/delete/", views.delete),
]
