-- Whom the log is forwarded to, and how far each has confirmed it.
create table log_receiver (
    name text primary key not null,
    next_leaf integer not null,
    holder blob,
    lease_until integer,
    delivered_at integer,
    failing_since integer,
    failure text,
    recorded integer not null
) strict;
