"""The rules that a committee had as columns become the first version of its procedure."""

from django.db import migrations


def write_procedures(apps, schema_editor):
    Committee = apps.get_model("committee", "Committee")
    Procedure = apps.get_model("committee", "Procedure")
    VoteWindow = apps.get_model("committee", "VoteWindow")
    for committee in Committee.objects.all():
        procedure = Procedure.objects.create(
            committee=committee,
            version=1,
            least_young=committee.least_young,
            least_staff=committee.least_staff,
            days_to_vote=max(committee.days_to_vote, 1),
            rounding=max(committee.rounding, 1),
            ties=[],  # until now a tie was not carried
        )
        VoteWindow.objects.filter(committee=committee).update(procedure=procedure)


class Migration(migrations.Migration):

    dependencies = [("committee", "0002_rules_recusals_meetings")]

    operations = [migrations.RunPython(write_procedures, migrations.RunPython.noop)]
