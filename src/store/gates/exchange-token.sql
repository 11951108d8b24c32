-- Finds the account whose token a resource asks for with the token that it was called with (RFC 8693 §2.1), if its
-- person, the owner and the scopes of that token allow it. Null if no resource holds the credential. If the person can
-- fix what is missing, this makes a link for them.
--
-- One statement reads the token with its person and client, what its scopes need, and the account, all as of one
-- moment. Nothing is locked, since nothing is spent. If the account is refreshed or unlinked meanwhile, its version
-- changes or its row goes, and every later write names the version that it saw.
create or replace function exchange_token_1(
  p_token bytea, p_credential bytea, p_resource text, p_provider text, p_scopes text[], p_link bytea, p_link_seconds int,
  p_now timestamptz, p_address text)
returns jsonb
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_resource record;
  v_found record;
  v_scopes text[];
  v_conditions jsonb;
begin
  select r.id, r.is_open into v_resource
    from introspection_credentials i join resources r on r.id = i.resource_id
    where i.digest = p_credential and r.id = coalesce(p_resource, r.id);
  if not found then return null; end if;

  select f.id as family_id, f.user_id, f.client_id, f.resource_id,
      t.expires_at > p_now and t.revoked_at is null and f.revoked_at is null and u.disabled_at is null
        and c.disabled_at is null
        and judge_app_1(c.registration, c.id, c.invited, coalesce(c.approved_fingerprint = c.fingerprint, false), c.redirect_hosts, null) <> 'refuse'
        and (v_resource.is_open or cardinality(w.scopes) > 0) as is_active,
      needed_scopes_1(f.resource_id, w.scopes, p.slug) as needed,
      p as provider, l as account, g.scopes as allowed
    into v_found
    from access_tokens t
      join token_families f on f.id = t.family_id
      join clients c on c.id = f.client_id
      left join users u on u.id = f.user_id
      cross join lateral (
        select allowed_scopes_1(f.resource_id, f.user_id, array(select s from unnest(t.scopes) s where s = any(f.scopes))) as scopes
        offset 0) w
      left join provider_resources a on a.provider = p_provider and a.resource_id = f.resource_id
      left join providers p on p.slug = a.provider
      left join linked_accounts l on l.user_id = f.user_id and l.provider = p.slug
      left join account_grants g on g.account_id = l.id and g.resource_id = f.resource_id
    where t.digest = p_token;
  v_scopes := coalesce(p_scopes, v_found.needed);
  v_conditions := jsonb_build_object(
    'tokenActive', v_found.is_active and v_found.resource_id = v_resource.id,
    'personActs', v_found.user_id is not null,
    'providerAllowed', (v_found.provider).slug is not null,
    'providerNeeded', cardinality(v_found.needed) > 0,
    'scopesNeeded', cardinality(v_scopes) > 0 and v_scopes <@ v_found.needed);
  if not conditions_hold_1(v_conditions) then
    if v_found.resource_id <> v_resource.id then
      -- Once a minute is precise enough, and doesn't fill the log.
      insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address)
      select p_now, 'foreign_token_introspected', v_found.user_id, v_found.client_id, v_resource.id, v_found.family_id, p_address
      where not exists (
        select from audit_events e
        where e.family_id = v_found.family_id and e.name = 'foreign_token_introspected'
          and e.resource_id = v_resource.id and e.at > p_now - interval '1 minute');
    end if;
    return jsonb_build_object('refused', v_conditions);
  end if;

  v_conditions := jsonb_build_object(
    'accountGood', (v_found.account).state = 'good',
    'useAllowed', v_scopes <@ v_found.allowed,
    'scopesGranted', v_scopes <@ (v_found.account).scopes);
  if not conditions_hold_1(v_conditions) then
    -- The rows that the link refers to may be being deleted.
    insert into connect_requests (digest, user_id, client_id, resource_id, provider, scopes, created_at, expires_at)
    select p_link, u.id, c.id, r.id, p.slug, v_found.needed, p_now, p_now + p_link_seconds * interval '1 second'
    from users u
      join clients c on c.id = v_found.client_id
      join resources r on r.id = v_resource.id
      join providers p on p.slug = p_provider
    where u.id = v_found.user_id
    for key share of u, c, r, p;
    return jsonb_build_object('refused', v_conditions || jsonb_build_object('linkMade', found));
  end if;

  update account_grants set last_used_at = p_now
    where account_id = (v_found.account).id and resource_id = v_resource.id
      and (last_used_at is null or last_used_at < p_now - interval '5 minutes');
  if found then
    -- One event an hour, family and provider, so that what a server does all day doesn't fill the log.
    insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, details, counted_since, bucket)
    values (p_now, 'account_used', v_found.user_id, v_found.client_id, v_resource.id, v_found.family_id, p_address,
      jsonb_build_object('provider', p_provider), date_trunc('hour', p_now, 'UTC'),
      sha256(convert_to(jsonb_build_array(v_found.family_id, p_provider)::text, 'UTF8')))
    on conflict (name, counted_since, bucket) where bucket is not null do nothing;
  end if;
  return (
    select jsonb_build_object(
      'account', jsonb_build_object('id', l.id, 'userId', l.user_id, 'provider', l.provider, 'subject', l.subject,
        'label', l.label, 'scopes', to_jsonb(l.scopes), 'version', l.version, 'state', l.state,
        'secret', jsonb_build_object('sealed', l.sealed, 'wrappedKey', l.wrapped_key, 'keyVersion', l.key_version),
        'accessExpiresAt', floor(extract(epoch from l.access_expires_at) * 1000)),
      'provider', jsonb_build_object('slug', p.slug, 'name', p.name, 'kind', p.kind, 'issuer', p.issuer,
        'clientId', p.client_id, 'description', p.description, 'scopes', p.scopes, 'signsIn', p.signs_in,
        'joining', to_jsonb(p.joining), 'secret', case when p.sealed is not null then jsonb_build_object(
          'sealed', p.sealed, 'wrappedKey', p.wrapped_key, 'keyVersion', p.key_version) end))
    from (select (v_found.account).*) l, (select (v_found.provider).*) p);
end $$;
