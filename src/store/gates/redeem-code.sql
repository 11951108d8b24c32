-- Spends an authorization code and creates its token family, or does nothing (OAuth 2.1 §4.1.3). It locks, then looks,
-- then acts: the rows that it looks at can't change any more, since each statement of a function sees what was
-- committed while it waited for a lock.
--
-- A second redemption that passes every check suggests theft (OAuth 2.1 §4.1.3). It revokes every family of this person
-- and client. If the client id is a metadata document, which all installations of the app share, it revokes only the
-- code's family. A redemption that fails another check revokes nothing, or anybody who sees a code could sign the
-- person out.
create or replace function redeem_code_2(
  p_code bytea, p_client text, p_method text, p_secret bytea, p_assertion bytea, p_assertion_expires_at timestamptz,
  p_jkt text, p_proof bytea, p_proof_expires_at timestamptz,
  p_challenge text, p_redirect_uri text, p_resource_uri text, p_scopes text[],
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
  v_user record;
  v_client record;
  v_resource record;
  v_code record;
  v_conditions jsonb;
  v_allowed text[];
  v_replayed boolean;
begin
  -- A change of which apps may come in waits for this, or this waits for it.
  perform pg_advisory_xact_lock_shared(1635083369, 2000);
  -- A code never changes its owner, so this can be read before anything is locked.
  select user_id, resource_id, redirect_host into v_code from authorization_codes where digest = p_code and client_id = p_client;
  -- Locks in the common order: person, client, resource, code. Disabling or deleting one of them comes either before or
  -- after.
  select id, disabled_at into v_user from users where id = v_code.user_id for share;
  select id, disabled_at, registration, grant_types, authentication_methods, secret_digest, dpop_bound,
      judge_app_1(registration, id, invited, coalesce(approved_fingerprint = fingerprint, false), redirect_hosts, v_code.redirect_host) as decision
    into v_client
    from clients where id = p_client for share;
  select id, uri, max_family_seconds, access_seconds, is_open into v_resource from resources where id = v_code.resource_id for share;
  -- The later ones of parallel redemptions wait here, and then find the code spent.
  select * into v_code from authorization_codes where digest = p_code and client_id = p_client for no key update;

  -- Leaves out scopes that the owner has taken from this person since they consented.
  v_allowed := case when v_resource.is_open then v_code.scopes
    else allowed_scopes_1(v_resource.id, v_user.id, v_code.scopes) end;
  v_conditions := jsonb_build_object(
    'clientFound', v_client.id is not null,
    'clientEnabled', v_client.disabled_at is null,
    'clientAuthenticated', client_authenticates_1(
      v_client.authentication_methods, v_client.secret_digest, p_method, p_secret, v_assertion_is_fresh),
    'proofFresh', v_proof_is_fresh,
    'proofSent', p_jkt is not null or not v_client.dpop_bound,
    'grantRegistered', 'authorization_code' = any(v_client.grant_types),
    'codeFound', v_code.digest is not null,
    'verifierMatches', v_code.code_challenge = p_challenge,
    'redirectUriMatches', v_code.redirect_uri = coalesce(p_redirect_uri, v_code.redirect_uri),
    'keyMatches', coalesce(v_code.dpop_jkt = p_jkt, v_code.dpop_jkt is null),
    'codeUnspent', v_code.redeemed_at is null,
    'codeUnexpired', v_code.expires_at > p_now,
    'appAdmitted', v_client.decision <> 'refuse',
    'userEnabled', v_user.disabled_at is null,
    'accessAllowed', cardinality(v_allowed) > 0,
    'resourceMatches', v_resource.uri = coalesce(p_resource_uri, v_resource.uri));

  if conditions_hold_1(v_conditions) then
    update authorization_codes set redeemed_at = p_now, family_id = p_family where digest = p_code;
    insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address)
    values (p_now, 'code_redeemed', v_code.user_id, v_code.client_id, v_code.resource_id, p_family, p_address);
    return jsonb_build_object('issued', create_family_2(
      p_family, v_code.user_id, v_code.client_id, v_code.resource_id, v_resource.uri, v_allowed, p_scopes, v_code.user_agent,
      p_method, least(p_family_seconds, v_code.family_seconds, v_resource.max_family_seconds), p_access,
      coalesce(v_resource.access_seconds, p_access_seconds), case when 'refresh_token' = any(v_client.grant_types) then p_refresh end, p_refresh_seconds, p_jkt, p_now));
  end if;

  v_replayed := v_code.redeemed_at is not null
    and conditions_hold_1(v_conditions - array['codeUnspent', 'codeUnexpired', 'appAdmitted', 'userEnabled', 'accessAllowed', 'resourceMatches']);
  if v_replayed then
    perform revoke_families_1(
      case when v_client.registration = 'metadata_document' then v_code.family_id end, v_code.user_id, v_code.client_id,
      'code_replayed', p_now, p_address);
  end if;
  return jsonb_build_object('refused', v_conditions, 'replayed', v_replayed,
    'userId', v_code.user_id, 'familyId', v_code.family_id);
end $$;
