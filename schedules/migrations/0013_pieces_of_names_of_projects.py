from django.db import migrations, models

# As in 0007, each piece behind its project: a search of one project reads no names of another.
PIECES_SQL = """
CREATE OR REPLACE FUNCTION task_schedule_name_pieces(project_id integer, folded text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 5000 AS $$
DECLARE
    pieces text[];
    project text := project_id || ' ';
BEGIN
    FOR place IN 1 .. length(folded) LOOP
        pieces[place] := project || substr(folded, place, 3);
    END LOOP;
    RETURN array_to_tsvector(pieces);
END $$
"""
QUERY_SQL = """
CREATE OR REPLACE FUNCTION task_schedule_name_query(project_id integer, part text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT
RETURN (
    SELECT string_agg(DISTINCT
                      $$'$$ || project_id || ' '
                      || replace(replace(substr(part, place, 3), $$\\$$, $$\\\\$$), $$'$$, $$''$$) || $$'$$
                      || CASE WHEN length(part) < 3 THEN ':*' ELSE '' END,
                      '&')::tsquery
      FROM generate_series(1, least(greatest(length(part) - 2, 1), 200)) AS place)
"""
KEEP_SQL = """
CREATE OR REPLACE FUNCTION task_schedule_name_keep() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR NEW.name IS NULL OR NEW.id <> OLD.id) THEN
        DELETE FROM task_schedule_name WHERE schedule_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.name IS NOT NULL THEN
        INSERT INTO task_schedule_name (schedule_id, project_id, folded)
            VALUES (NEW.id, NEW.project_id, upper(NEW.name))
            ON CONFLICT (schedule_id) DO UPDATE SET folded = excluded.folded;
    END IF;
    RETURN NULL;
END $$
"""
KEEP_BEFORE_SQL = KEEP_SQL.replace("schedule_id, project_id, folded", "schedule_id, folded").replace(
    "NEW.id, NEW.project_id, ", "NEW.id, "
)


class Migration(migrations.Migration):
    safe_because = (
        "what the trigger writes more, the release before does not know; it is of the default project, and so are all "
        "names that are there"
    )

    dependencies = [
        ('schedules', '0012_names_of_other_projects'),
    ]

    operations = [
        migrations.AddField(
            model_name='schedulename',
            name='project_id',
            field=models.IntegerField(db_default=1, default=1),
        ),
        migrations.RunSQL([PIECES_SQL], "DROP FUNCTION task_schedule_name_pieces(integer, text)"),
        migrations.RunSQL([QUERY_SQL], "DROP FUNCTION task_schedule_name_query(integer, text)"),
        migrations.RunSQL([KEEP_SQL], [KEEP_BEFORE_SQL]),
    ]
