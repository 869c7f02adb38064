-- Of which duties and findings people were told, and of which due time.
create table obligation_notice (
    obligation_id blob not null references obligation (id),
    stage text not null check (stage in ('due', 'missed', 'finding_due', 'finding_overdue')),
    due_at integer not null,
    primary key (obligation_id, stage, due_at)
) strict;

-- People are also told of what is about no case: where it is on the page. SQLite changes no check of a table that stands.
create table notification_more (
    id blob primary key not null,
    person_id blob not null,
    kind text not null check (kind in ('work', 'urged', 'cc', 'asked', 'answered', 'ended', 'returned', 'overdue', 'process', 'incident', 'duty', 'missed', 'finding', 'report')),
    text text not null,
    case_id blob,
    work_item_id blob,
    link text,
    at integer not null,
    read_at integer
) strict;
insert into notification_more (id, person_id, kind, text, case_id, work_item_id, at, read_at)
    select id, person_id, kind, text, case_id, work_item_id, at, read_at from notification;
drop table notification;
alter table notification_more rename to notification;
create index notification_person on notification (person_id, at, id);
