-- The scopes of a grant that its resource still offers. A scope that the owner no longer offers is gone from every
-- token at once.
create or replace function offered_scopes_1(p_resource text, p_scopes text[]) returns text[]
language plpgsql stable
as $$
begin
  return array(
    select x.s from unnest(p_scopes) with ordinality x(s, n)
    where exists (select from public.scopes o where o.resource_id = p_resource and o.name = x.s)
    order by x.n);
end $$;
