#!/bin/sh
# One tenant of a region whose stores are in PostgreSQL: taken out of a database, put into one in place of what is there of
# it, or removed from one. Both databases have to be of the same release of Slotstead. Stop the region server before `put`
# and `remove`: it remembers what it has read. The keys of what is sealed are in neither database; `remove` leaves them.
#
#   DATABASE=postgres://… one-tenant.sh take ID > tenant.sql
#   DATABASE=postgres://… one-tenant.sh put ID < tenant.sql
#   DATABASE=postgres://… one-tenant.sh remove ID
#
# ROLE is the role that the tables belong to, `slotstead` without.
set -eu
umask 077

usage() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0" | sed '/^set /,$d' >&2
    exit 2
}

[ $# = 2 ] && [ -n "${DATABASE:-}" ] || usage
case $2 in '' | *[!a-z0-9_]*) usage ;; esac

# Row security is what keeps this to one tenant, and it holds back neither superusers nor an owner it is not forced upon. So
# everything is done as the role that it is for, whoever asks, and only where it is in force on every table.
export PGOPTIONS="-c role=${ROLE:-slotstead} -c slotstead.tenant=$2"
guarded="DO \$\$ BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'slotstead'::regnamespace
        AND relname <> 'schema_version' AND NOT row_security_active(oid))
    THEN RAISE 'row security does not keep this to one tenant: nothing was done'; END IF; END \$\$"
known="DO \$\$ BEGIN
    IF NOT EXISTS (SELECT FROM slotstead.tenants WHERE tenant_id = current_setting('slotstead.tenant'))
    THEN RAISE 'there is no such tenant: nothing was done'; END IF; END \$\$"
# The lock of a region server.
alone="DO \$\$ BEGIN
    IF NOT pg_try_advisory_xact_lock(1936486260, 1667330932)
    THEN RAISE 'the region server is running: nothing was done'; END IF; END \$\$"
delete="DO \$\$ DECLARE t regclass; BEGIN
    FOR t IN SELECT attrelid FROM pg_attribute WHERE attname = 'tenant_id' AND NOT attisdropped AND attrelid IN
        (SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'slotstead'::regnamespace)
    LOOP EXECUTE format('DELETE FROM %s WHERE tenant_id = current_setting(''slotstead.tenant'')', t); END LOOP;
    DELETE FROM slotstead_region.stores WHERE tenant_id = current_setting('slotstead.tenant'); END \$\$"
# Who was erased stays erased: a key that is still to be destroyed is known to these rows only, and the region server is told
# to look at the keys of the others.
destroyed="DO \$\$ BEGIN
    IF EXISTS (SELECT FROM slotstead.effects
        WHERE tenant_id = current_setting('slotstead.tenant') AND kind = 'destroy_key')
    THEN RAISE 'keys are still to be destroyed, by the region server: nothing was done'; END IF; END \$\$"
list="INSERT INTO slotstead_region.stores (tenant_id, restored) VALUES (current_setting('slotstead.tenant'), 1)"

ask() {
    psql -X -q -o /dev/null -v ON_ERROR_STOP=1 "$@" "$DATABASE"
}

case $1 in
take)
    ask -c "$guarded" -c "$known"
    pg_dump --data-only --enable-row-security --inserts -n slotstead -T slotstead.schema_version "$DATABASE"
    ;;
put) ask -1 -c "$guarded" -c "$alone" -c "$destroyed" -c "$delete" -c "$list" -f - -c "$known" ;;
remove) ask -1 -c "$guarded" -c "$alone" -c "$known" -c "$delete" ;;
*) usage ;;
esac
