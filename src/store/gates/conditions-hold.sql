-- Whether every condition of a gate holds. A condition is null if the row that it is about doesn't exist, and then it
-- doesn't hold.
create or replace function conditions_hold_1(p_conditions jsonb) returns boolean
language sql immutable
as $$
  select not jsonb_path_exists(p_conditions, '$.* ? (@ != true)')
$$;
