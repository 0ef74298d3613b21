"""What a committee does together: it meets, and adopts an allocation."""

from datetime import timedelta

from committee.allocations import actions as allocations
from committee.meetings import actions as meetings
from committee.votes import queries as votes
from workflows import clock

TWO_HOURS = timedelta(hours=2)
PLACE = "Rådhuset i Hvidovre, lokale 2"
# Minutes after nine, on the days of the calendar: the votes have closed by then.
MEETS, ADOPTS, CALLS_THE_NEXT = 5 * 60, 8 * 60, 3 * 60


class Sittings:
    """Of one call. The chair leads, and the minutes are approved on the day after."""

    def __init__(self, pool_setting, call, calendar):
        self.setting = pool_setting
        self.call = call
        self.calendar = calendar
        self.meeting = None

    def plan(self, diary, *, talks_about=None):
        """talks_about: the case that is talked about in a meeting before the call is allocated."""
        if talks_about:
            called = self.calendar.moment("voted", minutes=CALLS_THE_NEXT)
            held = self.calendar.moment("adopted", minutes=MEETS)
            diary.write(called, self.call_together, held)
            diary.write(held, self.hold, talks_about)
        diary.write(self.calendar.moment("adopted", minutes=ADOPTS), self.adopt)
        if talks_about:
            approved = self.calendar.moment("minutes_approved", minutes=CALLS_THE_NEXT)
            diary.write(approved, self.approve)

    def plan_the_next(self, diary, *, talks_about, days):
        """A meeting so many days ahead, about a case that waits for an allocation."""
        called = self.calendar.moment("closed_later", minutes=CALLS_THE_NEXT)
        starts_at = clock.now().replace(hour=15, minute=0, second=0, microsecond=0)
        diary.write(called, self.call_together, starts_at + timedelta(days=days), talks_about)

    def call_together(self, starts_at, talks_about=None):
        self.meeting = meetings.call_meeting(
            self.setting.pool.committee,
            by=self.setting.chair,
            starts_at=starts_at,
            ends_at=starts_at + TWO_HOURS,
            place=PLACE,
            chosen=[talks_about.application.reference] if talks_about else (),
        )

    def hold(self, talks_about):
        """All but one are there; a vote is taken anew, and one member scores higher."""
        chair = self.setting.chair
        meetings.open_meeting(self.meeting, by=chair)
        there = self.setting.members[:-1]
        meetings.note_attendance(self.meeting, present=[each.pk for each in there], by=chair)
        meetings.put_on_agenda(self.meeting, by=chair, chosen=[talks_about.application.reference])
        item = self.meeting.items.get(application=talks_about.application)
        window = meetings.take_anew(item, by=chair)
        item.refresh_from_db()
        self._score_higher(item, votes.windows().get(pk=window.pk), there)
        meetings.close_anew(item, by=chair)
        meetings.save_note(
            item,
            text="De unge lægger vægt på, at projektet samler folk, der ikke mødes ellers.",
            by=chair,
        )
        meetings.end_meeting(self.meeting, by=chair)
        talks_about.application.refresh_from_db()

    def _score_higher(self, item, window, there):
        vote = next(each for each in window.votes.all() if each.choice == "for")
        member = next(each for each in there if each.pk == vote.member_id)
        meetings.change_vote(
            item,
            member=member,
            by=member.user,
            choice=vote.choice,
            amount=vote.amount,
            scores={key: min(score + 1, 5) for key, score in vote.scores.items()},
        )

    def approve(self):
        chair = self.setting.chair
        meetings.save_minutes(
            self.meeting,
            text="Udvalget takkede for de mange ansøgninger. Næste møde er efter næste frist.",
            by=chair,
        )
        meetings.approve_minutes(self.meeting, by=chair)

    def adopt(self):
        proposal = allocations.propose(self.call, rule="ranked", by=self.setting.chair)
        allocations.adopt(proposal, by=self.setting.chair)
