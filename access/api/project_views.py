"""`/projects/`: each method reads its input, calls one verb, and answers."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.actions import projects
from access.api import project_forms as forms
from access.api import project_openapi as openapi
from access.api.numbered import PageQuery, numbered_page
from access.api.refusals import ProjectView
from access.door import acting, actor_of
from rest.input import Strict, read_body, read_query
from rest.openapi import documented


class ProjectList(ProjectView):
    """All projects."""

    @documented(openapi.LIST_PROJECTS)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(PageQuery, request.query_params)
        return numbered_page(request, projects.visible(actor_of(request)), forms.represent, query)

    @documented(openapi.CREATE_PROJECT)
    def post(self, request: Request) -> Response:
        """Create a project."""
        read_query(Strict, request.query_params)
        form = read_body(forms.ProjectBody, request.data)
        project = projects.create(acting(request), form.slug, form.columns)
        location = request.build_absolute_uri(f"/projects/{project.slug}/")
        return Response(forms.represent(project), status=201, headers={"Location": location})


class ProjectDetail(ProjectView):
    """One project."""

    @documented(openapi.GET_PROJECT)
    def get(self, request: Request, slug: str) -> Response:
        """The project, with its limits."""
        read_query(Strict, request.query_params)
        return Response(forms.represent(projects.find(actor_of(request), slug)))

    @documented(openapi.CHANGE_PROJECT)
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is named."""
        read_query(Strict, request.query_params)
        form = read_body(forms.ProjectChanges, request.data)
        project = projects.change(acting(request), slug, form.columns, form.changed_quotas)
        return Response(forms.represent(project))
