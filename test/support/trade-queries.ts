// What analysts ask of a trading schema: twenty-two questions in the shapes of decision support benchmarks, and those of
// dashboards. `masked` says that a masked column takes part: then the answer is another one.

/** One question. */
export interface TradeQuery {
  readonly name: string
  readonly sql: string
  readonly masked?: true
}

/** The questions. */
export const tradeQueries: readonly TradeQuery[] = [
  {
    name: '1 sums by flag',
    sql: `select l_flag, l_status, sum(l_quantity), sum(l_price * (1 - l_discount) * (1 + l_tax)), round(avg(l_discount), 4), count(*)
      from trade.lineitem where l_shipped <= date '1998-01-01' - interval '90 days' group by 1, 2 order by 1, 2`,
  },
  {
    name: '2 cheapest supplier with its phone',
    masked: true,
    sql: `select s_balance, s_name, n_name, p_id, s_address, s_phone from trade.part, trade.supplier, trade.partsupp, trade.nation
      where p_id = ps_part and s_id = ps_supplier and s_nation = n_id and p_size < 5
      and ps_cost = (select min(ps_cost) from trade.partsupp i where i.ps_part = p_id) order by p_id, s_id`,
  },
  {
    name: '3 open orders by value',
    sql: `select l_order, sum(l_price * (1 - l_discount)) as revenue, o_date from trade.customer, trade.orders, trade.lineitem
      where c_segment = 'building' and c_id = o_customer and l_order = o_id and o_date < date '1996-03-15'
      group by l_order, o_date order by revenue desc, o_date, l_order limit 10`,
  },
  {
    name: '4 orders received late',
    sql: `select o_priority, count(*) from trade.orders where o_date >= date '1995-01-01' and exists
      (select 1 from trade.lineitem where l_order = o_id and l_committed < l_received) group by o_priority order by o_priority`,
  },
  {
    name: '5 revenue within a region',
    sql: `select n_name, sum(l_price * (1 - l_discount)) as revenue from trade.customer join trade.orders on c_id = o_customer
      join trade.lineitem on l_order = o_id join trade.supplier on l_supplier = s_id join trade.nation on s_nation = n_id
      join trade.region on n_region = r_id where r_name = 'region 2' group by n_name order by revenue desc, n_name`,
  },
  {
    name: '6 what discounts cost',
    sql: `select sum(l_price * l_discount) from trade.lineitem where l_discount between 0.05 and 0.07 and l_quantity < 24`,
  },
  {
    name: '7 trade between two nations',
    sql: `select a.n_name as one, b.n_name as other, extract(year from l_shipped) as year, sum(l_price) from trade.supplier
      join trade.lineitem on s_id = l_supplier join trade.orders on o_id = l_order join trade.customer on c_id = o_customer
      join trade.nation a on s_nation = a.n_id join trade.nation b on c_nation = b.n_id
      where a.n_id < 6 and b.n_id < 6 group by 1, 2, 3 order by 1, 2, 3`,
  },
  {
    name: '8 market share',
    sql: `select year, round(sum(case when nation = 'nation 3' then volume else 0 end) / sum(volume), 4) from
      (select extract(year from o_date) as year, l_price as volume, n_name as nation from trade.part, trade.supplier, trade.lineitem,
      trade.orders, trade.customer, trade.nation where p_id = l_part and s_id = l_supplier and l_order = o_id and o_customer = c_id
      and s_nation = n_id and p_type = 'large brass') all_nations group by year order by year`,
  },
  {
    name: '9 profit by nation and year',
    sql: `select n_name, extract(year from o_date) as year, sum(l_price * (1 - l_discount) - ps_cost * l_quantity) from trade.part
      join trade.lineitem on p_id = l_part join trade.supplier on s_id = l_supplier join trade.orders on o_id = l_order
      join trade.nation on s_nation = n_id left join trade.partsupp on ps_part = l_part and ps_supplier = l_supplier
      where p_name like '%green%' group by 1, 2 order by 1, 2 desc`,
  },
  {
    name: '10 customers who send things back',
    masked: true,
    sql: `select c_id, c_name, sum(l_price) as lost, c_balance, c_address, c_phone from trade.customer, trade.orders, trade.lineitem
      where c_id = o_customer and l_order = o_id and l_flag = 'R' group by c_id, c_name, c_balance, c_address, c_phone
      order by lost desc, c_id limit 20`,
  },
  {
    name: '11 stock that counts',
    sql: `select ps_part, sum(ps_cost * ps_quantity) as value from trade.partsupp, trade.supplier where ps_supplier = s_id and s_nation < 9
      group by ps_part having sum(ps_cost * ps_quantity) > (select sum(ps_cost * ps_quantity) * 0.005 from trade.partsupp)
      order by value desc, ps_part`,
  },
  {
    name: '12 modes of shipping',
    sql: `select l_mode, sum(case when o_priority in ('1-urgent', '2-high') then 1 else 0 end), count(*) filter (where o_priority = '3-low')
      from trade.orders, trade.lineitem where o_id = l_order and l_mode in ('mail', 'ship') group by l_mode order by l_mode`,
  },
  {
    name: '13 how many orders customers have',
    sql: `select orders, count(*) from (select c_id, count(o_id) as orders from trade.customer left join trade.orders on c_id = o_customer
      and o_priority <> '3-low' group by c_id) each_one group by orders order by 2 desc, 1 desc`,
  },
  {
    name: '14 share of promotions',
    sql: `select round(100 * sum(case when p_type like 'promo%' then l_price else 0 end) / sum(l_price), 3) from trade.lineitem, trade.part
      where l_part = p_id and l_shipped >= date '1995-09-01'`,
  },
  {
    name: '15 the best supplier, by number',
    sql: `with revenue as (select l_supplier as supplier, sum(l_price) as total from trade.lineitem group by l_supplier)
      select s_id, total from trade.supplier, revenue where s_id = supplier and total = (select max(total) from revenue) order by s_id`,
  },
  {
    name: '16 suppliers of kinds of parts',
    sql: `select p_brand, p_type, p_size, count(distinct ps_supplier) from trade.partsupp, trade.part where p_id = ps_part and p_brand <> 'brand 4'
      and ps_supplier not in (select s_id from trade.supplier where s_note like '%complaints%') group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 30`,
  },
  {
    name: '17 small quantities',
    sql: `select round(sum(l_price) / 7.0, 4) from trade.lineitem, trade.part where p_id = l_part and p_container = 'box'
      and l_quantity < (select 0.5 * avg(l_quantity) from trade.lineitem i where i.l_part = p_id)`,
  },
  {
    name: '18 large orders with the name of the customer',
    masked: true,
    sql: `select c_name, c_id, o_id, o_total, sum(l_quantity) from trade.customer, trade.orders, trade.lineitem where o_id in
      (select l_order from trade.lineitem group by l_order having sum(l_quantity) > 120) and c_id = o_customer and o_id = l_order
      group by c_name, c_id, o_id, o_total order by o_total desc, o_id limit 50`,
  },
  {
    name: '19 one of several conditions',
    sql: `select sum(l_price * (1 - l_discount)) from trade.lineitem, trade.part where (p_id = l_part and p_brand = 'brand 1' and l_quantity < 11)
      or (p_id = l_part and p_brand = 'brand 2' and p_size between 1 and 10) or (p_id = l_part and p_container in ('bag', 'jar') and l_mode = 'air')`,
  },
  {
    name: '20 suppliers with more than they need',
    sql: `select s_id, n_name from trade.supplier, trade.nation where s_id in (select ps_supplier from trade.partsupp where ps_part in
      (select p_id from trade.part where p_name like 'part forest%') and ps_quantity > (select coalesce(0.5 * sum(l_quantity), 0) from trade.lineitem
      where l_part = ps_part and l_supplier = ps_supplier)) and s_nation = n_id order by s_id`,
  },
  {
    name: '21 suppliers who kept orders waiting',
    sql: `select s_id, count(*) from trade.supplier, trade.lineitem l1, trade.orders where s_id = l1.l_supplier and o_id = l1.l_order and o_status = 'F'
      and l1.l_received > l1.l_committed and exists (select 1 from trade.lineitem l2 where l2.l_order = l1.l_order and l2.l_supplier <> l1.l_supplier)
      and not exists (select 1 from trade.lineitem l3 where l3.l_order = l1.l_order and l3.l_supplier <> l1.l_supplier and l3.l_received > l3.l_committed)
      group by s_id order by 2 desc, 1`,
  },
  {
    name: '22 customers without orders by the prefix of their phone',
    masked: true,
    sql: `select left(c_phone, 2) as country, count(*), sum(c_balance) from trade.customer where c_balance > (select avg(c_balance) from trade.customer
      where c_balance > 0) and not exists (select 1 from trade.orders where o_customer = c_id) group by 1 order by 1`,
  },
  { name: 'rows of a table', sql: 'select count(*) from trade.customer' },
  { name: 'a list of choices', sql: 'select distinct c_segment from trade.customer order by c_segment' },
  { name: 'a page', sql: 'select c_id, c_segment from trade.customer order by c_id limit 20 offset 40' },
  { name: 'a page with names', masked: true, sql: 'select c_id, c_name from trade.customer order by c_id limit 20' },
  {
    name: 'by month',
    sql: `select date_trunc('month', o_date)::date as month, count(*), sum(o_total) from trade.orders group by month order by month`,
  },
  {
    name: 'running total',
    sql: `select o_date, sum(sum(o_total)) over (order by o_date) from trade.orders join trade.customer on o_customer = c_id
      where c_segment = 'household' group by o_date order by o_date limit 40`,
  },
  {
    name: 'rank within a group',
    sql: `select * from (select c_segment, c_id, sum(o_total) as total, rank() over (partition by c_segment order by sum(o_total) desc, c_id) as place
      from trade.customer join trade.orders on o_customer = c_id group by c_segment, c_id) ranked where place <= 3 order by 1, 4`,
  },
  {
    name: 'subtotals',
    sql: `select c_segment, o_status, count(*), grouping(c_segment, o_status) from trade.customer join trade.orders on o_customer = c_id
      group by rollup (c_segment, o_status) order by c_segment nulls last, o_status nulls last`,
  },
  {
    name: 'medians',
    sql: `select c_segment, percentile_cont(0.5) within group (order by o_total) from trade.customer join trade.orders on o_customer = c_id
      group by c_segment order by c_segment`,
  },
  {
    name: 'the last three orders of each',
    sql: `select c_id, last.o_id from trade.customer cross join lateral (select o_id from trade.orders where o_customer = c_id
      order by o_date desc, o_id desc limit 3) last where c_id < 12 order by c_id, last.o_id`,
  },
  {
    name: 'cohorts',
    sql: `with firsts as (select o_customer as id, min(o_date) as since from trade.orders group by o_customer)
      select extract(year from since) as cohort, extract(year from o_date) - extract(year from since) as age, count(distinct c_id)
      from firsts join trade.customer on c_id = id join trade.orders on o_customer = id group by 1, 2 order by 1, 2`,
  },
  {
    name: 'a calendar with gaps',
    sql: `with recursive days (day) as (select date '1994-01-01' union all select day + 1 from days where day < date '1994-02-10')
      select day, count(o_id) from days left join (trade.orders join trade.customer on o_customer = c_id) on o_date = day group by day order by day`,
  },
  {
    name: 'pivot',
    sql: `select n_name, count(*) filter (where c_segment = 'building') as building, count(*) filter (where c_segment = 'machinery') as machinery
      from trade.customer join trade.nation on c_nation = n_id group by n_name order by n_name`,
  },
  {
    name: 'documents',
    sql: `select c_segment, json_agg(json_build_object('id', c_id, 'nation', c_nation) order by c_id) from trade.customer where c_id < 15
      group by c_segment order by c_segment`,
  },
  {
    name: 'both sides',
    sql: `select coalesce(c_nation, s_nation) as nation, count(distinct c_id), count(distinct s_id) from trade.customer
      full join trade.supplier on c_nation = s_nation group by 1 order by 1`,
  },
  {
    name: 'in one list and not in the other',
    sql: 'select c_nation from trade.customer where c_id < 9 except select s_nation from trade.supplier where s_id < 5 order by 1',
  },
  {
    name: 'by clerk',
    masked: true,
    sql: 'select o_clerk, count(*) from trade.orders group by o_clerk order by count(*) desc, o_clerk',
  },
  {
    name: 'everything of a customer',
    masked: true,
    sql: 'select * from trade.customer where c_id = 7',
  },
]
