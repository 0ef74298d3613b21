"""What stands in the head of every page."""

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from applicants.models import Guardian, User
from grants.applications.models import Application, TeamMember
from grants.pools.permissions import roles_anywhere
from workflows.lifecycle import Role

DEMO_DOMAIN = "@demo.ungepuljen.example"

# The committee is one item: a member finds the desk behind it, a caseworker the meetings.
ABOVE = {"committee:meetings": "committee:desk"}
STAFF = {Role.CASEWORKER, Role.APPROVER, Role.POOL_ADMIN, Role.AUDITOR}


def navigation(request):
    """nav and demo_people; asked of the database only by the pages that show them."""
    return {
        "nav": SimpleLazyObject(lambda: _items(request)),
        "demo_people": SimpleLazyObject(demo_people) if settings.DEMO else [],
    }


def _items(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    here = _page(request)
    return [
        {"url": reverse(page), "label": label, "current": here == ABOVE.get(page, page)}
        for page, label in _pages(roles_anywhere(user))
    ]


def _pages(roles):
    """The pages that somebody with these roles has, in the order of the menu."""
    yield "portal:home", _("My applications")
    if roles & {Role.MEMBER, Role.CHAIR}:
        yield "committee:desk", _("Committee")
    if roles & STAFF:
        yield "desk:cases", _("Cases")
    if Role.CASEWORKER in roles:
        yield "desk:announce", pgettext("menu", "Announce")
        if not roles & {Role.MEMBER, Role.CHAIR}:
            yield "committee:meetings", _("Committee")
    if roles & (STAFF - {Role.POOL_ADMIN}):
        yield "payouts:list", _("Payouts")
    if roles & (STAFF | {Role.MUNICIPALITY_READER}):
        yield "statistics:index", _("Statistics")


def start_page(user):
    """Where somebody begins the day."""
    roles = roles_anywhere(user)
    if roles & {Role.CASEWORKER, Role.POOL_ADMIN, Role.AUDITOR}:
        return reverse("desk:cases")
    if Role.APPROVER in roles:
        return reverse("payouts:list")
    if roles & {Role.MEMBER, Role.CHAIR}:
        return reverse("committee:desk")
    if Role.MUNICIPALITY_READER in roles:
        return reverse("statistics:index")
    return reverse("portal:home")


def _page(request):
    """The menu's page that a request is on or below: its name, or ""."""
    match = request.resolver_match
    if match is None:
        return ""
    if match.namespace == "my_data":
        return "portal:home"
    if match.view_name in {"desk:announce", "desk:mails"}:
        return match.view_name
    first = {"committee": "desk", "desk": "cases", "payouts": "list", "statistics": "index"}
    if match.namespace == "portal" and match.url_name not in {"front", "call", "verify"}:
        return "portal:home"
    return f"{match.namespace}:{first[match.namespace]}" if match.namespace in first else ""


def demo_people():
    """[{id, name, role, email}] of the people of the demo who have something to do, staff first."""
    mine = Application.objects.filter(contact=OuterRef("pk"))
    people = (
        User.objects.filter(email__endswith=DEMO_DOMAIN, is_active=True)
        .annotate(
            roles=ArrayAgg("pool_roles__role", distinct=True, filter=Q(pool_roles__isnull=False)),
            applies=Exists(mine),
            guards=Exists(Guardian.objects.filter(user=OuterRef("pk"))),
            helps=Exists(TeamMember.objects.filter(user=OuterRef("pk"), is_helper=True)),
            is_on_a_team=Exists(TeamMember.objects.filter(user=OuterRef("pk"), is_helper=False)),
        )
        .order_by("pk")
    )
    told = [(_parts_played(person), person) for person in people]
    return [
        {
            "id": person.pk,
            "name": person.name,
            "role": ", ".join(str(role.label) for role in parts),
            "email": person.email,
        }
        for parts, person in sorted(told, key=lambda pair: _place(pair[0]))
        if parts
    ]


def _parts_played(person):
    parts = [Role(role) for role in person.roles or []]
    if person.applies or person.is_on_a_team:
        parts.append(Role.APPLICANT)
    if person.guards:
        parts.append(Role.GUARDIAN)
    if person.helps:
        parts.append(Role.HELPER)
    return sorted(parts, key=IN_THE_BAR.index)


IN_THE_BAR = [
    *[Role.CASEWORKER, Role.POOL_ADMIN, Role.APPROVER, Role.CHAIR, Role.MEMBER],
    *[Role.MUNICIPALITY_READER, Role.AUDITOR, Role.APPLICANT, Role.GUARDIAN, Role.HELPER],
]


def _place(parts):
    return IN_THE_BAR.index(parts[0]) if parts else len(IN_THE_BAR)
