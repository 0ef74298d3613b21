from django.urls import include, path

from grants.portal.views import following, public, saying_yes, writing

app_name = "portal"

application = [
    path("", following.application, name="application"),
    path("letters/<int:pk>/", following.letter, name="letter"),
    # Writing it
    path("edit/", writing.edit, name="edit"),
    path("check/", writing.check, name="check"),
    path("submit/", writing.submit, name="submit"),
    path("resubmit/", writing.resubmit, name="resubmit"),
    path("withdraw/", writing.withdraw, name="withdraw"),
    # Somebody under 18
    path("guardian/", saying_yes.guardian, name="guardian"),
    path("consent/", saying_yes.consent, name="consent"),
    path("withdraw-consent/", saying_yes.withdraw_consent, name="withdraw_consent"),
    # The grant
    path("account/", saying_yes.account, name="account"),
    path("accept/", saying_yes.accept, name="accept"),
    path("decline/", saying_yes.decline, name="decline"),
    path("report/", following.report, name="report"),
    path("hearing/", following.hearing, name="hearing"),
]

urlpatterns = [
    path("", public.front, name="front"),
    path("calls/<slug:slug>/", public.call, name="call"),
    path("calls/<slug:slug>/apply/", writing.apply, name="apply"),
    path("verify/", public.verify, name="verify"),
    path("my/", following.home, name="home"),
    path("applications/<str:reference>/", include(application)),
]
