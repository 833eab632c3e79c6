# One flow by each client of Python, against the server that the environment of libpq names: `python flows.py CLIENT`.
import asyncio, datetime, json, os, sys


def say(what, value):
    print(f"{what}: {json.dumps(value, default=str)}")


def psycopg3():
    import psycopg

    with psycopg.connect("") as db:
        with db.cursor() as c:
            c.execute("drop table if exists c_py3")
            c.execute("create table c_py3(id int primary key, v jsonb, at timestamptz, b bytea)")
            when = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
            c.executemany(
                "insert into c_py3 values (%s, %s, %s, %s)",
                [(i, json.dumps({"i": i}), when, bytes([0, i])) for i in range(20)],
            )
            c.execute("select * from c_py3 where id = %s", (7,), binary=True)
            row = c.fetchone()
            say("row", [row[0], row[1], row[2], row[3].hex()])
            with c.copy("copy c_py3 (id) from stdin") as copy:
                for i in range(100, 200):
                    copy.write_row((i,))
            with c.copy("copy c_py3 (id) to stdout") as copy:
                say("copied", len(list(copy.rows())))
        db.commit()
        try:
            db.execute("insert into c_py3 (id) values (1)")
        except psycopg.errors.UniqueViolation as error:
            say("error", error.sqlstate)
        db.rollback()
        with db.pipeline():
            cursors = [db.execute("select %s::int * 2", (i,)) for i in range(10)]
            say("pipelined", [c.fetchone()[0] for c in cursors])
        with db.cursor("named") as c:
            c.itersize = 50
            c.execute("select n from generate_series(1, 1000) n")
            say("server cursor", sum(row[0] for row in c))


def psycopg2():
    import psycopg2, psycopg2.extras

    db = psycopg2.connect("")
    c = db.cursor()
    c.execute("drop table if exists c_py2; create table c_py2(id int, name text)")
    psycopg2.extras.execute_values(c, "insert into c_py2 values %s", [(i, f"n{i}") for i in range(50)])
    c.execute("select count(*), max(name) from c_py2 where id < %s", (30,))
    say("counted", c.fetchall())
    db.commit()
    try:
        c.execute("select 1/0")
    except psycopg2.errors.DivisionByZero as error:
        say("error", error.pgcode)
    db.rollback()
    say("status", db.get_transaction_status())
    db.close()


def asyncpg():
    import asyncpg as driver

    async def flow():
        db = await driver.connect()
        await db.execute("drop table if exists c_async; create table c_async(id int, tags text[], at timestamptz, v numeric)")
        when = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
        await db.executemany("insert into c_async values ($1, $2, $3, $4)", [(i, [f"t{i}"], when, i) for i in range(20)])
        say("row", [str(v) for v in await db.fetchrow("select * from c_async where id = $1", 7)])
        say("copied", await db.copy_records_to_table("c_async", records=[(i, None, None, None) for i in range(500)]))
        async with db.transaction():
            total = 0
            async for row in db.cursor("select n from generate_series(1, 300) n"):
                total += row["n"]
            say("cursor", total)
        try:
            await db.fetch("select * from nowhere")
        except driver.UndefinedTableError as error:
            say("error", error.sqlstate)
        try:
            await asyncio.wait_for(db.fetch("select pg_sleep(30)"), 0.5)
        except asyncio.TimeoutError:
            say("cancelled", True)
        say("after", await db.fetchval("select 5"))
        await db.close()

    asyncio.run(flow())


{"psycopg3": psycopg3, "psycopg2": psycopg2, "asyncpg": asyncpg}[sys.argv[1]]()
