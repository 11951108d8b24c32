-- Issues an authorization code for a consent that a signed-in person just gave (OAuth 2.1 §4.1.2), if everything that
-- the page showed still holds: the session, the client as it was displayed, the resource and its scopes. Also true if a
-- code already waits for the same person and the same choice: the page carries its code, so that a form that is sent
-- twice issues only one.
create or replace function issue_code_2(
  p_code bytea, p_session bytea, p_idle_seconds int, p_client text, p_fingerprint bytea, p_resource text, p_scopes text[],
  p_redirect_uri text, p_redirect_host text, p_challenge text, p_jkt text, p_family_seconds int, p_user_agent text, p_code_seconds int,
  p_now timestamptz, p_address text)
returns boolean
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_user record;
  v_session record;
  v_client record;
  v_resource record;
begin
  -- A change of which apps may come in waits for this, or this waits for it.
  perform pg_advisory_xact_lock_shared(1635083369, 2000);
  select user_id into v_session from sessions where digest = p_session;
  select id, disabled_at into v_user from users where id = v_session.user_id for share;
  select expires_at, last_seen_at into v_session from sessions where digest = p_session for share;
  select id, disabled_at, fingerprint, resource_id,
      judge_app_1(registration, id, invited, coalesce(approved_fingerprint = fingerprint, false), redirect_hosts, p_redirect_host) as decision
    into v_client from clients where id = p_client for share;
  select id, is_open into v_resource from resources where id = p_resource for share;
  -- If anything is missing, this is null, which counts as no.
  if (v_user.id is not null and v_user.disabled_at is null
    and v_session.expires_at > p_now and v_session.last_seen_at > p_now - p_idle_seconds * interval '1 second'
    and v_client.fingerprint = p_fingerprint and v_client.disabled_at is null and v_client.decision = 'welcome'
    and coalesce(v_client.resource_id, v_resource.id) = v_resource.id
    and offered_scopes_1(p_resource, p_scopes) = p_scopes
    and (v_resource.is_open or allowed_scopes_1(p_resource, v_user.id, p_scopes) = p_scopes)) is not true
  then
    return false;
  end if;

  insert into authorization_codes
    (digest, user_id, client_id, resource_id, scopes, redirect_uri, redirect_host, code_challenge, dpop_jkt, family_seconds, user_agent, created_at, expires_at)
  values (p_code, v_user.id, v_client.id, v_resource.id, p_scopes, p_redirect_uri, p_redirect_host, p_challenge, p_jkt, p_family_seconds, p_user_agent,
    p_now, p_now + p_code_seconds * interval '1 second')
  on conflict (digest) do nothing;
  if found then
    insert into audit_events (at, name, user_id, client_id, resource_id, address)
    values (p_now, 'authorization_granted', v_user.id, v_client.id, v_resource.id, p_address);
    return true;
  end if;
  return exists (
    select from authorization_codes
    where digest = p_code and user_id = v_user.id and redeemed_at is null and expires_at > p_now and scopes = p_scopes
      and family_seconds is not distinct from p_family_seconds);
end $$;
