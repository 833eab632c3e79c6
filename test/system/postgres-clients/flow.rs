// One flow by tokio-postgres, against the server that the environment of libpq names.
use bytes::Bytes;
use futures_util::{SinkExt, TryStreamExt};
use std::env::var;
use tokio_postgres::{types::Type, Client, Config, Error, NoTls};

async fn connect() -> Result<Client, Error> {
    let (client, connection) = Config::new()
        .host(&var("PGHOST").unwrap())
        .port(var("PGPORT").unwrap().parse().unwrap())
        .user(&var("PGUSER").unwrap())
        .password(var("PGPASSWORD").unwrap())
        .dbname(&var("PGDATABASE").unwrap())
        .connect(NoTls)
        .await?;
    tokio::spawn(async move { connection.await.unwrap_or(()) });
    Ok(client)
}

fn code(error: Error) -> String {
    error.code().map(|state| state.code().to_string()).unwrap_or_default()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut client = connect().await?;
    client
        .batch_execute("drop table if exists c_tokio; create table c_tokio(id int primary key, v text, b bytea, tags text[])")
        .await?;
    let insert = client.prepare("insert into c_tokio values ($1, $2, $3, $4)").await?;
    for id in 0..20i32 {
        let tags = vec!["x".to_string(), format!("t{id}")];
        client.execute(&insert, &[&id, &format!("v{id}"), &vec![0u8, id as u8, 255], &tags]).await?;
    }
    let row = client.query_one("select * from c_tokio where id = $1", &[&7i32]).await?;
    println!("row: {} {:?} {:?}", row.get::<_, &str>(1), row.get::<_, Vec<u8>>(2), row.get::<_, Vec<String>>(3));
    println!("error: {}", code(client.execute(&insert, &[&1i32, &"", &vec![0u8], &Vec::<String>::new()]).await.unwrap_err()));
    // Statements on their way at the same time.
    let numbers = tokio::join!(
        client.query_one("select $1::int4 * 2", &[&1i32]),
        client.query_one("select $1::int4 * 2", &[&2i32]),
        client.query_one("select $1::int4 * 2", &[&3i32])
    );
    println!("pipelined: {} {} {}", numbers.0?.get::<_, i32>(0), numbers.1?.get::<_, i32>(0), numbers.2?.get::<_, i32>(0));
    {
        let mut transaction = client.transaction().await?;
        transaction.execute("delete from c_tokio where id > $1", &[&3i32]).await?;
        {
            let savepoint = transaction.savepoint("s").await?;
            println!("in transaction: {}", code(savepoint.query("select 1/0", &[]).await.unwrap_err()));
            savepoint.rollback().await?;
        }
        let select = transaction.prepare_typed("select id from c_tokio where id >= $1 order by id", &[Type::INT4]).await?;
        let portal = transaction.bind(&select, &[&0i32]).await?;
        println!("portal: {} then {}", transaction.query_portal(&portal, 3).await?.len(), transaction.query_portal(&portal, 3).await?.len());
        transaction.rollback().await?;
    }
    println!("count: {}", client.query_one("select count(*) from c_tokio", &[]).await?.get::<_, i64>(0));
    let sink = client.copy_in("copy c_tokio(id, v) from stdin").await?;
    let mut sink = Box::pin(sink);
    sink.send(Bytes::from_static(b"100\ta\n101\tb\n")).await?;
    println!("copied in: {}", sink.as_mut().finish().await?);
    let stream = client.copy_out("copy (select id from c_tokio where id >= 100 order by id) to stdout").await?;
    let chunks: Vec<Bytes> = stream.try_collect().await?;
    println!("copied out: {:?}", chunks.concat());
    println!("simple: {}", client.simple_query("select 1; select 2").await?.len());
    let cancel = client.cancel_token();
    let sleeping = client.query("select pg_sleep(60)", &[]);
    let cancelling = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        cancel.cancel_query(NoTls).await
    };
    let (slept, _) = tokio::join!(sleeping, cancelling);
    println!("cancelled: {}", code(slept.unwrap_err()));
    println!("after: {}", client.query_one("select 5", &[]).await?.get::<_, i32>(0));
    Ok(())
}
