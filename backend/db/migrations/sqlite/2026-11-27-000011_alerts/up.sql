-- What was told of a group of alerts, so that a repetition is known as one; and the ticket that it is about. The key is the SHA-256 of
-- whose token tells it and of the group. No foreign key to ticket, as in ticket_text.
create table alert_group (
    key blob primary key not null,
    ticket_id blob not null,
    told text not null,
    told_at integer not null
) strict, without rowid;
