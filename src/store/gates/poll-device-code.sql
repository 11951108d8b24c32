-- Answers a device that asks whether its person has decided (RFC 8628 §3.4): spends a code that was allowed and creates
-- its token family, or only notes that the device asked. It locks, then looks, then acts, as redeem-code.sql does. The
-- row stores when the previous poll came, so of many at once at most one isn't too soon.
--
-- Devices ask again when an answer is lost, and one poll may overtake another. So a second redemption by the same
-- caller within half a minute isn't theft. Any other one revokes the code's family.
create or replace function poll_device_code_2(
  p_code bytea, p_client text, p_method text, p_secret bytea, p_assertion bytea, p_assertion_expires_at timestamptz,
  p_jkt text, p_proof bytea, p_proof_expires_at timestamptz,
  p_resource_uri text, p_caller bytea, p_grant_type text,
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
  v_client_conditions jsonb;
  v_conditions jsonb;
  v_allowed text[];
  v_is_paced boolean := true;
  v_was_overtaken boolean;
  v_replayed boolean;
begin
  -- A change of which apps may come in waits for this, or this waits for it.
  perform pg_advisory_xact_lock_shared(1635083369, 2000);
  select user_id, resource_id into v_code from device_codes where digest = p_code and client_id = p_client;
  select id, disabled_at into v_user from users where id = v_code.user_id for share;
  select id, disabled_at, grant_types, authentication_methods, secret_digest, dpop_bound,
      judge_app_1(registration, id, invited, coalesce(approved_fingerprint = fingerprint, false), redirect_hosts, null) as decision
    into v_client
    from clients where id = p_client for share;
  select id, uri, max_family_seconds, access_seconds, is_open into v_resource from resources where id = v_code.resource_id for share;
  select * into v_code from device_codes where digest = p_code and client_id = p_client for no key update;
  -- The person has decided in the meantime, and it is too late to lock them, since people come before codes in the lock
  -- order. Without the lock they could be disabled now, and that would miss this family. So this poll counts as before
  -- the decision, and the next one will find it.
  if v_user.id is null and v_code.user_id is not null then
    v_code.decision := null;
  end if;

  v_client_conditions := jsonb_build_object(
    'clientFound', v_client.id is not null,
    'clientEnabled', v_client.disabled_at is null,
    'clientAuthenticated', client_authenticates_1(
      v_client.authentication_methods, v_client.secret_digest, p_method, p_secret, v_assertion_is_fresh),
    'proofFresh', v_proof_is_fresh,
    'proofSent', p_jkt is not null or not v_client.dpop_bound,
    'grantRegistered', p_grant_type = any(v_client.grant_types));
  if v_code.decision is null and conditions_hold_1(v_client_conditions) then
    -- A poll may overtake the one before it on the way by up to a second, which isn't a reason to slow down (RFC 8628
    -- §3.5).
    v_is_paced := coalesce(v_code.polled_at + (v_code.poll_seconds - 1) * interval '1 second' <= p_now, true);
    update device_codes set polled_at = p_now, poll_seconds = poll_seconds + case when v_is_paced then 0 else 5 end
      where digest = p_code;
  end if;
  -- No person is known before the decision.
  v_allowed := case
    when v_code.decision is null then null
    when v_resource.is_open then v_code.scopes
    else allowed_scopes_1(v_resource.id, v_user.id, v_code.scopes) end;
  v_conditions := v_client_conditions || jsonb_build_object(
    'codeFound', v_code.digest is not null,
    'resourceMatches', v_resource.uri = coalesce(p_resource_uri, v_resource.uri),
    'codeUnspent', v_code.redeemed_at is null,
    'codeNotDenied', v_code.decision is distinct from 'denied',
    'codeUnexpired', v_code.expires_at > p_now,
    'appAdmitted', v_client.decision <> 'refuse',
    'userEnabled', v_user.disabled_at is null,
    'accessAllowed', v_code.decision is null or cardinality(v_allowed) > 0,
    'paced', v_is_paced,
    'codeDecided', v_code.decision is not null);

  if conditions_hold_1(v_conditions) then
    update device_codes set redeemed_at = p_now, redeemed_by = p_caller, family_id = p_family where digest = p_code;
    insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address)
    values (p_now, 'device_code_redeemed', v_code.user_id, v_code.client_id, v_code.resource_id, p_family, p_address);
    return jsonb_build_object('issued', create_family_2(
      p_family, v_code.user_id, v_code.client_id, v_code.resource_id, v_resource.uri, v_allowed, null, v_code.user_agent,
      p_method, least(p_family_seconds, v_code.family_seconds, v_resource.max_family_seconds), p_access,
      coalesce(v_resource.access_seconds, p_access_seconds), case when 'refresh_token' = any(v_client.grant_types) then p_refresh end, p_refresh_seconds, p_jkt, p_now));
  end if;

  v_was_overtaken := coalesce(v_code.redeemed_by = p_caller and v_code.redeemed_at > p_now - interval '30 seconds', false);
  v_replayed := v_code.redeemed_at is not null and not v_was_overtaken and conditions_hold_1(v_client_conditions)
    and (v_conditions ->> 'resourceMatches')::boolean;
  if v_replayed then
    perform revoke_families_1(v_code.family_id, null, null, 'code_replayed', p_now, p_address);
  end if;
  return jsonb_build_object('refused', v_conditions, 'replayed', v_replayed,
    'userId', v_code.user_id, 'familyId', v_code.family_id);
end $$;
