"""What a pool administrator fills in: amounts in kroner, and sentences that say what to do."""

import re

from django import forms
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.models import Applicant
from grants.pools.forms import MoneyField
from grants.pools.models import BlackOut, Call, Contribution, Example, Question
from grants.pools.money import money

# What a condition can ask about besides other questions of the call.
STANDARD = ("kind", "art_form", "is_public")
CHOOSING = {Question.Kind.CHOICE, Question.Kind.SEVERAL}
OPTION_CODE = re.compile(r"[a-z0-9_-]{1,60}")


class CallForm(forms.ModelForm):
    """A call with its rules. What the database would refuse is said here before."""

    budget = MoneyField(label=gettext_lazy("Budget in kroner"), zero=True)
    least_amount = MoneyField(
        label=gettext_lazy("Least that can be applied for, in kroner"), initial=50_000
    )
    greatest_amount = MoneyField(label=gettext_lazy("Most that can be applied for, in kroner"))
    greatest_budget = MoneyField(
        label=gettext_lazy("Most that the whole project may cost, in kroner"),
        required=False,
        help_text=gettext_lazy("Empty: no limit."),
    )
    surplus_to_keep = MoneyField(
        label=gettext_lazy("Surplus that may be kept, in kroner"), zero=True, initial=50_000
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Who can apply"),
        choices=Applicant.Kind.choices,
        initial=Applicant.Kind.values,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Call
        fields = [
            *["pool", "title", "title_en", "slug", "summary", "summary_en"],
            *["opens_at", "closes_at", "grace_minutes", "answer_by", "days_to_answer"],
            *["budget", "least_amount", "greatest_amount"],
            *["age_from", "age_to", "kinds", "residence", "awards_per_year"],
            *["days_before_start", "least_municipalities", "must_be_public"],
            *["greatest_budget", "allows_own_wages", "most_files", "largest_file"],
            *["advance_percent", "days_to_accept", "days_to_report", "surplus_to_keep"],
            *["free_change_percent", "conditions", "conditions_en"],
        ]
        labels = {
            "title": gettext_lazy("Title in Danish"),
            "summary": gettext_lazy("In short, in Danish"),
            "conditions": gettext_lazy("Conditions in Danish, one a line"),
            "age_from": gettext_lazy("From how many years"),
            "age_to": gettext_lazy("To how many years"),
            "residence": gettext_lazy("Does it have to belong to the pool's municipalities?"),
            "awards_per_year": gettext_lazy("Grants that one contact can get in a year"),
            "days_before_start": gettext_lazy("Days from sending to the first day of the project"),
            "least_municipalities": gettext_lazy("Municipalities that it has to happen in"),
            "must_be_public": gettext_lazy("It has to be open to the public"),
            "allows_own_wages": gettext_lazy("The money can be used for wages to the applicants"),
        }
        help_texts = {
            "age_from": gettext_lazy(
                "The contact's age on the day of sending, both ends included."
            ),
            "awards_per_year": gettext_lazy("Empty: as many as the committee wants to give."),
            "days_before_start": gettext_lazy("0: it can begin on the same day."),
            "closes_at": gettext_lazy("Empty: one can always apply."),
            "days_to_answer": gettext_lazy("For a call without a deadline."),
            "grace_minutes": gettext_lazy(
                "A draft that was begun in time can be sent so long after the deadline. "
                "Nobody is told."
            ),
        }

    def clean_budget(self):
        budget = self.cleaned_data["budget"]
        given = self._given()
        if budget < given:
            raise ValidationError(
                _("%(given)s has been given from this call. The budget cannot be below that.")
                % {"given": money(given, self.instance.pool.currency)}
            )
        return budget

    def clean_awards_per_year(self):
        most = self.cleaned_data["awards_per_year"]
        if most == 0:
            raise ValidationError(
                _("With 0 nobody could get a grant. Write 1 or more, or nothing.")
            )
        return most

    def clean(self):
        told = super().clean()
        self._in_order(
            "age_from", "age_to", _("The youngest is older than the oldest. Correct one of them.")
        )
        self._in_order(
            *["least_amount", "greatest_amount"],
            _("The most is less than the least. Correct one of them."),
        )
        self._in_order(
            *["least_amount", "greatest_budget"],
            _("A project may cost less than the least that can be applied for. Write more."),
        )
        self._in_order(
            "opens_at", "closes_at", _("It closes before it opens. Correct one of them.")
        )
        pool, residence = told.get("pool"), told.get("residence")
        wants_municipalities = residence and residence != Call.Residence.ANYWHERE
        if pool and wants_municipalities and not pool.municipality_keys():
            self.add_error(
                "residence",
                _("No municipality pays into the pool yet. Write their contributions first."),
            )
        return told

    def _in_order(self, less, more, sentence):
        first, second = self.cleaned_data.get(less), self.cleaned_data.get(more)
        if None not in (first, second) and second < first:
            self.add_error(more, sentence)

    def _given(self):
        if not self.instance.pk:
            return 0
        return (
            self.instance.grants.filter(ended_at=None).aggregate(s=Sum("amount_awarded"))["s"] or 0
        )


class BlackOutForm(forms.ModelForm):
    class Meta:
        model = BlackOut
        fields = ["starts_on", "ends_on", "reason", "reason_en"]

    def clean(self):
        told = super().clean()
        first, last = told.get("starts_on"), told.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("It ends before it begins. Correct one of the dates."))
        return told


class ContributionForm(forms.ModelForm):
    amount = MoneyField(label=gettext_lazy("amount in kroner"), zero=True)

    class Meta:
        model = Contribution
        fields = ["municipality", "year", "amount"]


class ExampleForm(forms.ModelForm):
    amount = MoneyField(label=gettext_lazy("amount in kroner"))

    class Meta:
        model = Example
        fields = ["title", "text", "text_en", "amount", "municipality", "year"]


class QuestionForm(forms.ModelForm):
    """A question of a call. Its options are typed one a line: code | Danish | English."""

    typed_options = forms.CharField(
        label=gettext_lazy("Options, one a line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 60}),
        help_text=gettext_lazy(
            "For one or several of several. Each line: code | Danish | English. "
            "Like: bus | Med bus | By bus"
        ),
    )

    class Meta:
        model = Question
        fields = [
            *["call", "code", "kind", "text", "text_en", "help", "help_en", "typed_options"],
            *["most", "is_required", "ask_if", "ask_if_answer", "position", "is_retired"],
        ]
        labels = {
            "text": gettext_lazy("Question in Danish"),
            "help": gettext_lazy("Help in Danish"),
            "is_retired": gettext_lazy("It is no longer asked"),
        }
        help_texts = {
            "code": gettext_lazy("A short name that stays, in small letters, like transport."),
            "most": gettext_lazy("For short and long text."),
            "ask_if": gettext_lazy(
                "The code of another question of the call, or kind, art_form or is_public. "
                "Empty: it is always asked."
            ),
            "ask_if_answer": gettext_lazy("The code of the answer; yes or no for is_public."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["typed_options"].initial = "\n".join(
            " | ".join(option) for option in self.instance.options
        )

    def clean_code(self):
        code = self.cleaned_data["code"]
        if code in STANDARD:
            raise ValidationError(_("This is the name of a standard question. Take another one."))
        return code

    def clean_typed_options(self):
        """[[code, Danish, English]]"""
        lines = self.cleaned_data["typed_options"].splitlines()
        options = [[part.strip() for part in line.split("|")] for line in lines if line.strip()]
        for option in options:
            if len(option) != 3 or not all(option) or not OPTION_CODE.fullmatch(option[0]):
                raise ValidationError(
                    _("Write this line as code | Danish | English, the code in small letters: %s")
                    % " | ".join(option)
                )
        codes = [code for code, *_words in options]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValidationError(_("This code is there twice: %s") % ", ".join(twice))
        return options

    def clean(self):
        told = super().clean()
        self._options_fit_the_kind()
        # An older question keeps its call and its code, so they are not on its form.
        call, code = told.get("call"), told.get("code")
        if self.instance.pk:
            call, code = self.instance.call, self.instance.code
        if call and code:
            others = _asked_in(call)
            self._is_new(call, code)
            self._condition_fits({each.code: each for each in others if each.code != code}, code)
        return told

    def save(self, commit=True):
        self.instance.options = self.cleaned_data["typed_options"]
        return super().save(commit)

    def _options_fit_the_kind(self):
        kind, options = self.cleaned_data.get("kind"), self.cleaned_data.get("typed_options")
        if options is None or kind is None:
            return
        if kind in CHOOSING and len(options) < 2:
            self.add_error("typed_options", _("Write at least two options to choose among."))
        if kind not in CHOOSING and options:
            self.add_error("typed_options", _("This kind of question has no options. Empty this."))

    def _is_new(self, call, code):
        if not self.instance.pk and call.questions.filter(code=code).exists():
            self.add_error(
                "code", _("The call has a question with this code. Change that one instead.")
            )

    def _condition_fits(self, others, code):
        told = self.cleaned_data
        if told.get("is_retired"):
            waiting = sorted(each.code for each in others.values() if each.ask_if == code)
            if waiting:
                self.add_error(
                    "is_retired",
                    _("Other questions are asked because of it. Change them first: %s")
                    % ", ".join(waiting),
                )
        name, answer = told.get("ask_if"), told.get("ask_if_answer")
        if not name:
            if answer:
                self.add_error("ask_if", _("Say which question has to have this answer."))
            return
        if name not in others and name not in STANDARD:
            self.add_error("ask_if", _("There is no such question in this call."))
        elif code in _asked_before(name, others):
            self.add_error("ask_if", _("That question is asked because of this one."))
        else:
            self._answer_fits(name, answer, others)

    def _answer_fits(self, name, answer, others):
        possible = _answers_to(name, others)
        if not answer:
            self.add_error("ask_if_answer", _("Say which answer it has to have."))
        elif possible is not None and answer not in possible:
            self.add_error(
                "ask_if_answer",
                _("That is no answer to it. Choose among: %s") % ", ".join(possible),
            )


def _asked_in(call):
    """The questions that a call asks now: the newest versions, less the retired ones."""
    newest = call.questions.order_by("code", "-version").distinct("code")
    return [question for question in newest if not question.is_retired]


def _asked_before(name, others):
    """The codes of the questions that have to be asked for this one to be, itself included."""
    seen = []
    while name in others and name not in seen:
        seen.append(name)
        name = others[name].ask_if
    return [*seen, name]


def _answers_to(name, others):
    """The codes that can be answered, or None where people write what they like."""
    if name == "kind":
        return list(Applicant.Kind.values)
    if name == "is_public":
        return ["yes", "no"]
    if name == "art_form":
        # By name: an application is of a corner above.
        field = apps.get_model("grants", "Application")._meta.get_field("art_form")
        return [code for code, _label in field.choices]
    question = others[name]
    return [code for code, *_words in question.options] if question.kind in CHOOSING else None
