"""A diary: who does what at which moment. Written in any order, lived in the order of time."""

from datetime import datetime, time, timedelta

from workflows import clock

# Days after a call has opened; a case or a call may say another day.
# fmt: off
DAYS = {
    "drafted": 5, "submitted": 16, "withdrawn": 24, "closes": 30,
    "asked": 32, "answered": 37, "turned_down": 45, "screened": 40,
    "recused": 41, "review_opened": 42, "voted": 44, "time_is_over": 46, "vote_closed": 46,
    "adopted": 46, "minutes_approved": 47, "closed_later": 46,
    "decided": 47, "announced": 50, "accepted": 56, "declined": 58, "lapsed": 72,
    "planned": 60, "cancelled": 61, "approved": 63, "sent": 64, "paid": 66,
    "bounced": 67, "account_named": 69,
    "planned_again": 70, "approved_again": 71, "sent_again": 72, "paid_again": 74,
    "starts": 75, "change_asked": 78, "change_answered": 82,
    "heard": 100, "hearing_answered": 108, "reclaimed": 120, "reclaim_settled": 140,
    "report_begun": 140, "reported": 148, "report_returned": 152, "reported_again": 155,
    "report_approved": 157, "final_planned": 158, "final_approved": 159, "final_sent": 160,
    "final_paid": 162, "settled": 163, "completed": 165,
}
# fmt: on


class Calendar:
    """The days of one call."""

    def __init__(self, opens_on, **other_days):
        self.opens_on = opens_on
        self.days = DAYS | other_days

    def day(self, name, *, later=0):
        return self.opens_on + timedelta(days=self.days[name] + later)

    def moment(self, name, *, later=0, minutes=0):
        """The day of that name, nine o'clock in Denmark and some minutes."""
        morning = datetime.combine(self.day(name, later=later), time(9), tzinfo=clock.LOCAL)
        return morning + timedelta(minutes=minutes)


class Diary:
    """Acts with their moments. An act that lies ahead is an error: it has not happened."""

    def __init__(self):
        self._pages = []

    def __len__(self):
        return len(self._pages)

    def write(self, moment, act, *given):
        if moment > clock.now():
            raise ValueError(f"{act.__name__} at {moment} has not happened yet.")
        self._pages.append((moment, len(self._pages), act, given))

    def live(self):
        """Do everything in the order of time, and say after each act that it is done."""
        for moment, _number, act, given in sorted(self._pages, key=lambda page: page[:2]):
            with clock.at(moment):
                act(*given)
            yield
