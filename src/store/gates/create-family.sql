-- Creates a token family with its first tokens. The calling gate has locked person, client and resource, so that none
-- of them can be disabled or deleted before this commits. `p_refresh` is null for a client that doesn't refresh.
create or replace function create_family_2(
  p_family uuid, p_user uuid, p_client text, p_resource text, p_resource_uri text, p_scopes text[], p_asked_scopes text[],
  p_user_agent text, p_method text, p_family_seconds int, p_access bytea, p_access_seconds int, p_refresh bytea,
  p_refresh_seconds int, p_jkt text, p_now timestamptz)
returns jsonb
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_ends timestamptz := p_now + p_family_seconds * interval '1 second';
  v_access_ends timestamptz := least(p_now + p_access_seconds * interval '1 second', v_ends);
  v_scopes text[] := remaining_scopes_1(p_asked_scopes, p_scopes);
begin
  insert into token_families
    (id, user_id, client_id, resource_id, scopes, user_agent, authentication_method, dpop_jkt, created_at, expires_at)
  values (p_family, p_user, p_client, p_resource, p_scopes, p_user_agent, p_method, p_jkt, p_now, v_ends);
  insert into access_tokens (digest, family_id, generation, scopes, dpop_jkt, created_at, expires_at)
  values (p_access, p_family, 0, v_scopes, p_jkt, p_now, v_access_ends);
  if p_refresh is not null then
    insert into refresh_tokens (digest, family_id, generation, created_at, expires_at)
    values (p_refresh, p_family, 0, p_now, least(p_now + p_refresh_seconds * interval '1 second', v_ends));
  end if;
  return issued_tokens_2(p_resource_uri, v_scopes, v_access_ends, p_refresh is not null, p_jkt is not null);
end $$;
