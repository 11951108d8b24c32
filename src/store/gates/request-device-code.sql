-- Adds a device authorization request (RFC 8628 §3.1), or says which condition it fails. Client and resource are locked
-- first, because the insert refers to them and would fail if one were being deleted. `inserted` is false if the user
-- code is taken.
create or replace function request_device_code_1(
  p_code bytea, p_user_code_hash bytea, p_client text, p_method text, p_secret bytea, p_assertion bytea,
  p_assertion_expires_at timestamptz, p_grant_type text, p_resource_uri text, p_scopes text[], p_poll_seconds int,
  p_code_seconds int, p_now timestamptz)
returns jsonb
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_assertion_is_fresh boolean := spend_assertion_1(p_assertion, p_assertion_expires_at);
  v_client record;
  v_resource record;
  v_conditions jsonb;
  v_scopes text[];
begin
  select id, disabled_at, grant_types, authentication_methods, secret_digest, resource_id into v_client
    from clients where id = p_client for share;
  select id into v_resource from resources
    where id = requested_resource_1(p_resource_uri, v_client.resource_id, p_scopes) for share;
  v_scopes := requested_scopes_1(v_resource.id, p_scopes);
  v_conditions := jsonb_build_object(
    'clientFound', v_client.id is not null,
    'clientEnabled', v_client.disabled_at is null,
    'clientAuthenticated', client_authenticates_1(
      v_client.authentication_methods, v_client.secret_digest, p_method, p_secret, v_assertion_is_fresh),
    'grantRegistered', p_grant_type = any(v_client.grant_types),
    'resourceMatches', v_resource.id is not null,
    'scopesOffered', cardinality(v_scopes) > 0);
  if not conditions_hold_1(v_conditions) then
    return jsonb_build_object('refused', v_conditions);
  end if;

  insert into device_codes (digest, user_code_hash, client_id, resource_id, scopes, poll_seconds, created_at, expires_at)
  values (p_code, p_user_code_hash, v_client.id, v_resource.id, v_scopes, p_poll_seconds, p_now,
    p_now + p_code_seconds * interval '1 second')
  on conflict do nothing;
  return jsonb_build_object('inserted', found);
end $$;
