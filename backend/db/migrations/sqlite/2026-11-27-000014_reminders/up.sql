-- Of which duties and findings people were told, and of which due time.
create table obligation_notice (
    obligation_id blob not null references obligation (id),
    stage text not null check (stage in ('due', 'missed', 'finding_due', 'finding_overdue')),
    due_at integer not null,
    primary key (obligation_id, stage, due_at)
) strict;
