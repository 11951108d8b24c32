-- Issues an access token to a program whose issuer says which one it is (RFC 7523 §2.1), or does nothing. The rule that its token matched is the
-- machine's own, and never changes, so that having it still is enough. A token with a `jti` is spent, last of all. One without is good until
-- it expires, and what was got with it ends with it.
create or replace function grant_to_workload_1(
  p_client text, p_jkt text, p_proof bytea, p_proof_expires_at timestamptz,
  p_issuer uuid, p_grant bytea, p_grant_expires_at timestamptz, p_resource_uri text, p_scopes text[],
  p_family uuid, p_access bytea, p_access_seconds int, p_now timestamptz, p_address text)
returns jsonb
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_proof_is_fresh boolean := p_jkt is null or spend_assertion_1(p_proof, p_proof_expires_at);
  v_issuer record;
  v_client record;
  v_resource record;
  v_conditions jsonb;
  v_scopes text[];
  v_access_seconds int;
begin
  select * into v_issuer from trusted_issuers where id = p_issuer for share;
  select * into v_client from clients where id = p_client for share;
  select id, uri, access_seconds into v_resource from resources where id = v_client.resource_id for share;
  v_scopes := array(
    select name from scopes
    where resource_id = v_resource.id and name = any(string_to_array(v_client.scope, ' '))
      and (p_scopes is null or name = any(p_scopes))
    order by position);

  v_conditions := jsonb_build_object(
    'issuerTrusted', v_issuer.disabled_at is null and v_issuer.id is not null,
    'ruleFound', exists (select from workload_rules w where w.client_id = v_client.id and w.issuer_id = p_issuer),
    'clientEnabled', v_client.disabled_at is null,
    'proofFresh', v_proof_is_fresh,
    'proofSent', p_jkt is not null or not v_client.dpop_bound,
    'resourceMatches', v_resource.uri = coalesce(p_resource_uri, v_resource.uri),
    'scopesOffered', cardinality(v_scopes) > 0);
  if conditions_hold_1(v_conditions) then
    v_conditions := v_conditions
      || jsonb_build_object('assertionUnspent', p_grant is null or spend_assertion_1(p_grant, p_grant_expires_at));
  end if;
  if not conditions_hold_1(v_conditions) then
    return jsonb_build_object('refused', v_conditions);
  end if;
  v_access_seconds := coalesce(v_resource.access_seconds, p_access_seconds);
  if p_grant is null then
    v_access_seconds := least(v_access_seconds, floor(extract(epoch from p_grant_expires_at - p_now))::int);
  end if;

  insert into audit_events (at, name, client_id, resource_id, family_id, address, details)
  values (p_now, 'workload_granted', v_client.id, v_resource.id, p_family, p_address, jsonb_build_object('issuer', v_issuer.name));
  v_conditions := create_family_2(
    p_family, null, v_client.id, v_resource.id, v_resource.uri, v_scopes, null, null, 'none', v_access_seconds, p_access,
    v_access_seconds, null, null, p_jkt, p_now);
  -- Ends with its issuer, which stays locked until this commits.
  update token_families set issuer_id = p_issuer where id = p_family;
  return jsonb_build_object('issued', v_conditions);
end $$;
