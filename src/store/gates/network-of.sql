-- The network of a caller: an IPv4 address, or the /64 of an IPv6 one, within which a device changes its address as it
-- likes. Null if the address is unknown.
create or replace function network_of_1(p_address text) returns inet
language sql stable
as $$
  select case when not pg_input_is_valid(p_address, 'inet') then null
    when family(p_address::inet) = 6 then network(set_masklen(p_address::inet, 64))::inet
    else p_address::inet end
$$;
