"""Served under `/invoices/`."""

from django.urls import path

from examples.invoices.views import page, progress, upload

urlpatterns = [
    path("", page, name="invoices"),
    path("upload/", upload, name="invoices_upload"),
    path("<uuid:task_id>/", page, name="invoices_conversion"),
    path("<uuid:task_id>/progress/", progress, name="invoices_progress"),
]
