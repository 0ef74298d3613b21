"""Form fields for what pools are made of: money as people type it."""

from decimal import Decimal

from babel.numbers import format_decimal
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from grants.pools.money import locale, ore


class MoneyField(forms.CharField):
    """An amount as a person types it ("12.500 kr."); cleaned it is whole øre, or None."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {
        "invalid": _("Write an amount in kroner, with digits only, like 2500."),
        "zero": _("Write an amount above zero."),
    }

    def __init__(self, *, zero=False, **kwargs):
        super().__init__(**{"max_length": 24} | kwargs)
        self.zero = zero

    def clean(self, value):
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            amount = ore(text)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if not amount and not self.zero:
            raise ValidationError(self.error_messages["zero"], code="zero")
        return amount

    def has_changed(self, initial, data):
        """Whether it is another amount, however it is typed."""
        try:
            return (ore(data) if data else None) != initial
        except ValueError:
            return True

    def prepare_value(self, value):
        """Øre from the database as kroner; what a person typed stays as it was typed."""
        return in_kroner(value) if isinstance(value, int) else value


def in_kroner(amount):
    """1250050 øre as "12.500,50", the way it would be typed; whole kroner without decimals."""
    pattern = "#,##0.00" if amount % 100 else "#,##0"
    return format_decimal(Decimal(amount) / 100, format=pattern, locale=locale())
