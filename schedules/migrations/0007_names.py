from django.db import migrations, models

# Of each place in a name the three characters that begin there, near its end fewer. Appending to an array takes half
# the time of a query over generate_series, and all that it calls is in pg_catalog, as an index wants it.
PIECES_SQL = """
CREATE OR REPLACE FUNCTION task_schedule_name_pieces(folded text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
DECLARE
    pieces text[];
BEGIN
    FOR place IN 1 .. length(folded) LOOP
        pieces[place] := substr(folded, place, 3);
    END LOOP;
    RETURN array_to_tsvector(pieces);
END $$
"""

# What pieces a name must have that contains a part: those of the part, or one that begins with it. Two hundred are
# enough of any part: what they find is compared as a whole. It is not PARALLEL SAFE, so that no search begins other
# processes, which takes longer than to find a rare name.
QUERY_SQL = """
CREATE OR REPLACE FUNCTION task_schedule_name_query(part text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT
RETURN (
    SELECT string_agg(DISTINCT
                      $$'$$ || replace(replace(substr(part, place, 3), $$\\$$, $$\\\\$$), $$'$$, $$''$$) || $$'$$
                      || CASE WHEN length(part) < 3 THEN ':*' ELSE '' END,
                      '&')::tsquery
      FROM generate_series(1, least(greatest(length(part) - 2, 1), 200)) AS place)
"""

# Whoever writes, and whatever his search_path: the release before, COPY, an operation.
KEEP_SQL = """
CREATE OR REPLACE FUNCTION task_schedule_name_keep() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR NEW.name IS NULL OR NEW.id <> OLD.id) THEN
        DELETE FROM task_schedule_name WHERE schedule_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.name IS NOT NULL THEN
        INSERT INTO task_schedule_name (schedule_id, folded) VALUES (NEW.id, upper(NEW.name))
            ON CONFLICT (schedule_id) DO UPDATE SET folded = excluded.folded;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER task_schedule_name_inserted AFTER INSERT ON task_schedule
    FOR EACH ROW WHEN (NEW.name IS NOT NULL) EXECUTE FUNCTION task_schedule_name_keep();
CREATE TRIGGER task_schedule_name_updated AFTER UPDATE OF name, id ON task_schedule
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.id <> NEW.id)
    EXECUTE FUNCTION task_schedule_name_keep();
CREATE TRIGGER task_schedule_name_deleted AFTER DELETE ON task_schedule
    FOR EACH ROW WHEN (OLD.name IS NOT NULL) EXECUTE FUNCTION task_schedule_name_keep();
"""
FORGET_SQL = """
DROP TRIGGER task_schedule_name_inserted ON task_schedule;
DROP TRIGGER task_schedule_name_updated ON task_schedule;
DROP TRIGGER task_schedule_name_deleted ON task_schedule;
DROP FUNCTION task_schedule_name_keep()
"""


class Migration(migrations.Migration):
    safe_because = "the triggers keep the new table for the release before, too, which knows nothing of it"

    dependencies = [
        ('schedules', '0006_minutes_and_seconds_validated'),
    ]

    operations = [
        migrations.CreateModel(
            name='ScheduleName',
            fields=[
                ('schedule_id', models.UUIDField(primary_key=True, serialize=False)),
                ('folded', models.TextField(help_text='in capitals, as the database writes them')),
            ],
            options={
                'db_table': 'task_schedule_name',
            },
        ),
        migrations.RunSQL([PIECES_SQL], "DROP FUNCTION task_schedule_name_pieces(text)"),
        migrations.RunSQL([QUERY_SQL], "DROP FUNCTION task_schedule_name_query(text)"),
        migrations.RunSQL([KEEP_SQL], [FORGET_SQL]),
    ]
