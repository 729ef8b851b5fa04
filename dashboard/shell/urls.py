"""Paths of what all pages use."""

from django.urls import URLPattern, path

from dashboard.shell import views
from dashboard.shell.stream import stream

urlpatterns: list[URLPattern] = [
    path("stream/", stream),
    path("strip/", views.strip),
    path("zone/", views.zone),
    path("account/", views.account),
]
