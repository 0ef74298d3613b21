import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import workflows.guards
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("committee", "0003_a_first_procedure")]

    operations = [
        migrations.AlterField(
            model_name='votewindow',
            name='procedure',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='vote_windows', to='committee.procedure'),
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='votewindow',
            name='a_closed_vote_stays_closed',
        ),
        migrations.RemoveField(
            model_name='committee',
            name='days_to_vote',
        ),
        migrations.RemoveField(
            model_name='committee',
            name='least_staff',
        ),
        migrations.RemoveField(
            model_name='committee',
            name='least_young',
        ),
        migrations.RemoveField(
            model_name='committee',
            name='rounding',
        ),
        migrations.RemoveField(
            model_name='vote',
            name='voided_at',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='votewindow',
            trigger=pgtrigger.compiler.Trigger(name='a_vote_keeps_its_rules', sql=workflows.guards.GuardSql(func="IF NEW.application_id IS DISTINCT FROM OLD.application_id OR NEW.committee_id IS DISTINCT FROM OLD.committee_id OR NEW.procedure_id IS DISTINCT FROM OLD.procedure_id OR NEW.weights IS DISTINCT FROM OLD.weights OR NEW.follows_id IS DISTINCT FROM OLD.follows_id THEN RAISE EXCEPTION 'what is written here is final' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;", hash='78637619d618ae757cf95ab04d0f7ce48f4cb948', operation='UPDATE', pgid='pgtrigger_a_vote_keeps_its_rules_4392e', table='committee_votewindow', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='votewindow',
            trigger=pgtrigger.compiler.Trigger(name='a_closed_vote_stays_closed', sql=workflows.guards.GuardSql(func="IF (OLD.closed_at IS NOT NULL) AND (NEW.closed_at IS DISTINCT FROM OLD.closed_at OR NEW.counted IS DISTINCT FROM OLD.counted OR NEW.result IS DISTINCT FROM OLD.result OR NEW.seal IS DISTINCT FROM OLD.seal) THEN RAISE EXCEPTION 'what is written here is final' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;", hash='3ea20e6835934586cb741cedfeca1ec2ba32888d', operation='UPDATE', pgid='pgtrigger_a_closed_vote_stays_closed_7d20f', table='committee_votewindow', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='votewindow',
            trigger=pgtrigger.compiler.Trigger(name='a_vote_recommends_once', sql=workflows.guards.GuardSql(func="IF (OLD.recommendation_id IS NOT NULL) AND (NEW.recommendation_id IS DISTINCT FROM OLD.recommendation_id) THEN RAISE EXCEPTION 'what is written here is final' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;", hash='05c0bb2527bbe79b274326cee1562022f081363e', operation='UPDATE', pgid='pgtrigger_a_vote_recommends_once_6d90d', table='committee_votewindow', when='BEFORE')),
        ),
    ]
