"""Paths of the pages of this section, relative to `/ui/`."""

from django.urls import URLPattern, path

from dashboard.operations import pdf_preview, views

urlpatterns: list[URLPattern] = [
    path("operations/", views.operation_list),
    path("operations/pdf_to_csv/preview/", pdf_preview.pdf_preview),
    path("operations/<str:name>/", views.operation_detail),
]
