"""The pages of the committee's meetings."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from committee.meetings import actions, calendar, forms, minutes, permissions, queries
from committee.votes import queries as votes
from grants.letters import actions as letters
from grants.letters.models import Letter
from workflows import clock
from workflows.machine import Refusal

HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


@login_required
@require_GET
def meetings(request):
    """What is called, what was held, and what to call one about."""
    committees = permissions.committees_of(request.user)
    found = permissions.meetings_read_by(request.user)
    context = {
        "to_come": [each for each in found if not (each.ended_at or each.cancelled_at)][::-1],
        "past": [each for each in found if each.ended_at or each.cancelled_at],
        "committees": committees,
        "led": permissions.committees_led_by(request.user),
        "seat": permissions.reader_of(request.user, committees[0]).member,
    }
    return render(request, "committee/meetings.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def call_meeting(request):
    """When, where and about what; then one mail to each member. ?committee: of several, which."""
    led = permissions.committees_led_by(request.user)
    wanted = request.GET.get("committee", "")
    committee = next((each for each in led if wanted in ("", str(each.pk))), None)
    if committee is None:
        raise Http404
    reader = permissions.reader_of(request.user, committee)
    candidates = queries.candidates(committee, reader)
    form = forms.CallForm(_posted(request), candidates=candidates)
    if form.is_valid():
        meeting = actions.call_meeting(committee, by=request.user, **form.given())
        messages.success(request, _("The meeting is called. Each member gets a mail."))
        return redirect("committee:meeting", meeting.pk)
    context = {"committee": committee, "seat": reader.member, "form": form}
    return render(request, "committee/meeting_call.html", context)


@login_required
@require_GET
def meeting(request, pk):
    """The meeting: what about, who is there, and how far it is."""
    found, reader = permissions.meeting_for(request.user, pk)
    there = queries.attending(found)
    context = _context(found, reader) | {
        "points": queries.points(found, reader),
        "there": there,
        "form": forms.AttendanceForm(attending=there),
        "day_has_come": queries.day_has_come(found),
    }
    return render(request, "committee/meeting.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def move_meeting(request, pk):
    found, reader = permissions.meeting_to_lead(request.user, pk)
    form = forms.TimeForm(_posted(request), initial=forms.time_of(found))
    if form.is_valid():
        actions.move_meeting(found, by=request.user, **form.given())
        messages.success(request, _("The meeting is moved. Each member gets a mail."))
        return redirect("committee:meeting", pk)
    return render(request, "committee/meeting_move.html", _context(found, reader) | {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def cancel_meeting(request, pk):
    found, reader = permissions.meeting_to_lead(request.user, pk)
    if request.method == "POST":
        actions.cancel_meeting(found, by=request.user)
        messages.success(request, _("The meeting is cancelled. Each member gets a mail."))
        return redirect("committee:meeting", pk)
    return render(request, "committee/meeting_cancel.html", _context(found, reader))


@login_required
@require_http_methods(["GET", "POST"])
def put_on_agenda(request, pk):
    """More to talk about."""
    found, reader = permissions.meeting_to_lead(request.user, pk)
    candidates = queries.candidates(found.committee, reader)
    form = forms.AgendaForm(_posted(request), candidates=candidates)
    if form.is_valid():
        actions.put_on_agenda(found, by=request.user, **form.cleaned_data)
        _tell_how_many(request, len(form.cleaned_data["chosen"]))
        return redirect("committee:meeting", pk)
    context = _context(found, reader) | {"form": form}
    return render(request, "committee/meeting_agenda.html", context)


@login_required
@require_POST
def open_meeting(request, pk):
    found, _reader = permissions.meeting_to_lead(request.user, pk)
    actions.open_meeting(found, by=request.user)
    messages.success(request, _("The meeting is open. Write down who is there."))
    return redirect("committee:meeting", pk)


@login_required
@require_POST
def attendance(request, pk):
    found, _reader = permissions.meeting_to_lead(request.user, pk)
    form = forms.AttendanceForm(request.POST, attending=queries.attending(found))
    if form.is_valid():
        actions.note_attendance(found, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
    return redirect("committee:meeting", pk)


@login_required
@require_http_methods(["GET", "POST"])
def end_meeting(request, pk):
    """Say what follows from it; then end it."""
    found, reader = permissions.meeting_to_lead(request.user, pk)
    if request.method == "POST":
        actions.end_meeting(found, by=request.user)
        messages.success(request, _("The meeting has ended. The minutes are a draft now."))
        return redirect("committee:minutes", pk)
    return render(request, "committee/meeting_end.html", _context(found, reader))


@login_required
@require_GET
def item(request, pk, item):
    """One application: how the vote went, the vote anew, and what was said."""
    found, reader = permissions.meeting_for(request.user, pk)
    point = _point(found, reader, item)
    return _item_page(request, found, reader, point)


@login_required
@require_POST
def take_anew(request, pk, item):
    """Save the note that was sent along; then begin the vote again."""
    found, reader = permissions.meeting_to_lead(request.user, pk)
    point = _point(found, reader, item)
    if wrong := _keep_note(request, reader, point):
        return _item_page(request, found, reader, point, note=wrong)
    actions.take_anew(point.item, by=request.user)
    said = _("The vote is taken anew. Members who are there can change theirs.")
    messages.success(request, said)
    return redirect("committee:meeting_item", pk, item)


@login_required
@require_POST
def change_vote(request, pk, item):
    found, reader = permissions.meeting_for(request.user, pk)
    point = _point(found, reader, item)
    if not (point.is_open and point.is_entitled):
        raise Http404
    form = _change_form(point, reader, request.POST)
    wrong = _keep_note(request, reader, point)
    if wrong or not form.is_valid():
        return _item_page(request, found, reader, point, change=form, note=wrong)
    try:
        actions.change_vote(point.item, member=reader.member, by=request.user, **form.given())
    except Refusal as refusal:
        form.add_error(None, refusal.sentence)
        return _item_page(request, found, reader, point, change=form)
    messages.success(request, _("Your vote is changed."))
    return redirect("committee:meeting_item", pk, item)


@login_required
@require_POST
def close_anew(request, pk, item):
    """Save the note that was sent along; then count."""
    found, reader = permissions.meeting_to_lead(request.user, pk)
    point = _point(found, reader, item)
    if wrong := _keep_note(request, reader, point):
        return _item_page(request, found, reader, point, note=wrong)
    actions.close_anew(point.item, by=request.user)
    messages.success(request, _("The vote is closed, and counts instead of the one before."))
    return redirect("committee:meeting_item", pk, item)


@login_required
@require_POST
def note(request, pk, item):
    found, reader = permissions.meeting_to_lead(request.user, pk)
    point = _point(found, reader, item)
    form = forms.NoteForm(request.POST)
    if not form.is_valid():
        return _item_page(request, found, reader, point, note=form)
    actions.save_note(point.item, by=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("committee:meeting_item", pk, item)


@login_required
@require_http_methods(["GET", "POST"])
def minutes_page(request, pk):
    """The minutes as the reader may read them; who leads the meeting writes them here."""
    found, reader = permissions.meeting_for(request.user, pk)
    if found.opened_at is None:
        raise Http404
    points = queries.points(found, reader)
    reads_all = not any(point.is_shut for point in points)
    form = None
    if reader.leads and reads_all and not found.approved_at:
        form = forms.MinutesForm(_posted(request), initial={"text": found.minutes})
        if form.is_valid():
            actions.save_minutes(found, by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("committee:minutes", pk)
    is_draft = found.ended_at and not found.approved_at
    context = _context(found, reader) | {
        "points": points,
        "there": queries.attending(found),
        "adopted": minutes.adopted_in(found),
        "reads_all": reads_all,
        "form": form,
        "approve_obstacle": permissions.approve_obstacle(found, request.user) if is_draft else "",
    }
    return render(request, "committee/minutes.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def approve_minutes(request, pk):
    """Say what cannot be undone; then approve."""
    found, reader = permissions.meeting_for(request.user, pk)
    if request.method == "POST":
        actions.approve_minutes(found, by=request.user)
        messages.success(request, _("The minutes are approved. Each member gets a mail."))
        return redirect("committee:minutes", pk)
    context = _context(found, reader) | {
        "obstacle": permissions.approve_obstacle(found, request.user),
    }
    return render(request, "committee/minutes_approve.html", context)


@login_required
@require_GET
def minutes_pdf(request, pk):
    """The approved minutes as they are kept, or the draft as it will look.

    Not before the applicant has been told for somebody to whom a point of it is shut.
    """
    found, reader = permissions.meeting_for(request.user, pk)
    if found.opened_at is None or any(each.is_shut for each in queries.points(found, reader)):
        raise Http404
    if found.letter is None:
        pdf = _draft(found, request.user.language)
    elif found.letter.pdf is None:
        messages.info(request, _("The PDF is being made. Try again in a minute."))
        return redirect("committee:minutes", pk)
    else:
        pdf = bytes(found.letter.pdf)
    disposition = f'inline; filename="{minutes.reference(found)}.pdf"'
    headers = HEADERS | {"Content-Disposition": disposition}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@login_required
@require_GET
def calendar_file(request, pk):
    """The meeting for one's own calendar: when and where, and nothing of what it is about."""
    found, _reader = permissions.meeting_for(request.user, pk)
    page = settings.SITE_URL + reverse("committee:meeting", args=[pk])
    appointment = calendar.Appointment(
        uid=f"meeting-{found.pk}@{settings.SITE_URL.partition('://')[2]}",
        sequence=found.sequence,
        is_cancelled=found.cancelled_at is not None,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        summary=_("%(committee)s meets") % {"committee": found.committee.name},
        place=found.place or found.link,
        page=page,
        description="\n".join(filter(None, [found.link, page])),
    )
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{_("meeting")}-{pk}.ics"'}
    return HttpResponse(calendar.file(appointment), content_type="text/calendar", headers=headers)


def _posted(request):
    return request.POST if request.method == "POST" else None


def _point(meeting, reader, pk):
    """The item; Http404 for what is shut to the reader."""
    point = queries.point_of(meeting, reader, pk)
    if point is None or point.is_shut:
        raise Http404
    return point


def _context(meeting, reader):
    return {"meeting": meeting, "reader": reader, "seat": reader.member}


def _keep_note(request, reader, point):
    """Save the note where one was sent with another act, and say so. What is wrong is the form."""
    form = forms.NoteForm(request.POST)
    if not (reader.leads and "text" in request.POST and form.has_changed()):
        return None
    if not form.is_valid():
        return form
    actions.save_note(point.item, by=request.user, **form.cleaned_data)
    point.item.refresh_from_db(fields=["note"])
    messages.success(request, _("The note for the minutes is saved."))
    return None


def _tell_how_many(request, count):
    if not count:
        messages.info(request, _("Nothing was chosen, so the agenda is as it was."))
        return
    said = ngettext(
        "%(count)s application is put on the agenda.",
        "%(count)s applications are put on the agenda.",
        count,
    )
    messages.success(request, said % {"count": count})


def _item_page(request, meeting, reader, point, *, change=None, note=None):
    may_vote = point.is_open and point.is_entitled
    there = queries.attending(meeting)
    is_there = reader.member in there.present
    context = _context(meeting, reader) | {
        "point": point,
        "is_there": is_there,
        "change": change or (_change_form(point, reader) if may_vote else None),
        "note": note or forms.NoteForm(initial={"text": point.item.note}),
        "writes": bool(reader.leads and meeting.opened_at and not meeting.approved_at),
        "is_held": bool(meeting.opened_at and not meeting.ended_at),
        "can_take_anew": queries.can_be_taken_anew(point),
    }
    return render(request, "committee/meeting_item.html", context)


def _change_form(point, reader, data=None):
    vote = votes.vote_of(point.anew, reader.member)
    return forms.ChangeForm(data, window=point.anew, vote=vote)


def _draft(meeting, language):
    from grants.letters import rendering  # takes a second and Pango, which other pages spare

    rendered = rendering.render(
        letters.draft(Letter.Kind.MINUTES, language, minutes.facts(meeting, language)),
        language=language,
        title=minutes.title(meeting, language),
        identifier=minutes.reference(meeting),
        created=clock.now(),
    )
    return rendered.pdf
