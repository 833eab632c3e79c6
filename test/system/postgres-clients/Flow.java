// One flow by JDBC, against the server that the environment of libpq names.
import java.sql.*;
import java.util.Properties;

public class Flow {
    static void say(String what, Object value) { System.out.println(what + ": " + value); }

    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("user", System.getenv("PGUSER"));
        properties.put("password", System.getenv("PGPASSWORD"));
        properties.put("sslmode", "disable");
        properties.put("prepareThreshold", "3");
        String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
        try (Connection db = DriverManager.getConnection(url, properties)) {
            try (Statement s = db.createStatement()) {
                s.execute("drop table if exists c_jdbc");
                s.execute("create table c_jdbc(id int primary key, name text, total numeric, at timestamp)");
            }
            db.setAutoCommit(false);
            try (PreparedStatement insert = db.prepareStatement("insert into c_jdbc values (?, ?, ?, ?)")) {
                for (int i = 0; i < 50; i++) {
                    insert.setInt(1, i);
                    insert.setString(2, "n" + i);
                    insert.setBigDecimal(3, new java.math.BigDecimal("1.50"));
                    insert.setTimestamp(4, Timestamp.valueOf("2026-01-02 03:04:05"));
                    insert.addBatch();
                }
                say("batch", insert.executeBatch().length);
            }
            db.commit();
            try (PreparedStatement select = db.prepareStatement("select name, total, at from c_jdbc where id = ?")) {
                for (int i = 0; i < 10; i++) {
                    select.setInt(1, i);
                    try (ResultSet rows = select.executeQuery()) {
                        rows.next();
                        if (i == 9) say("row", rows.getString(1) + " " + rows.getBigDecimal(2) + " " + rows.getTimestamp(3));
                    }
                }
            }
            try (Statement s = db.createStatement()) {
                s.setFetchSize(100);
                long sum = 0;
                try (ResultSet rows = s.executeQuery("select n from generate_series(1, 1000) n")) {
                    while (rows.next()) sum += rows.getLong(1);
                }
                say("fetched", sum);
                Savepoint savepoint = db.setSavepoint();
                try { s.execute("insert into c_jdbc (id) values (1)"); }
                catch (SQLException error) { say("error", error.getSQLState()); db.rollback(savepoint); }
                s.executeUpdate("update c_jdbc set total = 2 where id = 1");
            }
            db.rollback();
            db.setAutoCommit(true);
            try (Statement s = db.createStatement()) {
                s.setQueryTimeout(1);
                try { s.execute("select pg_sleep(30)"); } catch (SQLException error) { say("timed out", error.getSQLState()); }
            }
            DatabaseMetaData meta = db.getMetaData();
            try (ResultSet columns = meta.getColumns(null, "public", "c_jdbc", null)) {
                StringBuilder names = new StringBuilder();
                while (columns.next()) names.append(columns.getString("COLUMN_NAME")).append(' ');
                say("columns", names);
            }
            try (ResultSet keys = meta.getPrimaryKeys(null, "public", "c_jdbc")) {
                keys.next();
                say("key", keys.getString("COLUMN_NAME"));
            }
            say("version", meta.getDatabaseMajorVersion());
        }
    }
}
