-- Looks up a token for the resource that holds the credential (RFC 7662 §2). Null if no resource does, and only the
-- resource's URI for a token that isn't active for it. One statement reads token, family, person and client, so the
-- look-up is the revocation check. The first look-up that finds a token active stamps it as seen in use, which decides
-- whether a lost answer may be given again. A credential is stamped once an hour, so that its owner sees which ones are
-- in use.
create or replace function introspect_2(
  p_token bytea, p_credential bytea, p_resource text, p_now timestamptz, p_address text)
returns jsonb
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_resource record;
  v_token record;
  v_answer jsonb;
begin
  select r.id, r.uri, r.is_open, i.last_used_at into v_resource
    from introspection_credentials i join resources r on r.id = i.resource_id
    where i.digest = p_credential and r.id = coalesce(p_resource, r.id);
  if not found then return null; end if;

  select t.first_used_at, t.dpop_jkt, t.created_at, t.expires_at, f.id as family_id, f.user_id, f.client_id, f.resource_id, u.email,
      -- A scope that the person took away, or that the owner no longer offers, is gone at once.
      array(
        select x.s from unnest(t.scopes) with ordinality x(s, n)
        where x.s = any(f.scopes)
          and exists (select from scopes o where o.resource_id = f.resource_id and o.name = x.s)
        order by x.n) as scopes,
      t.expires_at > p_now and t.revoked_at is null and f.revoked_at is null and u.disabled_at is null
        and c.disabled_at is null
        and judge_app_1(c.registration, c.id, c.invited, coalesce(c.approved_fingerprint = c.fingerprint, false), c.redirect_hosts, null) <> 'refuse'
        as is_active
    into v_token
    from access_tokens t
      join token_families f on f.id = t.family_id
      join clients c on c.id = f.client_id
      left join users u on u.id = f.user_id
    where t.digest = p_token;

  -- A server that is for everybody costs no more than reading this column.
  if not v_resource.is_open and v_token.resource_id = v_resource.id then
    v_token.scopes := allowed_scopes_1(v_resource.id, v_token.user_id, v_token.scopes);
    v_token.is_active := v_token.is_active and cardinality(v_token.scopes) > 0;
  end if;

  if v_token.resource_id <> v_resource.id then
    -- Once a minute is precise enough, and doesn't fill the log.
    insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address)
    select p_now, 'foreign_token_introspected', v_token.user_id, v_token.client_id, v_resource.id, v_token.family_id, p_address
    where not exists (
      select from audit_events e
      where e.family_id = v_token.family_id and e.name = 'foreign_token_introspected'
        and e.resource_id = v_resource.id and e.at > p_now - interval '1 minute');
  elsif v_token.is_active then
    if v_token.first_used_at is null then
      update access_tokens set first_used_at = p_now where digest = p_token and first_used_at is null;
    end if;
    v_answer := jsonb_build_object(
      'userId', v_token.user_id, 'email', v_token.email, 'clientId', v_token.client_id, 'jkt', v_token.dpop_jkt, 'scopes', v_token.scopes,
      'issuedAt', floor(extract(epoch from v_token.created_at)), 'expiresAt', floor(extract(epoch from v_token.expires_at)));
  end if;

  if v_resource.last_used_at is null or v_resource.last_used_at < p_now - interval '1 hour' then
    -- The resource comes before the token in the lock order, so this doesn't wait for a locked one. A credential that
    -- is being rotated or deleted needs no stamp.
    update introspection_credentials set last_used_at = p_now
      where digest = (select i.digest from introspection_credentials i where i.digest = p_credential for no key update skip locked);
  end if;
  return jsonb_build_object('resourceUri', v_resource.uri, 'token', v_answer);
end $$;
