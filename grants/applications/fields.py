"""Fields for what people write about a project."""

from django import forms
from django.db.models import Exists, OuterRef
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.pools.models import Contribution, Municipality


class LimitedText(forms.CharField):
    """Text whose limit is told beforehand and never cut off by the browser."""

    def __init__(self, *, max_length, help_text="", **kwargs):
        limit = format_lazy(_("At most {most} characters."), most=max_length)
        told = format_lazy("{} {}", help_text, limit) if help_text else limit
        super().__init__(max_length=max_length, help_text=told, **kwargs)

    def widget_attrs(self, widget):
        return {"data-most": self.max_length}  # where JavaScript runs, it tells how many are left


class LongText(LimitedText):
    """Text of several lines."""

    def __init__(self, **kwargs):
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 6})} | kwargs)

    def to_python(self, value):
        # Browsers send two characters for each line break; people count one.
        return super().to_python(value).replace("\r\n", "\n")


class YesOrNo(forms.TypedChoiceField):
    """A question that is not answered before somebody has: True, False or None."""

    widget = forms.RadioSelect

    def __init__(self, **kwargs):
        super().__init__(
            choices=[("True", _("Yes")), ("False", _("No"))],
            coerce=lambda said: str(said) == "True",
            empty_value=None,
            **kwargs,
        )


class PercentField(forms.IntegerField):
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, **kwargs):
        super().__init__(min_value=1, max_value=100, **kwargs)

    def to_python(self, value):
        return super().to_python(value.replace("%", "") if isinstance(value, str) else value)

    def widget_attrs(self, widget):
        return {}


class SomePlace(forms.IntegerField):
    """A municipality by its id alone; that it exists is seen to where it is saved."""

    def __init__(self, **kwargs):
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)

    def clean(self, value):
        pk = super().clean(value)
        return None if pk is None else Municipality(pk=pk)


class Places:
    """The municipalities to choose among: those that pay into the pool first."""

    def __init__(self, pool):
        self.pool = pool

    @cached_property
    def by_pk(self):
        pays = Contribution.objects.filter(pool=self.pool, municipality=OuterRef("pk"))
        places = Municipality.objects.annotate(pays=Exists(pays)).order_by("place")
        return {str(place.pk): place for place in places}

    def field(self, **kwargs):
        return forms.TypedChoiceField(
            choices=self._choices,
            coerce=lambda pk: self.by_pk.get(str(pk), pk),
            empty_value=None,
            **{"required": False} | kwargs,
        )

    def _choices(self):
        ours = [(pk, place.name) for pk, place in self.by_pk.items() if place.pays]
        others = [(pk, place.name) for pk, place in self.by_pk.items() if not place.pays]
        groups = [(gettext("Part of the pool"), ours), (gettext("Other municipalities"), others)]
        return [("", gettext("Choose")), *[group for group in groups if group[1]]]
