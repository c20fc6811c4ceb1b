-- The ledger: what the operator did about each send, append-only. A row is the projection of one entry of a MatchNotification's
-- status.history; the objects are the truth, this is their memory.

-- Up Migration
create table schedule_ledger (
  seq bigint generated always as identity primary key,
  operation_id text not null,
  phase text not null check (phase in ('intent', 'outcome')),
  match_key text not null,
  owner_id text not null,
  namespace text not null,
  name text not null,
  uid text not null,
  sequence integer not null,
  provider text not null,
  match_id text not null,
  competition text not null,
  fixture text not null,
  campaign_id text not null,
  action text not null,
  outcome text,
  attempt integer,
  schedule_id text,
  send_at timestamptz,
  reason text,
  message text,
  holder text,
  at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  previous_hash bytea,
  hash bytea not null,
  unique (operation_id, phase)
);
create index schedule_ledger_by_match on schedule_ledger (match_key, seq);
create index schedule_ledger_by_object on schedule_ledger (uid, sequence);

-- Where each chain ends: without it the newest rows of a match could be cut off unseen.
create table schedule_ledger_head (
  match_key text primary key,
  entries bigint not null,
  hash bytea not null
);

create function schedule_ledger_digest(entry schedule_ledger) returns bytea language sql stable as $$
  select sha256(convert_to(concat_ws(E'\x1f',
    encode(coalesce(entry.previous_hash, ''::bytea), 'hex'), entry.operation_id, entry.phase, entry.match_key, entry.owner_id,
    entry.namespace, entry.name, entry.uid, entry.sequence, entry.provider, entry.match_id, entry.competition, entry.fixture,
    entry.campaign_id, entry.action, coalesce(entry.outcome, ''), coalesce(entry.attempt::text, ''), coalesce(entry.schedule_id, ''),
    coalesce(extract(epoch from entry.send_at)::text, ''), coalesce(entry.reason, ''), coalesce(entry.message, ''),
    coalesce(entry.holder, ''), extract(epoch from entry.at)::text), 'UTF8'))
$$;

-- Each row carries the hash of the one before it of the same match. The writer may insert and nothing else: the head is written with
-- the rights of the owner.
create function schedule_ledger_chain() returns trigger language plpgsql security definer set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(new.match_key, 0));
  if exists (select from schedule_ledger where operation_id = new.operation_id and phase = new.phase) then
    return null;
  end if;
  new.recorded_at := clock_timestamp();
  new.previous_hash := (select hash from schedule_ledger_head where match_key = new.match_key);
  new.hash := schedule_ledger_digest(new);
  insert into schedule_ledger_head as head (match_key, entries, hash) values (new.match_key, 1, new.hash)
    on conflict (match_key) do update set entries = head.entries + 1, hash = excluded.hash;
  return new;
end
$$;
create trigger schedule_ledger_chain before insert on schedule_ledger for each row execute function schedule_ledger_chain();

create function schedule_ledger_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is append-only: % of % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end
$$;
create trigger schedule_ledger_append_only before update or delete or truncate on schedule_ledger
  for each statement execute function schedule_ledger_refuse();
create trigger schedule_ledger_head_kept before delete or truncate on schedule_ledger_head
  for each statement execute function schedule_ledger_refuse();

-- What does not fit: a row that was changed, one that is missing before it, or rows that are missing at the end of a chain.
create function schedule_ledger_verify() returns table (match_key text, seq bigint, problem text) language sql stable as $$
  with chained as (
    select entry, lag(entry.hash) over (partition by entry.match_key order by entry.seq) as before,
      row_number() over (partition by entry.match_key order by entry.seq desc) as from_end,
      count(*) over (partition by entry.match_key) as entries
    from schedule_ledger entry
  )
  select (entry).match_key, (entry).seq, 'the row was changed'
    from chained where (entry).hash is distinct from schedule_ledger_digest(entry)
  union all
  select (entry).match_key, (entry).seq, 'a row before this one is missing or out of place'
    from chained where (entry).previous_hash is distinct from before
  union all
  select head.match_key, (entry).seq, format('%s of %s rows are there, and the last is not the one it was', coalesce(chained.entries, 0), head.entries)
    from schedule_ledger_head head left join chained on (chained.entry).match_key = head.match_key and from_end = 1
    where (entry).hash is distinct from head.hash or chained.entries is distinct from head.entries
  order by 1, 2
$$;

create view schedule_ledger_timeline as
  select match_key, competition, fixture, namespace, name, campaign_id, at, phase, action, outcome, schedule_id, send_at, attempt, reason,
    message, holder, operation_id, owner_id, seq
  from schedule_ledger order by match_key, seq;

create view schedule_ledger_current as
  select distinct on (match_key) match_key, competition, fixture, namespace, name, campaign_id, action, outcome, schedule_id, send_at, at,
    reason, message, operation_id, owner_id, seq
  from schedule_ledger where phase = 'outcome' order by match_key, seq desc;

-- Down Migration
drop view schedule_ledger_current;
drop view schedule_ledger_timeline;
drop function schedule_ledger_verify;
drop table schedule_ledger cascade;
drop table schedule_ledger_head cascade;
drop function schedule_ledger_refuse;
drop function schedule_ledger_chain;
drop function schedule_ledger_digest;
