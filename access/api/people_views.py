"""`/people/`: each method reads its input, calls one verb, and answers."""

from typing import Annotated

from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from access.actions import people
from access.api import people_forms as forms
from access.api import people_openapi as openapi
from access.api.numbered import PageQuery, numbered_page
from access.api.refusals import PeopleView
from access.door import acting, actor_of
from rest.input import Strict, read_query
from rest.openapi import documented

PersonId = Annotated[int, Field(ge=1, le=10**18 - 1)]


class PeopleList(PeopleView):
    """Everybody."""

    @documented(openapi.LIST_PEOPLE)
    def get(self, request: Request) -> Response:
        """Newest first, by pages."""
        query = read_query(PageQuery, request.query_params)
        return numbered_page(request, people.everybody(actor_of(request)), forms.represent, query)

    @documented(openapi.CREATE_PERSON)
    def post(self, request: Request) -> Response:
        """Make a person."""
        read_query(Strict, request.query_params)
        name, changes = forms.new_person_of(request.data)
        person = people.create(acting(request), name, changes)
        location = request.build_absolute_uri(f"/people/{person.pk}/")
        return Response(forms.represent(person), status=201, headers={"Location": location})


class PersonDetail(PeopleView):
    """One person."""

    @documented(openapi.GET_PERSON)
    def get(self, request: Request, person_id: PersonId) -> Response:
        """The person, with their roles."""
        read_query(Strict, request.query_params)
        return Response(forms.represent(people.find(actor_of(request), person_id)))

    @documented(openapi.CHANGE_PERSON)
    def patch(self, request: Request, person_id: PersonId) -> Response:
        """Change what is named."""
        read_query(Strict, request.query_params)
        changes = forms.changes_of(request.data)
        return Response(forms.represent(people.change(acting(request), person_id, changes)))
