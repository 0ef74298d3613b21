"""Every text is there in Danish, and those of the applicant's pages in Swedish and Norwegian."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings as project
from django.utils import translation
from django.utils.translation import trans_real

from config import messages as compiler

CATALOGS = {
    language: Path(project.BASE_DIR, "locale", language, "LC_MESSAGES", "django.po")
    for language in ("da", "sv", "nb")
}
EACH_LANGUAGE = pytest.mark.parametrize("language", CATALOGS)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w+}")
# What somebody who applies, helps or gives consent can come to read. "*" crosses folders.
READ_BY_APPLICANTS = (
    *("templates/base.html", "templates/[45]*.html", "templates/components/*"),
    *("templates/django/*", "templates/account/*", "templates/mfa/*", "templates/my_data/*"),
    "templates/send_again.html",
    *("templates/pages/*", "templates/portal/*", "applicants/*.py", "grants/applications/*.py"),
    *("grants/letters/actions.py", "grants/letters/models.py", "grants/letters/outbox.py"),
    *("grants/letters/texts.py", "grants/pools/forms.py", "grants/pools/models.py"),
    *("grants/pools/money.py", "grants/pools/rules.py", "grants/portal/*.py"),
    "grants/decisions/*.py",
    *("grants/payouts/actions.py", "grants/payouts/models.py", "grants/payouts/accounts.py"),
    *("grants/payouts/destination.py", "secretariat/my_data/*.py", "secretariat/views/pages.py"),
    *("workflows/lifecycle.py", "workflows/machine.py", "config/*.py"),
)

HEAD = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n'
    'Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)
SMALL = {
    "da": """
msgid "translated"
msgstr "oversat"

msgid "blank"
msgstr "tom"

msgid "guessed"
msgstr "gættet"

msgid "one"
msgid_plural "many"
msgstr[0] "en"
msgstr[1] "mange"
""",
    "sv": """
msgid "translated"
msgstr "översatt"

msgid "blank"
msgstr ""

#, fuzzy
msgid "guessed"
msgstr "gissning"

msgid "one"
msgid_plural "many"
msgstr[0] ""
msgstr[1] ""
""",
}


@pytest.fixture(scope="module")
def catalogs():
    return {language: messages_of(path, language) for language, path in CATALOGS.items()}


@pytest.fixture
def small_catalogs(settings, tmp_path):
    """Danish first as in production, with four Danish texts of which Swedish has one."""
    settings.LANGUAGE_CODE = "da"
    settings.LOCALE_PATHS = [tmp_path]
    for language, told in SMALL.items():
        texts = tmp_path / language / "LC_MESSAGES" / "django.po"
        texts.parent.mkdir(parents=True)
        texts.write_text(HEAD + told)
        compiler.compiled(texts)
    trans_real._translations.clear()
    yield
    trans_real._translations.clear()


def test_no_message_is_missing_or_a_guess_in_danish(catalogs):
    assert len(catalogs["da"]) > 1000
    assert unfinished(catalogs["da"]) == []


@pytest.mark.parametrize("language", ["sv", "nb"])
def test_no_message_of_the_applicants_pages_is_missing(catalogs, language):
    read = [message for message in catalogs[language] if is_read_by_applicants(message)]
    assert len(read) > 500
    assert unfinished(read) == []


@pytest.mark.parametrize("language", ["sv", "nb"])
def test_every_language_was_asked_for_the_same_messages(catalogs, language):
    assert keys(catalogs[language]) == keys(catalogs["da"])


@pytest.mark.parametrize("pattern", READ_BY_APPLICANTS)
def test_every_place_that_is_named_has_a_file(pattern):
    assert any(each.is_file() for each in project.BASE_DIR.glob(pattern.replace("/*", "/**/*")))


@EACH_LANGUAGE
def test_every_placeholder_is_in_the_translation_too(catalogs, language):
    assert [m.id for m in catalogs[language] if all(texts(m.string)) and differs(m)] == []


@EACH_LANGUAGE
def test_a_catalog_is_compiled_as_it_is_written(catalogs, language):
    """Fails where a .po was changed and not compiled: `make setup` does it."""
    with translation.override(language):
        for message in catalogs[language]:
            if isinstance(message.id, str) and message.string and not message.context:
                assert translation.gettext(message.id) == message.string


def test_what_is_not_translated_is_read_in_danish(small_catalogs):
    with translation.override("sv"):
        assert translation.gettext("translated") == "översatt"
        assert translation.gettext("blank") == "tom"
        assert translation.gettext("guessed") == "gættet"
        assert translation.ngettext("one", "many", 1) == "en"
        assert translation.ngettext("one", "many", 2) == "mange"


def messages_of(path, language):
    with path.open("rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def is_read_by_applicants(message):
    return any(
        fnmatch(file, pattern)
        for file, _line in message.locations
        for pattern in READ_BY_APPLICANTS
    )


def unfinished(messages):
    return [m.id for m in messages if m.fuzzy or not all(texts(m.string))]


def keys(messages):
    return {(message.context, message.id) for message in messages}


def differs(message):
    """Whether a placeholder was invented, or one was lost where every number is told."""
    asked, told = texts(message.id), texts(message.string)
    known = placeholders(" ".join(asked))
    return any(placeholders(text) - known for text in told) or bool(
        placeholders(asked[-1]) - placeholders(told[-1])
    )


def placeholders(text):
    return set(PLACEHOLDER.findall(text))


def texts(text):
    return [text] if isinstance(text, str) else list(text)
