-- Revokes live families: one, or all of a person with one client. All their tokens are refused at their next look-up.
-- Families are locked first, in the order of their ids, so that two revocations can't deadlock. Returns how many there
-- were.
create or replace function revoke_families_1(
  p_family uuid, p_user uuid, p_client text, p_reason text, p_now timestamptz, p_address text)
returns int
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_families uuid[] := array[p_family];
  v_revoked int;
begin
  if p_family is null then
    -- SQL offset: found by person and client. With a condition on `revoked_at` beside them, Postgres may choose the index
    -- that has the client and that, and read all live families of a widely used app.
    v_families := array(
      select id from (select id, revoked_at from token_families where user_id = p_user and client_id = p_client offset 0) f
      where revoked_at is null);
  end if;
  perform from token_families where id = any(v_families) order by id for no key update;
  with revoked as (
    update token_families set revoked_at = p_now, revoked_reason = p_reason
    where id = any(v_families) and revoked_at is null
    returning user_id, client_id, resource_id, id)
  insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address)
  select p_now, 'family_revoked', user_id, client_id, resource_id, id, p_address from revoked;
  get diagnostics v_revoked = row_count;
  return v_revoked;
end $$;
