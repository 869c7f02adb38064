-- That the key before has made this one its successor: signed notes, as a JSON array; null where no key says so.
alter table audit_origin add column vouched text;
