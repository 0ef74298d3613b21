from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from committee.discussion import actions, permissions
from committee.discussion.forms import RemarkForm
from grants.portal.kept import mark


@login_required
@require_http_methods(["GET", "POST"])
def remark(request, reference):
    """Write in the discussion. The form stands on the case page, and here when it was wrong."""
    window, member = permissions.thread_for_member(request.user, reference)
    application = window.application
    form = RemarkForm(request.POST if request.method == "POST" else None, window=window)
    if request.method == "POST" and form.is_valid():
        written = actions.write_remark(
            application, member=member, by=request.user, **form.cleaned_data
        )
        is_asked = written.kind == written.Kind.QUESTION
        messages.success(request, _("The secretariat is asked.") if is_asked else _("It is said."))
        return redirect(reverse("committee:case", args=[reference]) + "#discussion")
    context = {
        "application": application,
        "form": form,
        "writer": mark(request.user),
        "ended": permissions.write_obstacle(application),
    }
    return render(request, "committee/remark.html", context)
