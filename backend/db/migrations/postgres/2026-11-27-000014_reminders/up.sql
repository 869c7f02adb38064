-- Of which duties and findings people were told, and of which due time.
create table obligation_notice (
    obligation_id uuid not null references obligation (id),
    stage text not null check (stage in ('due', 'missed', 'finding_due', 'finding_overdue')),
    due_at timestamptz not null,
    primary key (obligation_id, stage, due_at)
);

-- People are also told of what is about no case: where it is on the page.
alter table notification add column link text;
alter table notification drop constraint notification_kind_check;
alter table notification add constraint notification_kind_check
    check (kind in ('work', 'urged', 'cc', 'asked', 'answered', 'ended', 'returned', 'overdue', 'process', 'incident', 'duty', 'missed', 'finding', 'report'));
