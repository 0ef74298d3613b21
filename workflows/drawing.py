"""docs/lifecycle.md, drawn from the code."""

from django.apps import apps
from django.utils import translation

from workflows.lifecycle import Lifecycle, edges

HEAD = """# Lifecycles

Drawn from workflows/lifecycle.py by `make docs`; a test fails when this page is stale.
"""


def page():
    """The whole page: for each machine a diagram, and a table of its steps."""
    machines = [model for model in apps.get_models() if issubclass(model, Lifecycle)]
    with translation.override("en"):
        return "\n".join([HEAD, *(_machine(model) for model in sorted(machines, key=_size))])


def _size(model):
    return (-len(edges(model)), model.__name__)


def _machine(model):
    title = str(model._meta.verbose_name).capitalize()
    return "\n".join([f"## {title}", "", *_diagram(model), "", *_table(model), ""])


def _diagram(model):
    ways = [(e.source, target, e.name) for e in edges(model) for target in e.targets]
    first = model._meta.get_field("status").default
    arrows = [f"    {source} --> {target}: {name}" for source, target, name in ways]
    return ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}", *arrows, "```"]


def _table(model):
    yield "| step | button | from | to | who | unless |"
    yield "|---|---|---|---|---|---|"
    for edge in edges(model):
        who, to = ", ".join(sorted(edge.roles)), " or ".join(edge.targets)
        yield f"| {edge.name} | {edge.button} | {edge.source} | {to} | {who} | {edge.unless} |"
