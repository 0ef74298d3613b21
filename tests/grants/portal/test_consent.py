"""Somebody under 18: naming parents or guardians, the link they get, and their pages."""

import logging
import re
from datetime import date, timedelta

import pytest

from applicants.models import Applicant, Guardian, User
from config.request_id import HideSecretPaths
from grants.applications import actions, guardians
from grants.applications.documents import document_hash
from grants.applications.models import Application, ConsentLink
from grants.letters import secret_links
from grants.letters.models import Mail
from grants.pools.money import money
from tests import factories
from workflows import clock
from workflows.models import LogEntry

MONA = {
    "name": "Mona Holm",
    "email": "Mona@example.org",
    "relation": "Mor",
    "custody_is_joint": "False",
}
ACCOUNT = {"holder": "Asta Holm", "registration": "0040", "number": "0440116243"}
YES = {"name": "Mona Holm", "relation": "Mor", "is_joint": "False"}


def saved(application):
    return Application.objects.get(pk=application.pk)


def events(application):
    stream = LogEntry.objects.filter(stream=application.stream).order_by("number")
    return list(stream.values_list("event", flat=True))


def links_mailed_to(email):
    """The paths in the mails to an address as they leave the house, the newest first."""
    mails = Mail.objects.filter(to__email=email)
    found = [re.search(r"/consent/\w+/", secret_links.with_tokens(mail.text)) for mail in mails]
    return [each[0] for each in found if each]


def say_yes(browser, address, **said):
    """As a person does: open the page, then send its form."""
    page = browser.get(address).content.decode()
    document = re.search(r'name="document" value="(\w+)"', page)[1]
    return browser.post(address, YES | {"document": document} | said)


@pytest.fixture
def young(cast, application_at):
    """Asta's application with a grant; she is sixteen."""
    who = factories.applicant(cast.asta, birth_date=date(2010, 1, 1))
    return application_at("awarded", who=who)


@pytest.fixture
def mona(young):
    who = factories.user("Mona")
    factories.guardian(young, who)
    return who


# Naming them


def test_a_guardian_is_named_once_and_mailed_a_link_that_says_nothing(as_user, cast, young, path):
    browser = as_user(cast.asta)
    assert path(young, "guardian") in browser.get(path(young)).content.decode()
    browser.post(path(young, "guardian"), MONA)
    browser.post(path(young, "guardian"), MONA)
    guardian = Guardian.objects.get()
    assert (guardian.user.email, guardian.user.name) == ("mona@example.org", "Mona Holm")
    mail = Mail.objects.get(to=guardian.user)
    for personal in ["Natteradio", "Asta", "10.000", young.reference]:
        assert personal not in mail.text
    assert events(young)[-2:] == ["guardian_named", "guardian_asked"]


def test_the_database_holds_no_link_that_opens_anything(as_user, client, cast, young, path):
    as_user(cast.asta).post(path(young, "guardian"), MONA)
    (address,) = links_mailed_to("mona@example.org")
    token = address.split("/")[2]
    mail, link = Mail.objects.get(to__email="mona@example.org"), ConsentLink.objects.get()
    assert token not in mail.text + mail.link
    assert link.token_sha256 == secret_links.fingerprint(token)
    seed = secret_links.SEED.search(mail.text)[0]
    for known in [seed, link.token_sha256]:
        assert client.get(f"/consent/{known}/").status_code == 404


def test_before_it_is_sent_nobody_is_asked_and_then_everybody(as_user, cast, world, path):
    who = factories.applicant(cast.asta, birth_date=date(2010, 1, 1))
    draft = factories.draft(world, cast.asta, who=who)
    page = as_user(cast.asta).post(path(draft, "guardian"), MONA, follow=True).content.decode()
    assert "gets a link when you have sent the application" in page
    assert links_mailed_to("mona@example.org") == []
    actions.submit(draft, by=cast.asta)
    assert len(links_mailed_to("mona@example.org")) == 1


def test_what_an_address_is_called_elsewhere_is_not_told(as_user, cast, young, path):
    browser = as_user(cast.asta)
    browser.post(path(young, "guardian"), MONA | {"email": cast.bo.email})
    assert User.objects.get(pk=cast.bo.pk).name == "Bo"
    for page in ["", "guardian"]:
        text = browser.get(path(young, page)).content.decode()
        assert "bo@example.org (Mor)" in text
        assert ">Bo" not in text


def test_nobody_on_the_team_is_the_guardian(as_user, cast, young, path):
    young.team.create(user=cast.bo, name="Bo")
    for email in ["ASTA@example.org", "bo@example.org"]:
        answer = as_user(cast.asta).post(path(young, "guardian"), MONA | {"email": email})
        assert "somebody else than you" in answer.content.decode()
        assert email in answer.content.decode()
    assert not Guardian.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"name": "M" * 10_000}, {"name": "Mona \u202enaM"}, {"relation": "Mor\0"}, {"email": "mona"}],
)
def test_what_cannot_be_right_is_refused(as_user, cast, young, path, wrong):
    answer = as_user(cast.asta).post(path(young, "guardian"), MONA | wrong)
    assert "Correct this first" in answer.content.decode()
    assert not Guardian.objects.exists()


def test_an_adult_is_asked_for_no_guardian(as_user, cast, application_at, path):
    awarded = application_at("awarded")
    assert path(awarded, "guardian") not in as_user(cast.asta).get(path(awarded)).content.decode()
    assert as_user(cast.asta).get(path(awarded, "guardian")).status_code == 302


def test_a_wrong_address_is_taken_off_and_reads_nothing_any_more(
    as_user, client, cast, young, path
):
    as_user(cast.asta).post(path(young, "guardian"), MONA)
    (address,) = links_mailed_to("mona@example.org")
    guardian = Guardian.objects.get()
    assert as_user(guardian.user).get(path(young)).status_code == 200
    as_user(cast.asta).post(path(young, f"guardian/{guardian.pk}/remove"))
    assert as_user(guardian.user).get(path(young)).status_code == 404
    client.logout()
    assert client.get(address).status_code == 404
    assert events(young)[-1] == "guardian_removed"


def test_who_has_answered_stays_on_the_list(as_user, cast, young, mona, path):
    guardian = Guardian.objects.get()
    factories.consent(young, guardian)
    guardians.withdraw_consent(young, guardian=guardian, by=mona)
    page = as_user(cast.asta).get(path(young, "guardian")).content.decode()
    remove = path(young, f"guardian/{guardian.pk}/remove")
    assert remove not in page
    as_user(cast.asta).post(remove)
    assert Guardian.objects.exists()


# The link


@pytest.fixture
def address(as_user, client, cast, young, path):
    """The link that Mona has in her mail; nobody is logged in."""
    as_user(cast.asta).post(path(young, "guardian"), MONA)
    client.logout()
    return links_mailed_to("mona@example.org")[0]


def test_the_link_tells_what_it_is_for_without_login_and_no_more(client, address, young):
    Applicant.objects.update(street="Nørregade 4", phone="20 20 20 20")
    page = client.get(address).content.decode()
    for told in ["Natteradio", "Otte udsendelser", "Fortæl at puljen støtter jer.", "Asta"]:
        assert told in page
    assert money(young.amount_applied_for, language="en") in page
    for kept in ["Nørregade", "20 20 20 20", "2010", "asta@example.org", "mona@example.org"]:
        assert kept not in page


def test_a_protected_name_is_not_told_without_login(client, address, young):
    Applicant.objects.update(is_protected=True, name="Asta Holm")
    page = client.get(address).content.decode()
    assert "A young person in your care" in page
    assert "Asta" not in page


def test_looking_uses_nothing_up(client, address, young):
    for _time in range(3):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    assert ConsentLink.objects.get().used_at is None
    assert not young.consents.exists()


def test_consent_by_the_link_is_recorded_with_name_relation_and_hash(client, address, young):
    answer = say_yes(client, address, name="Mona Karen Holm", relation="Stedmor")
    assert "Your consent is recorded" in client.get(answer["Location"]).content.decode()
    consent = young.consents.get()
    assert (consent.name, consent.relation) == ("Mona Karen Holm", "Stedmor")
    assert consent.document_hash == document_hash(saved(young))
    assert ConsentLink.objects.get().used_at
    told = LogEntry.objects.get(stream=young.stream, event="consent_given")
    assert told.actor == f"user:{consent.guardian.user_id}"
    receipt = Mail.objects.filter(to=consent.guardian.user).first()
    assert receipt.text.endswith(f"/applications/{young.reference}/\n")


def test_a_second_click_gives_no_second_consent(client, address, young):
    document = document_hash(saved(young))
    for _time in range(2):
        client.post(address, YES | {"document": document})
    assert young.consents.count() == 1
    assert events(young).count("consent_given") == 1


def test_a_link_is_used_once_also_when_the_consent_was_taken_back(client, address, young):
    say_yes(client, address)
    consent = young.consents.get()
    guardians.withdraw_consent(young, guardian=consent.guardian, by=consent.guardian.user)
    page = client.get(address).content.decode()
    assert "This link has been used" in page
    assert "<form class=" not in page
    client.post(address, YES | {"document": document_hash(saved(young))})
    assert not saved(young).has_consent()


def test_a_link_ends_after_fourteen_days(client, address, young):
    with clock.at(clock.now() + timedelta(days=14, seconds=-1)):
        assert "Give consent" in client.get(address).content.decode()
    with clock.at(clock.now() + timedelta(days=14)):
        assert "This link is too old" in client.get(address).content.decode()
        client.post(address, YES | {"document": document_hash(saved(young))})
    assert not young.consents.exists()


def test_a_new_link_takes_the_place_of_the_old_one(as_user, client, cast, address, young, path):
    guardian = Guardian.objects.get()
    as_user(cast.asta).post(path(young, f"guardian/{guardian.pk}/link"))
    client.logout()
    newest, old = links_mailed_to("mona@example.org")
    assert old == address
    assert "There is a newer link" in client.get(old).content.decode()
    client.post(old, YES | {"document": document_hash(saved(young))})
    assert not young.consents.exists()
    say_yes(client, newest)
    assert young.consents.exists()


def test_when_there_is_nothing_to_say_yes_to_any_more_the_link_says_so(
    client, cast, address, young, path
):
    from grants.decisions.actions import decline_grant

    decline_grant(saved(young), by=cast.asta)
    assert "No consent is needed any more" in client.get(address).content.decode()


def test_an_unknown_link_is_calm_and_tells_nothing(client, db):
    answer = client.get("/consent/" + "0" * 64 + "/")
    assert answer.status_code == 404
    assert "We do not know this link" in answer.content.decode()


def test_who_takes_part_does_not_say_yes_as_their_own_parent(as_user, cast, address, young):
    """The link came to a second address of theirs, and they are still logged in as themselves."""
    young.team.create(user=cast.bo, name="Bo", can_write=False)
    Application.objects.filter(pk=young.pk).update(contact=cast.cille)
    for who in [cast.asta, cast.bo, cast.cille]:
        browser = as_user(who)
        page = browser.get(address).content.decode()
        assert f"You are logged in as {who.email}" in page
        assert 'name="document"' not in page
        browser.post(address, YES | {"document": document_hash(saved(young))})
    assert not young.consents.exists()
    assert ConsentLink.objects.get().used_at is None
    say_yes(as_user(cast.dines), address)
    assert young.consents.exists()


def test_the_desk_reads_how_a_consent_came(as_user, cast, address, young):
    factories.consent(young, factories.guardian(young, factories.user("Finn")))
    say_yes(as_user(cast.dines), address)
    page = as_user(cast.frida).get(f"/desk/cases/{young.reference}/").content.decode()
    assert "by the link in the mail; has never logged in" in page
    assert "logged in by a code" in page
    User.objects.filter(email="mona@example.org").update(last_login=clock.now())
    page = as_user(cast.frida).get(f"/desk/cases/{young.reference}/").content.decode()
    assert "has never logged in" not in page


@pytest.mark.parametrize("wrong", [{"name": ""}, {"relation": ""}, {"is_joint": ""}])
def test_every_question_is_answered(client, address, young, wrong):
    answer = say_yes(client, address, **wrong)
    assert "Correct this first" in answer.content.decode()
    assert not young.consents.exists()


def test_consent_is_to_what_was_read(client, address, young):
    answer = say_yes(client, address, document="0" * 64)
    page = answer.content.decode()
    assert "The application was changed while you read" in page
    assert document_hash(saved(young)) in page
    assert not young.consents.exists()


def test_the_link_is_told_to_nobody(client, address, young):
    for answer in [client.get(address), say_yes(client, address), client.get(address)]:
        assert answer["Referrer-Policy"] == "strict-origin"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in answer["Cache-Control"]


def test_the_token_stays_out_of_the_log(address, settings):
    handler = settings.LOGGING["handlers"]["console"]
    assert "secret_paths" in handler["filters"]
    record = logging.LogRecord("x", 30, "", 0, "%s: %s", ("Not Found", address + "?a=1"), None)
    assert HideSecretPaths().filter(record)
    assert record.getMessage() == "Not Found: /consent/…/?a=1"
    other = "/applications/UKP-2026-0001/consent/"
    record = logging.LogRecord("x", 30, "", 0, "Not Found: %s", (other,), None)
    assert HideSecretPaths().filter(record)
    assert record.getMessage().endswith(other)


# Two who share the custody


def test_where_custody_is_joint_two_say_yes(as_user, client, cast, young, path):
    as_user(cast.asta).post(path(young, "account"), ACCOUNT)
    for name in ["mona", "finn"]:
        typed = MONA | {"email": f"{name}@example.org", "custody_is_joint": "True"}
        as_user(cast.asta).post(path(young, "guardian"), typed)
    assert "Both have to say yes" in as_user(cast.asta).get(path(young)).content.decode()
    client.logout()
    say_yes(client, links_mailed_to("mona@example.org")[0])
    page = as_user(cast.asta).get(path(young)).content.decode()
    assert "one more has to give consent first" in page
    assert "the other one has to as well" in page
    assert path(young, "accept") not in page
    client.logout()
    say_yes(client, links_mailed_to("finn@example.org")[0], name="Finn Holm", relation="Far")
    assert path(young, "accept") in as_user(cast.asta).get(path(young)).content.decode()


def test_a_guardian_who_shares_the_custody_makes_it_joint(client, address, young):
    say_yes(client, address, is_joint="True")
    assert saved(young).applicant.custody_is_joint is True
    assert not saved(young).has_consent()
    assert "custody_said" in events(young)


def test_what_a_guardian_said_is_not_unsaid_by_the_child(
    as_user, client, cast, address, young, path
):
    say_yes(client, address, is_joint="True")
    as_user(cast.asta).post(path(young, "guardian"), MONA | {"email": "finn@example.org"})
    assert Guardian.objects.count() == 2
    assert saved(young).applicant.custody_is_joint is True


def test_the_child_can_correct_what_nobody_has_built_on(as_user, cast, young, path):
    browser = as_user(cast.asta)
    browser.post(path(young, "guardian"), MONA | {"custody_is_joint": "True"})
    browser.post(path(young, "guardian"), MONA)
    assert saved(young).applicant.custody_is_joint is False


# Behind login


def test_a_guardian_gets_in_with_one_code(as_user, client, cast, young, path, mailoutbox):
    as_user(cast.asta).post(path(young, "guardian"), MONA)
    client.logout()
    client.post("/accounts/login/", {"email": "mona@example.org"})
    code = re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", mailoutbox[-1].body, re.MULTILINE)[0]
    client.post("/accounts/login/code/", {"code": code})
    assert client.get(path(young)).status_code == 200


def test_a_guardian_reads_what_it_is_for_and_the_conditions(as_user, young, mona, path):
    browser = as_user(mona)
    assert path(young, "consent") in browser.get(path(young)).content.decode()
    page = browser.get(path(young, "consent")).content.decode()
    for told in ["Natteradio", "Otte udsendelser", "Fortæl at puljen støtter jer.", "Mor"]:
        assert told in page


def test_a_guardian_says_yes_and_takes_it_back(as_user, cast, young, mona, path):
    as_user(cast.asta).post(path(young, "account"), ACCOUNT)
    browser = as_user(mona)
    say_yes(browser, path(young, "consent"))
    browser.post(path(young, "consent"), YES | {"document": document_hash(saved(young))})
    consent = saved(young).consents.get()
    assert (consent.withdrawn_at, consent.name) == (None, "Mona Holm")
    assert path(young, "accept") in as_user(cast.asta).get(path(young)).content.decode()
    told = Mail.objects.filter(to=cast.asta).count()
    as_user(mona).post(path(young, "withdraw-consent"))
    assert not saved(young).has_consent()
    assert Mail.objects.filter(to=cast.asta).count() == told + 1
    page = as_user(cast.asta).get(path(young)).content.decode()
    assert "A parent or guardian has to give consent first" in page
    assert path(young, "accept") not in page


def test_a_guardian_decides_nothing_else(as_user, young, mona, path):
    browser = as_user(mona)
    for act in ["accept", "decline", "withdraw", "submit"]:
        browser.post(path(young, act))
    for page in ["account", "guardian", "check"]:
        assert browser.get(path(young, page)).status_code == 404
    assert saved(young).status == "awarded"


def test_only_the_guardian_gives_consent(as_user, cast, young, mona, path):
    for user in [cast.asta, cast.cille, cast.frida]:
        assert as_user(user).post(path(young, "consent"), YES).status_code == 404
        assert as_user(user).post(path(young, "withdraw-consent")).status_code == 404
    assert not saved(young).has_consent()


def test_only_who_writes_names_and_removes(as_user, cast, young, mona, path):
    young.team.create(user=cast.bo, name="Bo", can_write=False)
    pk = Guardian.objects.get().pk
    for user in [cast.bo, mona, cast.cille, cast.frida]:
        for page in ["guardian", f"guardian/{pk}/link", f"guardian/{pk}/remove"]:
            assert as_user(user).post(path(young, page), MONA).status_code == 404
    assert Guardian.objects.count() == 1


def test_who_writes_along_sees_who_is_named_and_changes_nothing(as_user, cast, young, mona, path):
    young.team.create(user=cast.bo, name="Bo")
    browser, pk = as_user(cast.bo), Guardian.objects.get().pk
    assert path(young, "guardian") not in browser.get(path(young)).content.decode()
    page = browser.get(path(young, "guardian")).content.decode()
    assert "The contact names parents" in page
    assert 'name="email"' not in page
    assert f"guardian/{pk}/" not in page
    browser.post(path(young, "guardian"), MONA | {"email": "x@example.org"})
    browser.post(path(young, f"guardian/{pk}/remove"))
    assert Guardian.objects.count() == 1
    assert path(young, "guardian") in as_user(cast.asta).get(path(young)).content.decode()


def test_a_guardian_reads_what_they_do_and_when(as_user, cast, world, mona, young, path):
    draft = factories.draft(world, cast.asta, who=young.applicant)

    def page():
        return as_user(mona).get(path(draft)).content.decode()

    assert as_user(mona).get(path(draft)).status_code == 404
    actions.submit(draft, by=cast.asta)
    assert "Read the application and give your consent" in page()
    assert path(draft, "consent") in page()
    say_yes(as_user(mona), path(draft, "consent"))
    assert "nothing more for you to do" in page()
    awarded = as_user(mona).get(path(young)).content.decode()
    assert "when a parent or guardian has given consent" in awarded


def test_a_guardian_does_not_read_what_the_grown_up_applies_for(cast, world, as_user):
    """She was named when he was seventeen; what he applies for at eighteen is his own."""
    mother = factories.user("Mona")
    eighteen = date(2026, 3, 10)
    who = factories.applicant(cast.asta, birth_date=eighteen.replace(year=2008))
    with clock.at(factories.MONDAY):
        first = factories.draft(world, cast.asta, who=who)
        factories.guardian(first, mother)
        actions.submit(first, by=cast.asta)
        factories.consent(first, first.applicant.guardians.get())
    with clock.at(factories.MONDAY + timedelta(days=30)):
        second = factories.draft(world, cast.asta, who=who, at=clock.now())
        assert as_user(mother).get(second.get_absolute_url()).status_code == 404
        assert as_user(mother).get(first.get_absolute_url()).status_code == 200
        assert second.roles_of(mother) == set()
