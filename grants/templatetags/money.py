from django import template

from grants.pools.money import money as in_words

register = template.Library()


@register.filter
def money(amount, currency="DKK"):
    """{{ amount|money:currency }}: øre as people read them."""
    return in_words(amount, currency)
