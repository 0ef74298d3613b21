"""The forms of the desk. They check what was typed; whether an act is allowed, the act knows."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from committee.discussion import queries as discussion
from committee.discussion.models import Remark
from committee.review import queries as review
from committee.review.forms import CallInForm, RulingForm
from grants.applications.models import Application
from grants.applications.sections import SECTIONS
from grants.decisions.models import ChangeRequest
from grants.pools.forms import MoneyField
from grants.pools.models import Call, Criterion, Guideline, Municipality
from grants.pools.money import money, ore
from workflows import clock


class DayField(forms.DateField):
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def words(rows=5):
    return forms.Textarea(attrs={"rows": rows})


class Filters(forms.Form):
    """What the list of cases can be narrowed by; all of it stands in the address."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=200,  # each word is a condition: thousands of them keep a process for minutes
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    call = forms.ModelChoiceField(
        Call.objects.none(), label=_("Call"), required=False, empty_label=_("All calls")
    )
    art_form = forms.ChoiceField(
        label=_("Art form"),
        required=False,
        choices=[("", _("All art forms")), *Application.ArtForm.choices],
    )
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=_("Municipality"),
        required=False,
        empty_label=_("All municipalities"),
    )
    status = forms.CharField(required=False, widget=forms.HiddenInput)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, pools):
        super().__init__(data)
        self.fields["call"].queryset = Call.objects.filter(pool__in=pools)
        self.fields["municipality"].queryset = Municipality.objects.filter(
            contributions__pool__in=pools
        ).distinct()


class StepForm(forms.Form):
    """A form about one case."""

    def __init__(self, *args, application, **kwargs):
        self.application = application
        super().__init__(*args, **kwargs)


class AskForMore(StepForm):
    question = forms.CharField(
        label=_("What is missing?"),
        help_text=_("The applicant reads this. Say what to do, one thing at a time."),
        max_length=2000,
        widget=words(),
    )
    sections = forms.MultipleChoiceField(
        label=_("What can be changed meanwhile?"),
        help_text=_("Only these are opened for the applicant. Choose none to open all of it."),
        required=False,
        choices=[(section.code, section.name) for section in SECTIONS.values()],
        widget=forms.CheckboxSelectMultiple,
    )
    answer_by = DayField(label=_("Answer by"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer_by"].initial = clock.today() + timedelta(days=14)

    def clean_answer_by(self):
        if self.cleaned_data["answer_by"] <= clock.today():
            raise forms.ValidationError(_("Choose a date after today."))
        return self.cleaned_data["answer_by"]


class OpenReview(forms.Form):
    closes_at = forms.DateTimeField(
        label=_("The vote closes"),
        help_text=_("Leave it empty for the number of days that the committee has set."),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )

    def clean_closes_at(self):
        closes_at = self.cleaned_data["closes_at"]
        if closes_at and closes_at <= clock.now():
            raise forms.ValidationError(_("Choose a time that lies ahead."))
        return closes_at


class OpenOneReview(StepForm, OpenReview):
    pass


class SettleDoubt(StepForm, RulingForm):
    """Which member's doubt, where several are unsure, and how it is settled."""

    declaration = forms.TypedChoiceField(
        label=_("Who is unsure, and of what?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose whose doubt it is."),
            "invalid_choice": _("It is settled already. Look at the case."),
        },
    )
    field_order = ["declaration"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        doubts = {doubt.pk: doubt for doubt in review.doubts(self.application)}
        field = self.fields["declaration"]
        field.choices = [(pk, f"{doubt.member}: {doubt.note}") for pk, doubt in doubts.items()]
        field.coerce = lambda pk: doubts[int(pk)]
        if len(doubts) == 1:
            field.initial = next(iter(doubts))


class CallIn(CallInForm):
    def __init__(self, *args, application, **kwargs):
        super().__init__(*args, window=review.window_for(application), **kwargs)


class Decide(StepForm):
    """The decision and its reasons (forvaltningsloven § 24).

    Which reasons are wanted hangs on the amount: it is read first, from what was typed.
    """

    use_required_attribute = False  # the browser does not know the amount's meaning

    amount = MoneyField(label=_("Amount in kroner"), help_text=_("0 is a rejection."), zero=True)
    guideline = forms.ModelChoiceField(
        Guideline.objects.none(),
        label=_("The guideline it rests on"),
        help_text=_("Guideline, criterion and fact are needed for less than was applied for."),
        empty_label=_("None"),
        error_messages={"required": _("Choose the guideline that the decision rests on.")},
    )
    criterion = forms.ModelChoiceField(
        Criterion.objects.none(),
        label=_("The criterion that weighed most"),
        empty_label=_("None"),
        error_messages={"required": _("Choose the criterion that weighed most.")},
    )
    fact = forms.CharField(
        label=_("The fact of the case"),
        help_text=_("What in this application decided it. It stands in the letter."),
        error_messages={"required": _("Write which fact of the case decided it.")},
        max_length=2000,
        widget=words(),
    )
    deviation_reason = forms.CharField(
        label=_("Why it deviates from the recommendation"),
        help_text=_("Needed when the amount is not the recommended one. It stands in the letter."),
        error_messages={"required": _("Say why it deviates from the recommendation.")},
        max_length=2000,
        widget=words(3),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        call = self.application.call
        self.recommendation = self.application.recommendations.first()
        recommended = self.recommendation.amount if self.recommendation else 0
        self.fields["amount"].initial = recommended
        self.fields["guideline"].queryset = Guideline.objects.filter(pool=call.pool)
        self.fields["criterion"].queryset = Criterion.objects.filter(call=call)
        amount = self._amount_typed(recommended)
        for reason in ("guideline", "criterion", "fact"):
            self._want(reason, when=amount < self.application.amount_applied_for)
        self._want("deviation_reason", when=amount != recommended)
        if self.recommendation is None:
            del self.fields["deviation_reason"]

    def _want(self, reason, *, when):
        self.fields[reason].required = when
        self.fields[reason].is_conditional = True  # its help says when; nobody may "skip" it

    def _amount_typed(self, otherwise):
        try:
            return ore(self.data["amount"])
        except (KeyError, ValueError):
            return otherwise

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        applied_for = self.application.amount_applied_for
        if amount > applied_for:
            raise forms.ValidationError(
                _("Nobody can be given more than was applied for: %(amount)s.")
                % {"amount": money(applied_for, self.application.currency)}
            )
        if amount and self.recommendation is None:
            raise forms.ValidationError(
                _("Without a recommendation it can only be rejected, on formal grounds. Write 0.")
            )
        return amount


class AnswerChange(StepForm):
    """Yes or no to what the grantee asks to have changed."""

    # Which request was read: another one is not answered by it.
    request = forms.ModelChoiceField(
        ChangeRequest.objects.none(),
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": _("It has been answered already. Look at the case.")},
    )
    is_granted = forms.TypedChoiceField(
        label=_("Your answer"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    answer = forms.CharField(
        label=_("What the letter says about it"),
        help_text=_("A no wants its reason. With a yes it can be empty."),
        max_length=2000,
        required=False,
        widget=words(),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        waiting = self.application.change_requests.filter(answered_at=None)
        self.fields["request"].queryset = waiting
        self.initial["request"] = waiting.first()
        self.fields["answer"].is_conditional = True

    def clean(self):
        said = self.cleaned_data
        if said.get("is_granted") is False and not said.get("answer", "").strip():
            self.add_error("answer", _("Say why not: it stands in the letter."))


class AnswerQuestion(StepForm):
    """An answer to one of the questions that the committee has asked."""

    question = forms.ModelChoiceField(
        Remark.objects.none(),
        label=_("The question"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("It has been answered already. Look at the case.")},
    )
    text = forms.CharField(
        label=_("Your answer"),
        help_text=_("Members who have voted read it. Tell no address and no protected name."),
        max_length=2000,
        widget=words(),
    )
    is_new_fact = forms.BooleanField(
        label=_("It is new to the case: write it in the journal as a note too"), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        case = Application.objects.filter(pk=self.application.pk)
        question = self.fields["question"]
        question.queryset = discussion.waiting(case)
        question.label_from_instance = lambda asked: asked.text
        question.initial = question.queryset.first()


class Hear(StepForm):
    text = forms.CharField(
        label=_("What do you consider, and why?"),
        help_text=_("The applicant reads this and has fourteen days to answer."),
        max_length=3000,
        widget=words(8),
    )


class Reclaim(StepForm):
    amount = MoneyField(label=_("Amount in kroner"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"].initial = self.application.amount_paid()

    def clean_amount(self):
        paid = self.application.amount_paid()
        if not 0 < self.cleaned_data["amount"] <= paid:
            raise forms.ValidationError(
                _("Write an amount above 0 and at most what has been paid out: %(amount)s.")
                % {"amount": money(paid, self.application.currency)}
            )
        return self.cleaned_data["amount"]


class Reopen(StepForm):
    reason = forms.CharField(
        label=_("Why is the case taken up again?"),
        help_text=_("It is kept as a note in the case."),
        max_length=4000,
        widget=words(),
    )


class Note(StepForm):
    text = forms.CharField(
        label=_("Note"),
        help_text=_("It becomes part of the case and cannot be changed later."),
        max_length=4000,
        widget=words(),
    )
