"""What the database itself refuses, whoever asks and in whatever way.

django-pgtrigger's own triggers begin with a test that any session can switch off
(set_config('pgtrigger.ignore', ...)). A guard is the same trigger without that test.
"""

import pgtrigger
from pgtrigger.compiler import UpsertTriggerSql

from workflows.lifecycle import pairs


class GuardSql(UpsertTriggerSql):
    """The SQL of a trigger that no session can switch off."""

    def get_template(self):
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql SET search_path FROM CURRENT;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE PROCEDURE {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class Guard(pgtrigger.Trigger):
    """A trigger that refuses with a check violation, which Django shows as IntegrityError."""

    when = pgtrigger.Before

    def compile(self, model):
        compiled = super().compile(model)
        parts = compiled.sql.kwargs
        compiled.sql = GuardSql(**{key: parts[key] for key in parts if key != "ignore_func_name"})
        return compiled


def refuse(sentence):
    """SQL that stops the statement. The sentence is English: it is for logs and engineers."""
    return f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation';"


def append_only():
    """Rows come and never change or go."""
    return [
        Guard(
            name="rows_never_change",
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=refuse("rows of this table are only ever added"),
        ),
        never_emptied(),
    ]


def never_emptied():
    return Guard(
        name="table_is_never_emptied",
        level=pgtrigger.Statement,
        operation=pgtrigger.Truncate,
        func=refuse("this table is never emptied"),
    )


def never_deleted():
    """Rows with a history stay."""
    return [
        Guard(
            name="rows_are_never_deleted",
            operation=pgtrigger.Delete,
            func=refuse("rows with a history are never deleted"),
        ),
        never_emptied(),
    ]


def frozen(*columns, once="", name="frozen_once_written"):
    """The columns cannot change any more, as soon as `once` (SQL on OLD) is true; rows stay."""
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
    condition = f"({once}) AND ({changed})" if once else changed
    return Guard(
        name=name,
        operation=pgtrigger.Update,
        func=f"IF {condition} THEN {refuse('what is written here is final')} END IF; RETURN NEW;",
    )


def heads_only_grow():
    """A stream's head moves one entry at a time, and only onto an entry that exists."""
    grow = f"""
        IF NEW.length <> OLD.length OR NEW.hash <> OLD.hash OR NEW.name <> OLD.name THEN
            IF NEW.name <> OLD.name OR NEW.length <> OLD.length + 1 OR NOT EXISTS (
                SELECT 1 FROM workflows_logentry AS entry
                WHERE entry.stream = NEW.name AND entry.number = NEW.length
                  AND entry.hash = NEW.hash
            ) THEN {refuse("a stream grows by the entry that was added")} END IF;
        END IF;
        RETURN NEW;
    """
    return [
        Guard(name="heads_only_grow", operation=pgtrigger.Update, func=grow),
        *never_deleted(),
    ]


def stamp_transaction():
    """The entry carries its own transaction's number, whatever was sent in.

    xmin would be wrong inside savepoints.
    """
    return Guard(
        name="stamp_transaction",
        operation=pgtrigger.Insert,
        func="NEW.transaction = pg_current_xact_id()::text::bigint; RETURN NEW;",
    )


def lifecycle(model):
    """Class decorator: the database knows the pairs and wants a log entry for each step.

    The field's default is the only status a row can begin with. At commit, a row that began or
    moved has an entry with the same from, to and transaction.
    """
    first = model._meta.get_field("status").default
    allowed = ", ".join(f"('{source}', '{target}')" for source, target in pairs(model))
    known = f"""
        IF TG_OP = 'INSERT' THEN
            IF NEW.status <> '{first}' THEN {refuse("a row begins with the first status")} END IF;
        ELSIF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN ({allowed}) THEN
            RAISE EXCEPTION 'no step leads from % to %', OLD.status, NEW.status
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """
    logged = f"""
        came_from := CASE WHEN TG_OP = 'INSERT' THEN '' ELSE OLD.status END;
        IF came_from <> NEW.status AND NOT EXISTS (
            SELECT 1 FROM workflows_logentry AS entry
            WHERE entry.subject = '{model._meta.model_name}:' || NEW.id
              AND entry.transaction = pg_current_xact_id()::text::bigint
              AND entry.from_status = came_from AND entry.to_status = NEW.status
        ) THEN {refuse("a step without its log entry")} END IF;
        RETURN NULL;
    """
    return pgtrigger.register(
        Guard(name="only_known_pairs", operation=pgtrigger.Insert | pgtrigger.Update, func=known),
        Guard(
            name="every_step_is_logged",
            when=pgtrigger.After,
            timing=pgtrigger.Deferred,
            operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),
            declare=[("came_from", "text")],
            func=logged,
        ),
        *never_deleted(),
    )(model)


def children_within(name, *, parent_amount, child_sum):
    """On the parent: its amount cannot go below what its children already add up to.

    child_sum: SQL that answers with one number and reads NEW. The parent's row is locked by the
    very update that lowers it, and `within_parent` locks it for the children.
    """
    func = f"""
        IF NEW.{parent_amount} < OLD.{parent_amount} AND NEW.{parent_amount} < ({child_sum}) THEN
            {refuse("the amount is below what is already given of it")}
        END IF;
        RETURN NEW;
    """
    return Guard(name=name, when=pgtrigger.After, operation=pgtrigger.Update, func=func)


def within_parent(name, *, lock, child_sum, parent_amount):
    """On the child: lock the parent row first, then compare the sum with the parent's amount.

    lock, child_sum, parent_amount: SQL that reads NEW; the latter two answer with one number.
    """
    func = f"""
        PERFORM 1 FROM {lock} FOR NO KEY UPDATE;
        IF ({child_sum}) > ({parent_amount}) THEN
            {refuse("the sum is above what there is to give")}
        END IF;
        RETURN NULL;
    """
    return Guard(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=func,
    )


def closed_with(name, *, parent):
    """On the child: nothing is added or changed once its parent is closed.

    parent: SQL after FROM that finds the closed parent and reads NEW.
    """
    closed = refuse("it is closed")
    return Guard(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"IF EXISTS (SELECT 1 FROM {parent}) THEN {closed} END IF; RETURN NEW;",
    )


def scores(name):
    """On a row with `scores`: a JSON object of whole numbers from 0 to 5."""
    wrong = 'strict $.* ? (@.type() != "number" || @ < 0 || @ > 5 || @.floor() != @)'
    refused = refuse("scores are whole numbers from 0 to 5")
    return Guard(
        name=name,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("scores"),
        func=f"""
            IF jsonb_typeof(NEW.scores) <> 'object' OR jsonb_path_exists(NEW.scores, '{wrong}')
            THEN {refused} END IF;
            RETURN NEW;
        """,
    )
