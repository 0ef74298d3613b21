"""How many votes a quorum takes is the committee's own rule; until now it was half."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [("grants", "0007_weights_and_minutes")]

    operations = [
        migrations.RemoveConstraint(
            model_name="recommendation", name="a_recommendation_has_a_quorum"
        ),
        migrations.AddField(
            model_name="recommendation",
            name="needed",
            # The rows are never changed: each had at least one, and what was half then is known
            # from the others.
            field=models.PositiveSmallIntegerField(
                default=1, verbose_name="votes needed for a quorum"
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="recommendation",
            constraint=models.CheckConstraint(
                condition=Q(
                    ("cast__gte", F("needed")), ("entitled__gte", F("cast")), ("needed__gt", 0)
                ),
                name="a_recommendation_has_a_quorum",
            ),
        ),
    ]
