"""Every text that a person reads is there in Danish."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings as project
from django.utils import translation

CATALOG = Path(project.BASE_DIR, "locale", "da", "LC_MESSAGES", "django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w+}")


@pytest.fixture(scope="module")
def messages():
    with CATALOG.open("rb") as file:
        return [message for message in read_po(file, locale="da") if message.id]


def test_no_message_is_missing_or_a_guess(messages):
    assert len(messages) > 1000
    assert [message.id for message in messages if not all(_texts(message.string))] == []
    assert [message.id for message in messages if message.fuzzy] == []


def test_every_placeholder_is_in_the_translation_too(messages):
    wrong = [
        message.id
        for message in messages
        for text in _texts(message.string)
        if not set(PLACEHOLDER.findall(text))
        <= set(PLACEHOLDER.findall(" ".join(_texts(message.id))))
        or not set(PLACEHOLDER.findall(_texts(message.id)[-1]))
        <= set(PLACEHOLDER.findall(_texts(message.string)[-1]))
    ]
    assert wrong == []


def test_danish_is_what_is_seen_without_a_choice(client, db, settings):
    settings.LANGUAGE_CODE = "da"
    answer = client.get("/", headers={"accept-language": "en"})
    assert 'lang="da"' in answer.content.decode()
    assert "Log ind" in answer.content.decode()


def test_a_chosen_language_is_kept(client, db):
    client.post("/i18n/setlang/", {"language": "en"})
    assert 'lang="en"' in client.get("/").content.decode()


def test_the_catalog_is_compiled_as_it_is_written(messages):
    with translation.override("da"):
        assert translation.gettext("Send application") == "Send ansøgning"


def _texts(text):
    return [text] if isinstance(text, str) else list(text)
