-- Which logs this has been: a name (and so a key) is never continued after the database has gone back.
create table audit_origin (
    number integer primary key not null,
    name text not null unique,
    since integer not null,
    opened_at integer not null,
    cites text
) strict;

-- What was signed. Two roots of one size cannot be kept.
create table audit_checkpoint (
    origin_number integer not null references audit_origin (number),
    size integer not null,
    root blob not null,
    note text not null,
    signed_at integer not null,
    primary key (origin_number, size)
) strict;

-- Who else has seen it.
create table audit_cosignature (
    origin_number integer not null,
    size integer not null,
    witness text not null,
    line text not null,
    seen_at integer not null,
    primary key (origin_number, size, witness),
    foreign key (origin_number, size) references audit_checkpoint (origin_number, size)
) strict;

alter table idempotency add column records text;

create trigger audit_origin_update before update on audit_origin begin select raise(abort, 'audit_origin is append-only'); end;
create trigger audit_origin_delete before delete on audit_origin begin select raise(abort, 'audit_origin is append-only'); end;
create trigger audit_origin_replace before insert on audit_origin when exists (select 1 from audit_origin where number = new.number or name = new.name) begin select raise(abort, 'audit_origin is append-only'); end;
create trigger audit_checkpoint_update before update on audit_checkpoint begin select raise(abort, 'audit_checkpoint is append-only'); end;
create trigger audit_checkpoint_delete before delete on audit_checkpoint begin select raise(abort, 'audit_checkpoint is append-only'); end;
create trigger audit_checkpoint_replace before insert on audit_checkpoint when exists (select 1 from audit_checkpoint where origin_number = new.origin_number and size = new.size) begin select raise(abort, 'audit_checkpoint is append-only'); end;
create trigger audit_cosignature_update before update on audit_cosignature begin select raise(abort, 'audit_cosignature is append-only'); end;
create trigger audit_cosignature_delete before delete on audit_cosignature begin select raise(abort, 'audit_cosignature is append-only'); end;
create trigger audit_cosignature_replace before insert on audit_cosignature when exists (select 1 from audit_cosignature where origin_number = new.origin_number and size = new.size and witness = new.witness) begin select raise(abort, 'audit_cosignature is append-only'); end;
