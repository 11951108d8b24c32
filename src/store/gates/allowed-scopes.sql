-- The scopes, of those in a list, that a person may have on a resource: all if it is for everybody, else those that a
-- rule gives to them, to a group that they are in, or to everybody. A machine has no person, since the owner registered
-- it for its resource.
create or replace function allowed_scopes_1(p_resource text, p_user uuid, p_scopes text[]) returns text[]
language plpgsql stable
as $$
declare
  v_everybody constant uuid := '00000000-0000-0000-0000-000000000000';
  v_subjects uuid[];
begin
  if p_user is null or (select r.is_open from public.resources r where r.id = p_resource) then return p_scopes; end if;
  v_subjects := array[p_user, v_everybody] || array(select m.group_id from public.group_members m where m.user_id = p_user);
  return array(
    select x.s from unnest(p_scopes) with ordinality x(s, n)
    where exists (
      -- Written like the unique index, so that no rule about somebody else is read.
      select from public.access_rules a
      where a.resource_id = p_resource and coalesce(a.user_id, a.group_id, '00000000-0000-0000-0000-000000000000'::uuid) = any(v_subjects)
        and (a.scopes is null or x.s = any(a.scopes)))
    order by x.n);
end $$;
