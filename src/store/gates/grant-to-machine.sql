-- Issues an access token to a client in its own name, or does nothing (OAuth 2.1 §4.2). The token has a family of its
-- own, without a person and without a refresh token. The owner registered the client for this and for one resource, so
-- nobody is asked, and it can reach only that resource and those scopes. Registration drops the grant for all other
-- clients, but this gate doesn't rely on that.
create or replace function grant_to_machine_2(
  p_client text, p_method text, p_secret bytea, p_assertion bytea, p_assertion_expires_at timestamptz,
  p_jkt text, p_proof bytea, p_proof_expires_at timestamptz,
  p_resource_uri text, p_scopes text[], p_family uuid, p_access bytea, p_access_seconds int, p_now timestamptz, p_address text)
returns jsonb
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_assertion_is_fresh boolean := spend_assertion_1(p_assertion, p_assertion_expires_at);
  v_proof_is_fresh boolean := p_jkt is null or spend_assertion_1(p_proof, p_proof_expires_at);
  v_client record;
  v_resource record;
  v_conditions jsonb;
  v_scopes text[];
  v_access_seconds int;
begin
  select * into v_client from clients where id = p_client for share;
  select id, uri, access_seconds into v_resource from resources where id = v_client.resource_id for share;
  v_scopes := array(
    select name from scopes
    where resource_id = v_resource.id and name = any(string_to_array(v_client.scope, ' '))
      and case when p_scopes is null then is_default else name = any(p_scopes) end
    order by position);

  v_conditions := jsonb_build_object(
    'clientFound', v_client.id is not null,
    'clientEnabled', v_client.disabled_at is null,
    'clientAuthenticated', client_authenticates_1(
      v_client.authentication_methods, v_client.secret_digest, p_method, p_secret, v_assertion_is_fresh),
    'proofFresh', v_proof_is_fresh,
    'proofSent', p_jkt is not null or not v_client.dpop_bound,
    'grantRegistered', 'client_credentials' = any(v_client.grant_types) and v_client.registration = 'preregistered'
      and 'none' <> all(v_client.authentication_methods),
    'resourceMatches', v_resource.uri = coalesce(p_resource_uri, v_resource.uri),
    'scopesOffered', cardinality(v_scopes) > 0);
  if not conditions_hold_1(v_conditions) then
    return jsonb_build_object('refused', v_conditions);
  end if;
  v_access_seconds := coalesce(v_resource.access_seconds, p_access_seconds);

  insert into audit_events (at, name, client_id, resource_id, family_id, address)
  values (p_now, 'client_credentials_granted', v_client.id, v_resource.id, p_family, p_address);
  return jsonb_build_object('issued', create_family_2(
    p_family, null, v_client.id, v_resource.id, v_resource.uri, v_scopes, null, null, p_method, v_access_seconds, p_access,
    v_access_seconds, null, null, p_jkt, p_now));
end $$;
