from django import template

from grants.applications.files import KINDS

register = template.Library()


@register.filter
def kind_of_file(attachment):
    """ "Picture": what people call this type of file."""
    return KINDS[attachment.content_type].name


@register.filter
def suffix(attachment):
    """ "docx": the end of its name, which is always that of its type."""
    return attachment.name.rpartition(".")[2]


@register.filter
def is_picture(attachment):
    return attachment.content_type.startswith("image/")
