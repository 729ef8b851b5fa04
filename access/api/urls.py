"""Paths of keys, projects and access. Each works without its trailing slash, too."""

from django.urls import path

from access.api import (
    access_views,
    audit_views,
    converters,  # noqa: F401 (registers them)
    key_views,
    people_views,
    project_views,
)

urlpatterns = [
    path("access/", access_views.Access.as_view()),
    path("access/check/", access_views.AccessCheck.as_view()),
    path("projects/", project_views.ProjectList.as_view()),
    path("projects/<project:slug>/", project_views.ProjectDetail.as_view()),
    path("audit/", audit_views.AuditLog.as_view()),
    path("people/", people_views.PeopleList.as_view()),
    path("people/<person:person_id>/", people_views.PersonDetail.as_view()),
    path("keys/", key_views.KeyList.as_view()),
    path("keys/<key:key_id>/", key_views.KeyDetail.as_view()),
    path("keys/<key:key_id>/rotate/", key_views.RotateKey.as_view()),
    path("keys/<key:key_id>/revoke/", key_views.RevokeKey.as_view()),
]
