from django.urls import path

from secretariat.views import announcing, bulk, cases, demo, start, steps

app_name = "desk"

urlpatterns = [
    # the working list
    path("", cases.work, name="cases"),
    path("bulk/", bulk.bulk, name="bulk"),
    # one case
    path("cases/<str:reference>/", cases.case, name="case"),
    path("cases/<str:reference>/letters/<int:pk>/", cases.letter, name="letter"),
    path("cases/<str:reference>/files/<int:pk>/", cases.attachment, name="attachment"),
    path("cases/<str:reference>/files/<int:pk>/thumbnail/", cases.thumbnail, name="thumbnail"),
    path("cases/<str:reference>/letter/", steps.standing_letter, name="standing_letter"),
    path("cases/<str:reference>/decide/letter/", steps.letter_in_mind, name="letter_in_mind"),
    path("cases/<str:reference>/answer_change/letter/", steps.change_letter, name="change_letter"),
    path("cases/<str:reference>/<str:name>/", steps.step, name="act"),
    # many letters at once
    path("announce/", announcing.announce, name="announce"),
    # just logged in
    path("start/", start.start, name="start"),
    # the demo only: 404 outside it
    path("become/", demo.become, name="become"),
    path("mails/", demo.mails, name="mails"),
]
