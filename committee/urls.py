from django.urls import path

from committee.allocations import views as allocations
from committee.desk import views as desk
from committee.discussion import views as discussion
from committee.meetings import views as meetings
from committee.review import views as review

app_name = "committee"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("declare/", review.declare_all, name="declare_all"),
    path("posts/", review.posts, name="posts"),
    path("coverage/", review.coverage, name="coverage"),
    path("coverage/rule/<int:pk>/", review.rule, name="rule"),
    path("recompute/", allocations.recompute, name="recompute"),
    path("allocations/", allocations.allocations, name="allocations"),
    path("allocations/<slug:slug>/", allocations.allocation, name="allocation"),
    path("allocations/<slug:slug>/propose/", allocations.propose, name="propose"),
    path("allocations/<slug:slug>/drop/", allocations.drop, name="drop"),
    path("allocations/<slug:slug>/adopt/", allocations.adopt, name="adopt"),
    path("allocations/<slug:slug>/move/<str:reference>/", allocations.move, name="move"),
    path("allocations/<slug:slug>/election.pb", allocations.election, name="election"),
    path("allocations/<slug:slug>/receipt/", allocations.receipt, name="receipt"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/call/", meetings.call_meeting, name="call_meeting"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/calendar.ics", meetings.calendar_file, name="calendar"),
    path("meetings/<int:pk>/move/", meetings.move_meeting, name="move_meeting"),
    path("meetings/<int:pk>/cancel/", meetings.cancel_meeting, name="cancel_meeting"),
    path("meetings/<int:pk>/agenda/", meetings.put_on_agenda, name="put_on_agenda"),
    path("meetings/<int:pk>/open/", meetings.open_meeting, name="open_meeting"),
    path("meetings/<int:pk>/attendance/", meetings.attendance, name="attendance"),
    path("meetings/<int:pk>/end/", meetings.end_meeting, name="end_meeting"),
    path("meetings/<int:pk>/items/<int:item>/", meetings.item, name="meeting_item"),
    path("meetings/<int:pk>/items/<int:item>/anew/", meetings.take_anew, name="take_anew"),
    path("meetings/<int:pk>/items/<int:item>/vote/", meetings.change_vote, name="change_vote"),
    path("meetings/<int:pk>/items/<int:item>/close/", meetings.close_anew, name="close_anew"),
    path("meetings/<int:pk>/items/<int:item>/note/", meetings.note, name="note_item"),
    path("meetings/<int:pk>/minutes/", meetings.minutes_page, name="minutes"),
    path("meetings/<int:pk>/minutes.pdf", meetings.minutes_pdf, name="minutes_pdf"),
    path("meetings/<int:pk>/minutes/approve/", meetings.approve_minutes, name="approve_minutes"),
    path("<str:reference>/", desk.case, name="case"),
    path("<str:reference>/declare/", review.declare, name="declare"),
    path("<str:reference>/call-in/", review.call_in, name="call_in"),
    path("<str:reference>/files/<int:pk>/", desk.attachment, name="attachment"),
    path("<str:reference>/files/<int:pk>/thumbnail/", desk.thumbnail, name="thumbnail"),
    path("<str:reference>/remark/", discussion.remark, name="remark"),
    path("<str:reference>/recuse/", review.recuse, name="recuse"),
    path("<str:reference>/assess/", desk.assess, name="assess"),
    path("<str:reference>/vote/", desk.vote, name="vote"),
    path("<str:reference>/demand/", desk.demand, name="demand"),
    path("<str:reference>/close/", desk.close, name="close"),
]
