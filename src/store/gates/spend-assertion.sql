-- Spends a client assertion (RFC 7523 §3: a `jti` is good once), even if the request is refused for something else. Of
-- two requests with one assertion, the later one waits here for the first and then finds it spent. Also false if there
-- is no assertion.
create or replace function spend_assertion_1(p_assertion bytea, p_expires_at timestamptz) returns boolean
language plpgsql
set search_path = public, pg_temp
as $$
begin
  if p_assertion is null then return false; end if;
  insert into client_assertions (digest, request_id, expires_at)
  values (p_assertion, gen_random_uuid(), p_expires_at)
  on conflict (digest) do nothing;
  return found;
end $$;
