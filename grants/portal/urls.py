from django.urls import include, path

from grants.portal.views import (
    answering,
    changing,
    checking,
    files,
    following,
    guardians,
    public,
    reporting,
    saying_yes,
    sending,
    starting,
    team,
)

app_name = "portal"

application = [
    path("", following.application, name="application"),
    path("letters/<int:pk>/", following.letter, name="letter"),
    # Writing it
    path("write/<slug:section>/", answering.write, name="write"),
    path("write/<slug:section>/save/", answering.save, name="save"),
    path("write/<slug:section>/changes/", answering.changes, name="changes"),
    # Sending it
    path("check/", sending.check, name="check"),
    path("submit/", sending.submit, name="submit"),
    path("receipt/", sending.receipt, name="receipt"),
    path("resubmit/", sending.resubmit, name="resubmit"),
    path("withdraw/", sending.withdraw, name="withdraw"),
    # Its files
    path("files/", files.files, name="files"),
    path("files/<int:pk>/", files.attachment, name="attachment"),
    path("files/<int:pk>/thumbnail/", files.thumbnail, name="thumbnail"),
    path("files/<int:pk>/remove/", files.remove, name="remove_file"),
    # Those who write and read along
    path("team/", team.team, name="team"),
    path("team/contact/", team.contact, name="contact"),
    path("team/<int:pk>/remove/", team.remove, name="remove_member"),
    path("team/<int:pk>/hand-over/", team.hand_over, name="hand_over"),
    # Somebody under 18
    path("guardian/", guardians.guardian, name="guardian"),
    path("guardian/<int:pk>/link/", guardians.send_link, name="send_consent_link"),
    path("guardian/<int:pk>/remove/", guardians.remove_guardian, name="remove_guardian"),
    path("consent/", guardians.consent, name="consent"),
    path("withdraw-consent/", guardians.withdraw_consent, name="withdraw_consent"),
    # The grant
    path("account/", saying_yes.account, name="account"),
    path("accept/", saying_yes.accept, name="accept"),
    path("decline/", saying_yes.decline, name="decline"),
    path("hearing/", following.hearing, name="hearing"),
    path("change/", changing.change, name="change"),
    path("change/<slug:kind>/", changing.change_to, name="change_to"),
    # The report
    path("report/", reporting.report, name="report"),
    path("report/<slug:part>/", reporting.part, name="report_part"),
    path("report/photos/<int:pk>/", reporting.agree_to_photo, name="agree_to_photo"),
]

urlpatterns = [
    path("", public.front, name="front"),
    path("calls/<slug:slug>/", public.call, name="call"),
    path("calls/<slug:slug>/check/", checking.can_we_apply, name="can_we_apply"),
    path("calls/<slug:slug>/apply/", starting.apply, name="apply"),
    path("verify/", public.verify, name="verify"),
    path("my/", following.home, name="home"),
    path("applications/<str:reference>/", include(application)),
    path("consent/<str:token>/", guardians.consent_by_link, name="consent_by_link"),
]
