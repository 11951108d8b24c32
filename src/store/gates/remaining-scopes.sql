-- What remains of a grant for a request that names scopes: those that it names, or all if it names none. A request
-- never widens a grant, and is never refused because the person or the owner has since taken something out of it (RFC
-- 6749 §6).
create or replace function remaining_scopes_1(p_asked text[], p_granted text[]) returns text[]
language plpgsql immutable
as $$
begin
  return coalesce(
    nullif(array(select s from unnest(p_granted) with ordinality x(s, n) where s = any(p_asked) order by n), '{}'),
    p_granted);
end $$;
