-- The scopes to ask for: those requested that the resource offers, in its order, or its default ones if the request
-- named none that it offers. Clients ask for what another server's metadata told them, and a refusal would leave them
-- stuck.
create or replace function requested_scopes_1(p_resource text, p_scopes text[]) returns text[]
language plpgsql stable
as $$
begin
  return coalesce(
    nullif(array(
      select s.name from public.scopes s where s.resource_id = p_resource and s.name = any(p_scopes) order by s.position), '{}'),
    array(select s.name from public.scopes s where s.resource_id = p_resource and s.is_default order by s.position));
end $$;
