-- The resource that a request is for (RFC 8707). It is the one that the request names, if its client may ask for that.
-- Otherwise it is the only one that the client may ask for, the only one that offers all the requested scopes, or the
-- default one. Null if there is none.
create or replace function requested_resource_1(p_uri text, p_only text, p_scopes text[]) returns text
language plpgsql stable
as $$
begin
  return case
    when p_uri is not null then (
      select r.id from public.resources r where r.uri = p_uri and coalesce(p_only, r.id) = r.id)
    else coalesce(
      p_only,
      (select min(o.resource_id) from (
          select s.resource_id from public.scopes s where s.name = any(p_scopes)
          group by s.resource_id having count(*) = cardinality(p_scopes)) o
        having count(*) = 1),
      (select r.id from public.resources r where r.is_default))
  end;
end $$;
