"""Paths of the pages on which people log in."""

from django.urls import path

from access.pages import views
from access.pages.api import api

urlpatterns = [
    path("login/", views.log_in),
    path("logout/", views.log_out),
    path("password/", views.password),
    path("api/<path:rest>", api),
    path("projects/<slug:project>/api/<path:rest>", api),
]
