from django import template
from django.utils.html import format_html

from grants.portal.kept import signed_mark

register = template.Library()


@register.simple_tag(takes_context=True)
def writer(context):
    """Whose form it is, so that what they wrote waits for them over a login (config/again.py)."""
    user = context["request"].user
    if not user.is_authenticated:
        return ""
    return format_html('<input type="hidden" name="writer" value="{}">', signed_mark(user))
