"""What hints are made from, out of the rows; asked anew for each page and kept nowhere."""

from collections import defaultdict

from django.db.models import prefetch_related_objects

from applicants.models import Applicant
from committee.review.hints import Address, Association, Matter, Who


def members(seats):
    """{member's pk: Who} of these seats, in one query; their users are loaded."""
    mine = defaultdict(list)
    for row in Applicant.objects.filter(user__in={seat.user_id for seat in seats}):
        mine[row.user_id].append(row)
    return {seat.pk: _who(seat, mine[seat.user_id]) for seat in seats}


def matters(windows):
    """{application's pk: Matter} of these windows, in a fixed number of queries."""
    applications = [window.application for window in windows]
    prefetch_related_objects(
        applications,
        *["contact", "team__user", "applicant__guardians__user"],
        *["consent_links__guardian", "consents__guardian"],
    )
    return {application.pk: _matter(application) for application in applications}


def _who(seat, applicants):
    return Who(
        user=seat.user_id,
        name=seat.user.name,
        email=seat.user.email,
        is_staff=seat.seat == seat.Seat.STAFF,
        home=seat.home_id,
        posts=tuple(line.strip() for line in seat.posts.splitlines() if line.strip()),
        # Where somebody lives who is protected is told to nobody, by a hint neither.
        addresses=tuple(_address(each) for each in applicants if not each.is_protected),
        associations=tuple(Association(each.name, each.cvr) for each in applicants if each.is_many),
    )


def _matter(application):
    applicant = application.applicant
    guardians = [guardian.user for guardian in applicant.guardians.all()]
    team = [each.user for each in application.team.all() if each.user]
    asked = [*application.consent_links.all(), *application.consents.all()]
    # To be named as the guardian of a protected applicant, and not asked, is nothing one knows of.
    knowing = [each.guardian.user_id for each in asked]
    if not applicant.is_protected:
        knowing += [guardian.pk for guardian in guardians]
    return Matter(
        users=frozenset({application.contact_id, *(user.pk for user in team), *knowing}),
        household=(applicant.name, application.contact.name, *(each.name for each in guardians)),
        address=_address(applicant),
        emails=tuple(user.email for user in [application.contact, *team, *guardians]),
        association=Association(applicant.name, applicant.cvr) if applicant.is_many else None,
        place=application.place,
        home=application.home_id,
        home_name=str(application.home or ""),
        is_protected=applicant.is_protected,
    )


def _address(applicant):
    return Address(applicant.street, applicant.postal_code)
