"""What a call asks itself, as a field of the form."""

import pytest
from django import forms

from grants.applications.question_fields import field_for
from grants.pools.models import Question

HELP = '<img src=x onerror="alert(1)"> & <b>now</b>'


@pytest.mark.parametrize("kind", ["text", "long", "number", "date"])
def test_the_help_of_a_question_is_shown_as_it_was_typed(kind):
    assert kind in Question.Kind.values
    question = Question(kind=kind, text_en="Where?", help_en=HELP, most=100)
    form = type("Asked", (forms.Form,), {"own": field_for(question)})()
    shown = form["own"].as_field_group()
    assert "<img" not in shown
    assert "&lt;img src=x" in shown
    assert "&amp; &lt;b&gt;now&lt;/b&gt;" in shown
