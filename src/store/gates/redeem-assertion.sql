-- Spends an identity assertion (ID-JAG) of a trusted issuer and creates its token family, or does nothing
-- (draft-ietf-oauth-identity-assertion-authz-grant §4.4). The caller has checked its signature, audience, times and
-- client. This checks that the issuer is trusted, finds the person, and decides what they may have. The assertion is
-- spent last: if a refusal spent it, anybody who sees it could use it up.
--
-- An unknown person joins if the issuer's rule says so. If the request is refused, that person is deleted again.
create or replace function redeem_assertion_1(
  p_client text, p_method text, p_secret bytea, p_assertion bytea, p_assertion_expires_at timestamptz,
  p_jkt text, p_proof bytea, p_proof_expires_at timestamptz,
  p_issuer uuid, p_subject text, p_email text, p_joining_user uuid, p_joining_email text, p_bound_jkt text,
  p_grant bytea, p_grant_expires_at timestamptz,
  p_vouched_resources text[], p_vouched_scopes text[], p_resource_uri text, p_scopes text[],
  p_family uuid, p_access bytea, p_refresh bytea, p_access_seconds int, p_refresh_seconds int, p_family_seconds int,
  p_now timestamptz, p_address text)
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
  v_issuer record;
  v_user record;
  v_client record;
  v_resource record;
  v_user_id uuid;
  v_has_joined boolean := false;
  v_client_scopes text[];
  v_offered text[];
  v_allowed text[];
  v_refresh bytea;
  v_access_seconds int;
  v_conditions jsonb;
begin
  -- A change of which apps may come in waits for this, or this waits for it.
  perform pg_advisory_xact_lock_shared(1635083369, 2000);
  select * into v_issuer from trusted_issuers where id = p_issuer;
  if not exists (select from issuer_subjects where issuer_id = p_issuer and subject = p_subject) then
    -- Of two first assertions about one person the later waits here, and finds the person whom the earlier created.
    perform pg_advisory_xact_lock(hashtextextended(p_issuer || chr(10) || p_subject, 1769172337));
  end if;
  -- Looked up only now: while this waited, another assertion may have created the person.
  v_user_id := assertion_user_1(p_issuer, p_subject, p_email);
  if v_user_id is null and v_issuer.vouches and v_issuer.disabled_at is null
    and v_issuer.joining && array['everybody', 'domain:' || split_part(p_email, '@', -1)]
  then
    insert into users (id, email, role, created_at)
    values (p_joining_user, coalesce(p_email, p_joining_email), 'member', p_now) on conflict (email) do nothing;
    v_has_joined := found;
    if v_has_joined then v_user_id := p_joining_user; end if;
  end if;
  -- Locks in the common order: person, issuer, client, resource.
  select id, email, disabled_at into v_user from users where id = v_user_id for share;
  select * into v_issuer from trusted_issuers where id = p_issuer for share;
  select id, disabled_at, grant_types, authentication_methods, secret_digest, dpop_bound, resource_id, scope,
      judge_app_1(registration, id, invited, coalesce(approved_fingerprint = fingerprint, false), redirect_hosts, null) as decision
    into v_client
    from clients where id = p_client for share;
  select id, uri, max_family_seconds, access_seconds, is_open into v_resource from resources
    where id = coalesce(
      requested_resource_1(p_resource_uri, v_client.resource_id, coalesce(p_scopes, p_vouched_scopes)),
      -- An assertion without a resource is for the only one that there is.
      (select min(o.id) from (select r.id from resources r order by r.id limit 2) o
        where p_resource_uri is null having count(*) = 1))
    for share;

  v_client_scopes := nullif(array_remove(string_to_array(v_client.scope, ' '), 'offline_access'), '{}');
  v_offered := array(
    select s.name from scopes s
    where s.resource_id = v_resource.id
      and (p_vouched_scopes is null or s.name = any(p_vouched_scopes))
      and (v_client_scopes is null or s.name = any(v_client_scopes))
      and case when p_scopes is not null then s.name = any(p_scopes) else p_vouched_scopes is not null or s.is_default end
    order by s.position);
  v_allowed := case when v_resource.is_open then v_offered else allowed_scopes_1(v_resource.id, v_user.id, v_offered) end;

  v_conditions := jsonb_build_object(
    'clientFound', v_client.id is not null,
    'clientEnabled', v_client.disabled_at is null,
    'clientAuthenticated', client_authenticates_1(
      v_client.authentication_methods, v_client.secret_digest, p_method, p_secret, v_assertion_is_fresh),
    'proofFresh', v_proof_is_fresh,
    'proofSent', p_jkt is not null or not v_client.dpop_bound,
    'grantRegistered', 'urn:ietf:params:oauth:grant-type:jwt-bearer' = any(v_client.grant_types),
    'keyMatches', coalesce(p_bound_jkt = p_jkt, p_bound_jkt is null),
    -- Otherwise anybody who sees an assertion could redeem it in the name of a client without a credential.
    'clientConfidential', p_method <> 'none' or p_bound_jkt is not null,
    'appAdmitted', v_client.decision <> 'refuse',
    'issuerTrusted', v_issuer.vouches and v_issuer.disabled_at is null,
    'personKnown', v_user.id = case when v_has_joined then p_joining_user else assertion_user_1(p_issuer, p_subject, p_email) end,
    'userEnabled', v_user.disabled_at is null,
    'resourcesOurs', p_vouched_resources is null
      or cardinality(p_vouched_resources) = (select count(*) from resources r where r.uri = any(p_vouched_resources)),
    'resourceMatches', coalesce(v_client.resource_id, v_resource.id) = v_resource.id,
    'scopesOffered', cardinality(v_offered) > 0,
    -- If nothing is offered, there is nothing to allow.
    'accessAllowed', cardinality(v_allowed) > 0 or cardinality(v_offered) = 0);
  if conditions_hold_1(v_conditions) then
    v_conditions := v_conditions || jsonb_build_object('assertionUnspent', spend_assertion_1(p_grant, p_grant_expires_at));
  end if;
  if not conditions_hold_1(v_conditions) then
    if v_has_joined then delete from users where id = p_joining_user; end if;
    return jsonb_build_object('refused', v_conditions, 'userId', case when not v_has_joined then v_user.id end);
  end if;

  if v_has_joined then
    insert into audit_events (at, name, user_id, address, details)
    values (p_now, 'user_created', v_user.id, p_address, jsonb_build_object('issuer', v_issuer.name));
  end if;
  -- By subject from now on, whatever becomes of the address. An identity is followed as long as its person has it.
  if v_has_joined or v_issuer.links_addresses and v_user.email = p_email then
    insert into issuer_subjects (issuer_id, subject, user_id, created_at)
    values (p_issuer, p_subject, v_user.id, p_now) on conflict do nothing;
  end if;
  insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, details)
  values (p_now, 'assertion_redeemed', v_user.id, v_client.id, v_resource.id, p_family, p_address,
    jsonb_build_object('issuer', v_issuer.name));
  v_refresh := case when v_issuer.refreshes and 'refresh_token' = any(v_client.grant_types) then p_refresh end;
  v_access_seconds := coalesce(v_resource.access_seconds, p_access_seconds);
  v_conditions := create_family_2(
    p_family, v_user.id, v_client.id, v_resource.id, v_resource.uri, v_allowed, null, null, p_method,
    least(case when v_refresh is null then v_access_seconds else p_family_seconds end, v_resource.max_family_seconds), p_access,
    v_access_seconds, v_refresh, p_refresh_seconds, p_jkt, p_now);
  -- Ends with its issuer, which stays locked until this commits.
  update token_families set issuer_id = p_issuer where id = p_family;
  return jsonb_build_object('issued', v_conditions);
end $$;
