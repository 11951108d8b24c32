-- Spends a refresh token and issues its successors, or gives the same pair again, or does nothing (OAuth 2.1 §4.3.1).
-- The family is locked first, as revoking does, so that rotations of one family take turns and a revocation comes
-- before or after one.
--
-- A spent token gets the pair that it gave before, if that pair is still the head of the family and one of two
-- intervals runs: the reuse interval, or the longer one for lost answers, while neither token of the pair was seen in
-- use and the caller looks like the one that rotated. Without that last condition, a thief who rotates first and waits
-- would go unnoticed. The guards `> 0` matter: the loser's clock can be behind the winner's, so that an interval of
-- zero would still let it through. Any other use of a spent token is reuse (RFC 9700 §4.14.2): somebody else has had
-- it, and the family ends.
create or replace function rotate_refresh_token_2(
  p_token bytea, p_client text, p_method text, p_secret bytea, p_assertion bytea, p_assertion_expires_at timestamptz,
  p_jkt text, p_proof bytea, p_proof_expires_at timestamptz,
  p_resource_uri text, p_scopes text[], p_caller bytea,
  p_access bytea, p_refresh bytea, p_sealed_answer text, p_access_seconds int, p_refresh_seconds int,
  p_reuse_seconds int, p_lost_answer_seconds int, p_now timestamptz, p_address text)
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
  v_family record;
  v_token record;
  v_user record;
  v_resource record;
  v_successor record;
  v_access record;
  v_conditions jsonb;
  v_offered text[];
  v_allowed text[];
  v_scopes text[];
  v_access_ends timestamptz;
  v_today date := (p_now at time zone 'UTC')::date;
  v_is_recent boolean;
  v_is_same_caller boolean;
begin
  select family_id into v_token from refresh_tokens where digest = p_token;
  if not found then
    select family_id into v_token from spent_refresh_tokens where digest = substr(p_token, 1, 16);
  end if;
  select * into v_family from token_families where id = v_token.family_id and client_id = p_client for no key update;
  -- Read only after the lock, so that a faster rotation has committed and is seen.
  select * into v_token from refresh_tokens where digest = p_token and family_id = v_family.id;
  if not found then
    select p_token as digest, family_id, null::int as generation, (expires_on + 1)::timestamp at time zone 'UTC' as expires_at,
        '-infinity'::timestamptz as used_at, null::text as sealed_answer, null::bytea as rotated_by
      into v_token from spent_refresh_tokens where digest = substr(p_token, 1, 16) and family_id = v_family.id;
  end if;
  select id, disabled_at, grant_types, authentication_methods, secret_digest, dpop_bound,
      judge_app_1(registration, id, invited, coalesce(approved_fingerprint = fingerprint, false), redirect_hosts, null) as decision
    into v_client from clients where id = p_client;
  -- Person and client aren't locked. Disabling one of them then revokes their families, and waits for this one's lock.
  select id, disabled_at into v_user from users where id = v_family.user_id;
  select id, uri, access_seconds, is_open into v_resource from resources where id = v_family.resource_id;
  v_offered := offered_scopes_1(v_family.resource_id, v_family.scopes);
  v_allowed := case when v_resource.is_open then v_offered
    else allowed_scopes_1(v_family.resource_id, v_family.user_id, v_offered) end;

  v_conditions := jsonb_build_object(
    'clientFound', v_client.id is not null,
    'clientEnabled', v_client.disabled_at is null,
    'clientAuthenticated', client_authenticates_1(
      v_client.authentication_methods, v_client.secret_digest, p_method, p_secret, v_assertion_is_fresh),
    'proofFresh', v_proof_is_fresh,
    'proofSent', p_jkt is not null or not v_client.dpop_bound,
    'grantRegistered', 'refresh_token' = any(v_client.grant_types),
    'tokenFound', v_token.digest is not null,
    'methodSuffices', method_suffices_1(v_family.authentication_method, p_method),
    -- Once bound, always bound: a public client to its key, and one that authenticates to any key.
    'keyHeld', v_family.dpop_jkt is null or coalesce(v_family.dpop_jkt = p_jkt or p_method <> 'none' and p_jkt is not null, false),
    'appAdmitted', v_client.decision <> 'refuse',
    'userEnabled', v_user.disabled_at is null,
    'familyLive', v_family.revoked_at is null,
    'tokenUnexpired', least(v_token.expires_at, v_family.expires_at) > p_now,
    'resourceMatches', v_resource.uri = coalesce(p_resource_uri, v_resource.uri),
    'scopesGranted', coalesce(p_scopes <@ coalesce(v_family.granted_scopes, v_family.scopes), true),
    'scopesOffered', cardinality(v_offered) > 0,
    -- If nothing is offered, there is nothing to allow.
    'accessAllowed', cardinality(v_allowed) > 0 or cardinality(v_offered) = 0,
    'tokenUnspent', v_token.used_at is null);

  if not conditions_hold_1(v_conditions - 'tokenUnspent') then
    return jsonb_build_object('refused', v_conditions);
  end if;
  -- A client that has proven more than before has to do so from now on, even if it gets the same pair again.
  if v_family.authentication_method = 'none' and p_method <> 'none' then
    update token_families set authentication_method = p_method where id = v_family.id;
  end if;

  if v_family.dpop_jkt is null and p_jkt is not null then
    update token_families set dpop_jkt = p_jkt where id = v_family.id;
  end if;

  if v_token.used_at is null then
    v_scopes := remaining_scopes_1(p_scopes, v_allowed);
    v_access_ends := least(p_now + coalesce(v_resource.access_seconds, p_access_seconds) * interval '1 second', v_family.expires_at);
    update refresh_tokens set used_at = p_now, sealed_answer = p_sealed_answer, rotated_by = p_caller where digest = p_token;
    -- What can neither be answered again nor excused any more is only needed to see reuse, so little of it is kept.
    with outlived as (
      delete from refresh_tokens where family_id = v_family.id and generation < v_token.generation
        and used_at < p_now - greatest(p_reuse_seconds, p_lost_answer_seconds) * interval '1 second'
      returning digest, expires_at)
    insert into spent_refresh_tokens (digest, family_id, expires_on)
    select substr(digest, 1, 16), v_family.id, (expires_at at time zone 'UTC')::date from outlived;
    update refresh_tokens set sealed_answer = null
      where family_id = v_family.id and generation = v_token.generation - 1 and sealed_answer is not null;
    insert into refresh_tokens (digest, family_id, generation, created_at, expires_at)
    values (p_refresh, v_family.id, v_token.generation + 1, p_now,
      least(p_now + p_refresh_seconds * interval '1 second', v_family.expires_at));
    insert into access_tokens (digest, family_id, generation, scopes, dpop_jkt, created_at, expires_at)
    values (p_access, v_family.id, v_token.generation + 1, v_scopes, p_jkt, p_now, v_access_ends);
    -- The audit log says that a connection was used on a day. Each refresh is a number in a row of that day.
    if not exists (select from recent_refreshes where family_id = v_family.id and day = v_today) then
      insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, counted_since)
      values (p_now, 'token_refreshed', v_family.user_id, v_family.client_id, v_family.resource_id, v_family.id, p_address,
        v_today::timestamp at time zone 'UTC');
    end if;
    insert into recent_refreshes as r (family_id, day, network, refreshes, seconds)
    values (v_family.id, v_today, network_of_1(p_address), 1, array[floor(extract(epoch from p_now))::bigint % 86400])
    on conflict (family_id, day, network) do update
      set refreshes = r.refreshes + 1, seconds = r.seconds[1:99] || excluded.seconds;
    return jsonb_build_object('issued', issued_tokens_2(v_resource.uri, v_scopes, v_access_ends, true, p_jkt is not null));
  end if;

  select digest, used_at into v_successor from refresh_tokens
    where family_id = v_family.id and generation = v_token.generation + 1;
  select scopes, expires_at, dpop_jkt into v_access from access_tokens
    where family_id = v_family.id and generation = v_token.generation + 1;
  v_is_recent := p_reuse_seconds > 0 and v_token.used_at > p_now - p_reuse_seconds * interval '1 second';
  v_is_same_caller := coalesce(v_token.rotated_by = p_caller, false);
  if v_token.sealed_answer is not null and v_access.expires_at is not null
    and v_successor.digest is not null and v_successor.used_at is null
    and (v_is_recent or (
      p_lost_answer_seconds > 0 and v_token.used_at > p_now - p_lost_answer_seconds * interval '1 second' and v_is_same_caller
      and not exists (select from access_tokens
        where family_id = v_family.id and generation > v_token.generation and first_used_at is not null)))
  then
    insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address)
    values (p_now, case when v_is_same_caller then 'refresh_replayed' else 'refresh_replayed_by_other_caller' end,
      v_family.user_id, v_family.client_id, v_family.resource_id, v_family.id, p_address);
    return jsonb_build_object('sealedAnswer', v_token.sealed_answer,
      'issued', issued_tokens_2(
        v_resource.uri, v_access.scopes, v_access.expires_at, true, v_access.dpop_jkt is not null));
  end if;

  -- A race between the client's own processes does no harm. A race with another caller means that somebody else has the
  -- token.
  if v_is_recent and v_is_same_caller then
    return jsonb_build_object('refused', v_conditions || jsonb_build_object('tokenCurrent', false));
  end if;
  perform revoke_families_1(v_family.id, null, null, 'refresh_token_reused', p_now, p_address);
  return jsonb_build_object('refused', v_conditions, 'replayed', true, 'userId', v_family.user_id, 'familyId', v_family.id);
end $$;
