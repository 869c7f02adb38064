-- Whom the log is forwarded to, and how far each has confirmed it.
create table log_receiver (
    name text primary key not null,
    next_leaf bigint not null,
    holder uuid,
    lease_until timestamptz,
    delivered_at timestamptz,
    failing_since timestamptz,
    failure text,
    recorded boolean not null
);
