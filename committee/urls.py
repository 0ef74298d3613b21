from django.urls import path

from committee.desk import views as desk

app_name = "committee"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("coverage/", desk.coverage, name="coverage"),
    path("<str:reference>/", desk.case, name="case"),
    path("<str:reference>/declare/", desk.declare, name="declare"),
    path("<str:reference>/files/<int:pk>/", desk.attachment, name="attachment"),
    path("<str:reference>/files/<int:pk>/thumbnail/", desk.thumbnail, name="thumbnail"),
    path("<str:reference>/recuse/", desk.recuse, name="recuse"),
    path("<str:reference>/vote/", desk.vote, name="vote"),
    path("<str:reference>/close/", desk.close, name="close"),
]
