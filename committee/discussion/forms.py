from django import forms
from django.utils.translation import gettext_lazy as _

from committee.discussion.models import Remark


class RemarkForm(forms.Form):
    """window: as from votes.queries.windows; how the others voted is told once it is no secret."""

    text = forms.CharField(
        label=_("What do you want to say?"),
        help_text=_("The others see your name, and so that you have voted; never how."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write something first.")},
    )
    kind = forms.ChoiceField(
        label=_("To whom?"),
        choices=[
            (Remark.Kind.REMARK.value, _("To the committee")),
            (Remark.Kind.QUESTION.value, _("A question to the secretariat")),
        ],
        initial=Remark.Kind.REMARK.value,
        widget=forms.RadioSelect,
    )
    is_new_fact = forms.BooleanField(
        label=_("It is a fact that the case does not know: put it in its journal too"),
        required=False,
    )

    def __init__(self, *args, window, **kwargs):
        super().__init__(*args, **kwargs)
        if window.closed_at or window.follows_id:
            self.fields["text"].help_text = ""
