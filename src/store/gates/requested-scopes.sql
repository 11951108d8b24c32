-- The scopes to ask for: those that were requested of what the resource offers, in its order, or its default ones where nothing was requested
-- or it offers none of that. Clients ask for what another server's metadata told them, and a refusal would leave them stuck.
create or replace function requested_scopes_1(p_resource text, p_scopes text[]) returns text[]
language plpgsql stable
as $$
begin
  return coalesce(
    nullif(array(
      select s.name from public.scopes s where s.resource_id = p_resource and s.name = any(p_scopes) order by s.position), '{}'),
    array(select s.name from public.scopes s where s.resource_id = p_resource and s.is_default order by s.position));
end $$;
