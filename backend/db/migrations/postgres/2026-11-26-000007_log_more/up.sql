-- Which logs this has been: a name (and so a key) is never continued after the database has gone back.
create table audit_origin (
    number integer primary key not null,
    name text not null unique,
    since bigint not null,
    opened_at timestamptz not null,
    cites text
);

-- What was signed. Two roots of one size cannot be kept.
create table audit_checkpoint (
    origin_number integer not null references audit_origin (number),
    size bigint not null,
    root bytea not null,
    note text not null,
    signed_at timestamptz not null,
    primary key (origin_number, size)
);

-- Who else has seen it.
create table audit_cosignature (
    origin_number integer not null,
    size bigint not null,
    witness text not null,
    line text not null,
    seen_at timestamptz not null,
    primary key (origin_number, size, witness),
    foreign key (origin_number, size) references audit_checkpoint (origin_number, size)
);

alter table idempotency add column records text;

create trigger audit_origin_immutable before update or delete on audit_origin for each row execute function refuse_change();
create trigger audit_origin_whole before truncate on audit_origin for each statement execute function refuse_change();
create trigger audit_checkpoint_immutable before update or delete on audit_checkpoint for each row execute function refuse_change();
create trigger audit_checkpoint_whole before truncate on audit_checkpoint for each statement execute function refuse_change();
create trigger audit_cosignature_immutable before update or delete on audit_cosignature for each row execute function refuse_change();
create trigger audit_cosignature_whole before truncate on audit_cosignature for each statement execute function refuse_change();
