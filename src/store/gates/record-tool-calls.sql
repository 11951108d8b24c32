-- Records tool calls for the resource that holds the credential, each with the person, client and connection of its
-- token. Returns how many, or null if no resource holds the credential. A token of another resource, or an unknown one,
-- records nothing. `tokenId` is the start of a token's digest.
create or replace function record_tool_calls_1(p_credential bytea, p_resource text, p_calls jsonb, p_now timestamptz)
returns int
language plpgsql
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
declare
  v_resource text;
  v_recorded int;
begin
  select r.id into v_resource
    from introspection_credentials i join resources r on r.id = i.resource_id
    where i.digest = p_credential and r.id = coalesce(p_resource, r.id);
  if not found then return null; end if;
  insert into audit_events (at, name, user_id, client_id, resource_id, family_id, address, details)
  select p_now, 'tool_called', f.user_id, f.client_id, v_resource, f.id, call.address, call.details
  from jsonb_to_recordset(p_calls) as call("tokenId" text, address text, details jsonb)
    -- Makes one look-up for each call. In a join, the planner would expect a range of digests to be a large part of the
    -- table.
    cross join lateral (
      select t.family_id from access_tokens t
      where t.digest between decode(call."tokenId" || repeat('00', 16), 'hex') and decode(call."tokenId" || repeat('ff', 16), 'hex')
      order by t.digest limit 1) t
    cross join lateral (
      select f.id, f.user_id, f.client_id from token_families f
      where f.id = t.family_id and f.resource_id = v_resource limit 1) f;
  get diagnostics v_recorded = row_count;
  return v_recorded;
end $$;
