-- Whether every condition of a gate holds. One that is null, since there is nothing that it could be true of, doesn't.
create or replace function conditions_hold_1(p_conditions jsonb) returns boolean
language sql immutable
as $$
  select not jsonb_path_exists(p_conditions, '$.* ? (@ != true)')
$$;
