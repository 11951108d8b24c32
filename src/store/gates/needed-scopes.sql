-- The scopes of a provider that scopes of a resource need, including what they imply, as far as the resource still
-- offers them: their union, and no more.
create or replace function needed_scopes_1(p_resource text, p_scopes text[], p_provider text) returns text[]
language plpgsql stable
as $$
begin
  return array(
    with recursive granted (name) as (
      select unnest(p_scopes)
      union
      select i.name from granted g
        join public.scopes s on s.resource_id = p_resource and s.name = g.name, unnest(s.implies) i(name))
    select distinct n.scope from granted g
      join public.scopes s on s.resource_id = p_resource and s.name = g.name,
      jsonb_array_elements_text(s.needs -> p_provider) n(scope)
    order by 1);
end $$;
