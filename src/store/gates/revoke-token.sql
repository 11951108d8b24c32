-- Revokes a token for its own client (RFC 7009). A refresh token, even a spent or expired one, takes its family along.
-- An access token is revoked alone. Another client's token is left as it is, and the answer doesn't reveal whether it
-- exists.
create or replace function revoke_token_1(
  p_token bytea, p_client text, p_method text, p_secret bytea, p_assertion bytea, p_assertion_expires_at timestamptz,
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
  v_client record;
  v_family record;
  v_conditions jsonb;
begin
  select id, disabled_at, authentication_methods, secret_digest into v_client from clients where id = p_client;
  v_conditions := jsonb_build_object(
    'clientFound', v_client.id is not null,
    'clientEnabled', v_client.disabled_at is null,
    'clientAuthenticated', client_authenticates_1(
      v_client.authentication_methods, v_client.secret_digest, p_method, p_secret, v_assertion_is_fresh));
  if not conditions_hold_1(v_conditions) then
    return jsonb_build_object('refused', v_conditions);
  end if;

  select id into v_family from token_families
    where client_id = p_client and id = coalesce(
      (select family_id from refresh_tokens where digest = p_token),
      (select family_id from spent_refresh_tokens where digest = substr(p_token, 1, 16)));
  if found then
    perform revoke_families_1(v_family.id, null, null, 'revoked_by_client', p_now, p_address);
    return '{}';
  end if;
  select id, user_id, client_id, resource_id into v_family from token_families
    where id = (select family_id from access_tokens where digest = p_token) and client_id = p_client;
  update access_tokens set revoked_at = p_now where digest = p_token and family_id = v_family.id and revoked_at is null;
  if found then
    insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address)
    values (p_now, 'token_revoked', v_family.user_id, v_family.client_id, v_family.resource_id, v_family.id, p_address);
  end if;
  return '{}';
end $$;
