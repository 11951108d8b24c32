-- What is left of a grant for a request that names scopes: those of it that are named, or all where none is. A request never widens a
-- grant and is never refused for what the person or the owner took out of it since (RFC 6749 §6).
create or replace function remaining_scopes_1(p_asked text[], p_granted text[]) returns text[]
language plpgsql immutable
as $$
begin
  return coalesce(
    nullif(array(select s from unnest(p_granted) with ordinality x(s, n) where s = any(p_asked) order by n), '{}'),
    p_granted);
end $$;
