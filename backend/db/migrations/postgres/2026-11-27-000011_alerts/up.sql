-- What was told of a group of alerts, so that a repetition is known as one; and the ticket that it is about. The key is the SHA-256 of
-- whose token tells it and of the group. No foreign key to ticket, as in ticket_text.
create table alert_group (
    key bytea primary key not null,
    ticket_id uuid not null,
    told jsonb not null,
    told_at timestamptz not null
);
