"""The first question and what follows from it. Whether an act is allowed, the act knows."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committee.review import queries
from committee.review.coverage import open_places, state_shown
from committee.review.models import Declaration, Recusal

Answer = Declaration.Answer

# What each answer comes to, so that nobody has to look it up.
ANSWERS = {
    Answer.CLEAR: _("No conflict: I can read it and vote"),
    Answer.CONFLICT: _("Conflict: I stand aside, and cannot take it back"),
    Answer.UNSURE: _("Unsure: somebody else settles it, and it stays shut until then"),
}


# Recusal.Ground says it as the member would; this is said about somebody else.
GROUNDS_OF_ANOTHER = {
    Recusal.Ground.OWN_INTEREST: _("The member has an interest in it"),
    Recusal.Ground.FAMILY: _("Family of the member or somebody close applies or takes part"),
    Recusal.Ground.ASSOCIATION: _("The member leads or works for an association in it"),
    Recusal.Ground.OTHER_DOUBT: _("Something else could raise doubt about the member"),
}


class GroundField(forms.ChoiceField):
    """Wanted only with one of the answers before it, so nobody is told that it can be skipped."""

    widget = forms.RadioSelect
    is_conditional = True

    def __init__(self, **options):
        super().__init__(required=False, **options)


class RecusalForm(forms.Form):
    use_required_attribute = False

    ground = forms.ChoiceField(
        label=_("Why do you stand aside?"),
        choices=Recusal.Ground,
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
        error_messages={"required": _("Say why you stand aside.")},
    )


class DeclarationForm(forms.Form):
    """The first question about one application; gives what actions.declare takes.

    answers: those that can be given now. A form that is not about one thing alone has a heading,
    `called`, and can be left unanswered.
    """

    use_required_attribute = False  # the browser does not know what goes with which answer

    answer = forms.ChoiceField(
        label=_("Do you have a conflict?"),
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
        error_messages={"required": _("Choose one of the answers.")},
    )
    ground = GroundField(label=_("Why do you stand aside?"), choices=Recusal.Ground)
    note = forms.CharField(
        label=_("What makes you unsure?"),
        help_text=_("Only those who settle it read this: the chair or the secretariat."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, answers=tuple(ANSWERS), called="", **kwargs):
        super().__init__(*args, empty_permitted=bool(called), **kwargs)
        self.called = called
        self.fields["answer"].choices = [(answer, ANSWERS[answer]) for answer in answers]
        self.fields["note"].is_conditional = True

    def clean(self):
        told = self.cleaned_data
        answer = told.get("answer")
        if answer == Answer.CONFLICT and "ground" in told and not told["ground"]:
            self.add_error("ground", _("Say why you stand aside."))
        if answer == Answer.UNSURE and "note" in told and not told["note"]:
            self.add_error("note", _("Write what makes you unsure."))


class DeclarationForms:
    """The first question about several applications: a form each, as one to the error summary.

    asked: [(window, member)], as from permissions.first_questions_of. rows: [(window, member,
    form)] of those that are not answered yet.
    """

    non_field_errors = ()

    def __init__(self, asked, data=None):
        self.rows = [
            (window, member, self._form(window.application, data)) for window, member in asked
        ]

    def __iter__(self):
        return (field for _window, _member, form in self.rows for field in form)

    @property
    def errors(self):
        return [form.errors for _window, _member, form in self.rows if form.errors]

    def given(self):
        """[(application, member, what actions.declare takes)] of the rows that are answered."""
        return [
            (window.application, member, form.cleaned_data)
            for window, member, form in self.rows
            if form.has_changed() and form.is_valid()
        ]

    def take(self, given, refused):
        """Leave out what was given; what was refused stays, with its sentence.

        refused: {application's pk: sentence}, as from actions.declare_each.
        """
        saved = {application.pk for application, _member, _told in given} - refused.keys()
        self.rows = [row for row in self.rows if row[0].application_id not in saved]
        for window, _member, form in self.rows:
            if sentence := refused.get(window.application_id):
                form.add_error("answer", sentence)
        return len(saved)

    def _form(self, application, data):
        return DeclarationForm(data, prefix=f"case-{application.pk}", called=application.title)


class PostsForm(forms.Form):
    posts = forms.CharField(
        label=_("Where else do you have a post?"),
        help_text=_(
            "Associations, institutions and places that you lead or work for, one a line. "
            "A CVR number helps."
        ),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean_posts(self):
        lines = (" ".join(line.split()) for line in self.cleaned_data["posts"].splitlines())
        return "\n".join(line for line in lines if line)


class RulingForm(forms.Form):
    """Settles a doubt; gives what actions.rule takes."""

    use_required_attribute = False

    is_recused = forms.TypedChoiceField(
        label=_("What do you settle?"),
        choices=[("no", _("The member can take part")), ("yes", _("The member stands aside"))],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect(attrs={"class": "tickets"}),
        error_messages={"required": _("Choose one of the answers.")},
    )
    ground = GroundField(label=_("On what ground?"), choices=GROUNDS_OF_ANOTHER)
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("The member can read the reason."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the reason.")},
    )

    def clean(self):
        told = self.cleaned_data
        if told.get("is_recused") and not told.get("ground"):
            self.add_error("ground", _("Say on what ground the member stands aside."))
        if not told.get("is_recused"):
            told.pop("ground", None)


class CallInForm(forms.Form):
    """Who takes whose place; offers only those who can.

    window: as from review.queries.windows; None offers nobody.
    """

    use_required_attribute = False

    def __init__(self, *args, window, **kwargs):
        super().__init__(*args, **kwargs)
        bench, places = (queries.bench(window), open_places(window)) if window else (None, [])
        members = {member.pk: member for member, _substitutes in places}
        substitutes = {each.pk: each for _member, free in places for each in free}
        self.fields["member"] = _SeatField(
            members,
            label=_("Whose place?"),
            say=lambda seat: state_shown(bench.state_of(seat), seat)[1],
            error_messages={"required": _("Choose whose place it is.")},
        )
        self.fields["substitute"] = _SeatField(
            substitutes,
            label=_("Who takes it?"),
            say=lambda seat: seat.get_seat_display(),
            error_messages={"required": _("Choose who takes it.")},
        )

    def clean(self):
        member, substitute = (self.cleaned_data.get(name) for name in ("member", "substitute"))
        if member and substitute and member.seat != substitute.seat:
            self.add_error("substitute", _("Choose a substitute with the same kind of seat."))


class _SeatField(forms.TypedChoiceField):
    """One of these {pk: Member}, by name; `say` tells more about each."""

    def __init__(self, seats, *, say, **options):
        choices = [(pk, f"{seat} ({say(seat)})") for pk, seat in seats.items()]
        if len(choices) > 1:
            choices.insert(0, ("", gettext("Choose")))
        super().__init__(choices=choices, coerce=lambda pk: seats[int(pk)], **options)
