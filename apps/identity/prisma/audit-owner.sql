-- Takes from identity's own role what it could still do to the audit log: whoever owns a table can switch its triggers off,
-- and whoever owns a schema can drop what is in it. Run once by a superuser, after the migrations, and again after a
-- restore. A later migration that changes this one table is then for the superuser, too.
DO $$
DECLARE
    service TEXT := (SELECT tableowner FROM pg_tables WHERE schemaname = 'identity' AND tablename = 'audit_entry');
    historian TEXT := service || '_historian';
BEGIN
    IF service LIKE '%\_historian' THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = historian) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', historian);
    END IF;
    EXECUTE format('ALTER SCHEMA identity OWNER TO %I', historian);
    EXECUTE format('ALTER FUNCTION identity.refuse_change_of_history() OWNER TO %I', historian);
    EXECUTE format('ALTER TABLE identity.audit_entry OWNER TO %I', historian);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA identity TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT ON identity.audit_entry TO %I', service);
    EXECUTE format('GRANT USAGE ON SEQUENCE identity.audit_entry_id_seq TO %I', service);
END
$$;
