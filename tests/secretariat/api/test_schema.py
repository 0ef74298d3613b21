"""The description for programs: whole, without a warning, and true."""

import json

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from secretariat.api.steps import STEPS


@pytest.fixture
def schema(client):
    return client.get("/api/v1/schema/?format=json").json()


def test_the_schema_has_no_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "api.yaml"))


def test_the_schema_is_openapi_3_1_and_for_everybody(schema):
    assert schema["openapi"].startswith("3.1")
    assert set(schema["paths"]) == {
        "/api/v1/calls",
        "/api/v1/calls/{slug}",
        "/api/v1/applications",
        "/api/v1/applications/{reference}",
        "/api/v1/statistics",
        *(f"/api/v1/applications/{{reference}}/steps/{step}" for step in STEPS),
    }


def test_the_schema_is_in_english_whatever_one_reads(client):
    danish = client.get("/api/v1/schema/").content
    client.cookies["django_language"] = "en"
    assert client.get("/api/v1/schema/").content == danish


@pytest.mark.parametrize("step", STEPS)
def test_each_step_tells_its_body_its_roles_and_its_refusals(step, schema):
    told = schema["paths"][f"/api/v1/applications/{{reference}}/steps/{step}"]["post"]
    assert "- from `" in told["description"]
    assert set(told["responses"]) == {"200", "400", "403", "404", "409"}
    for status in ("400", "403", "404", "409"):
        assert told["responses"][status]["content"]["application/json"]["examples"]
    body = told.get("requestBody", {}).get("content", {}).get("application/json")
    fields = STEPS[step].body().fields
    assert bool(body) == bool(fields)
    if body:
        name = body["schema"]["$ref"].rpartition("/")[2]
        assert set(schema["components"]["schemas"][name]["properties"]) == set(fields)


def test_the_answers_are_what_the_schema_says(schema, get, take, application_at, cast):
    application = application_at("decided")
    address = f"applications/{application.reference}"
    for answer, shape in [
        (get(None, "calls"), "PaginatedCallList"),
        (get(cast.asta, "applications"), "PaginatedApplicationInBriefList"),
        (get(cast.asta, address), "Application"),
        (get(cast.frida, address), "Application"),
        (get(cast.dines, address), "Application"),
        (get(None, "statistics"), "Statistics"),
        (get(cast.frida, "statistics"), "Statistics"),
        (get(cast.cille, address), "Problem"),
        (take(cast.asta, application, "submit"), "Problem"),
        (take(cast.frida, application, "decide", {"amount": "x"}), "WrongBody"),
        (take(cast.frida, application, "award"), "Application"),
    ]:
        validator = Draft202012Validator(
            {"$ref": f"#/components/schemas/{shape}", "components": schema["components"]}
        )
        problems = [error.message for error in validator.iter_errors(json.loads(answer.content))]
        assert problems == [], (shape, problems)
