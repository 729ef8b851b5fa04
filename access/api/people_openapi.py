"""What the OpenAPI document says of `/people/`."""

from access.actions.first import NotTheFirst
from access.actions.keys import GivesTooMuch
from access.actions.people import LastAdministrator, NameTaken, NoSuchPerson
from access.actions.projects import OfInstallation
from access.api import answers
from access.api.numbered import PageQuery
from access.api.people_forms import PersonBody, PersonChanges
from access.people.passwords import WeakPassword
from access.scopes import Scope
from rest.openapi import Answer, Endpoint, Refusal, RequestBody, one_page, shapes

A_PERSON = {
    "id": 17,
    "name": "ada@example.com",
    "role": None,
    "roles": {"acme": "operator"},
    "is_active": True,
    "created_at": "2026-03-29T01:30:00Z",
    "last_login_at": "2026-03-29T09:12:00Z",
}
A_NEW_PERSON = {**A_PERSON, "last_login_at": None}
PERSON_ID = {"person_id": "The `id` of the person."}
NO_PERSON = Refusal("There is no such person, or your key belongs to a project.", NoSuchPerson())
OUTSIDE = Refusal(
    "The scope `people:admin` is missing (`scope_missing`), or the key belongs to a project.",
    OfInstallation(),
    shapes.Forbidden,
)
TOO_MUCH = Refusal(
    "The scope `people:admin` is missing (`scope_missing`), the key belongs to a project (`installation_only`), or "
    "somebody would give what they do not have.",
    GivesTooMuch([("role", "must not have what you have not: keys:admin")]),
    shapes.Forbidden,
)
WEAK = Refusal("A password that is guessed too easily.", WeakPassword("is too common"))

LIST_PEOPLE = Endpoint(
    summary="List people, newest first",
    scope=Scope.PEOPLE_ADMIN,
    description="One page of all who may log in, and of those who were deactivated. None is ever deleted.",
    query=PageQuery,
    answers=one_page(answers.PersonPage, [A_PERSON]),
    refusals=(OUTSIDE,),
)
CREATE_PERSON = Endpoint(
    summary="Create a person",
    scope=Scope.PEOPLE_ADMIN,
    description="They log in at `/ui/login/`. While there is no key and no person, this needs no key: the first one "
    "must have the role `admin`, and it closes the service to everybody without a key.",
    body=RequestBody(
        PersonBody,
        {
            "for everything": {
                "name": "ada@example.com",
                "password": "a long password of hers",
                "role": "admin",
            },
            "for one project": {
                "name": "bob",
                "password": "a long password of his",
                "roles": {"default": "operator"},
            },
        },
    ),
    answers={201: Answer("The new person.", answers.Person, A_NEW_PERSON, ("Location",))},
    refusals=(
        TOO_MUCH,
        WEAK,
        Refusal("The first person must have the role `admin`.", NotTheFirst()),
        Refusal("Somebody has this name.", NameTaken("ada@example.com")),
    ),
)
GET_PERSON = Endpoint(
    summary="Read a person",
    scope=Scope.PEOPLE_ADMIN,
    path=PERSON_ID,
    answers={200: Answer("The person.", answers.Person, A_PERSON)},
    refusals=(NO_PERSON,),
)
CHANGE_PERSON = Endpoint(
    summary="Change or deactivate a person",
    scope=Scope.PEOPLE_ADMIN,
    description="Omitted fields stay as they are. True at once. Nobody changes somebody who may do more than they "
    "themselves, and the last active person with the role `admin` keeps it.",
    path=PERSON_ID,
    body=RequestBody(
        PersonChanges,
        {
            "another role in a project": {"roles": {"default": "viewer"}},
            "let in no more": {"is_active": False},
            "another password": {"password": "quite another long one"},
        },
        required=False,
    ),
    answers={200: Answer("The person as they are now.", answers.Person, A_PERSON)},
    refusals=(
        NO_PERSON,
        TOO_MUCH,
        WEAK,
        Refusal("It is the last active administrator.", LastAdministrator()),
    ),
)
