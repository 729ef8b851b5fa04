"""Paths of files. Each works without its trailing slash, too."""

from django.urls import path

from files.api import views
from rest import ids  # noqa: F401 (registers the converter)

urlpatterns = [
    path("files/", views.FileList.as_view()),
    path("files/<id:file_id>/", views.FileDetail.as_view()),
    path("files/<id:file_id>/content/", views.FileContent.as_view()),
    path("files/<id:file_id>/preview/", views.FilePreview.as_view()),
]
