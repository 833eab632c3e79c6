// One flow by pgx, against the server that the environment of libpq names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func say(what string, value any) {
	text, _ := json.Marshal(value)
	fmt.Printf("%s: %s\n", what, text)
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func main() {
	ctx := context.Background()
	db := must(pgx.Connect(ctx, ""))
	defer db.Close(ctx)
	must(db.Exec(ctx, "drop table if exists c_pgx"))
	must(db.Exec(ctx, "create table c_pgx(id int primary key, name text, at timestamptz, tags text[])"))
	batch := &pgx.Batch{}
	for i := 0; i < 20; i++ {
		batch.Queue("insert into c_pgx values ($1, $2, $3, $4)", i, fmt.Sprintf("n%d", i), time.Unix(0, 0), []string{"x"})
	}
	if err := db.SendBatch(ctx, batch).Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var name string
	var tags []string
	if err := db.QueryRow(ctx, "select name, tags from c_pgx where id = $1", 7).Scan(&name, &tags); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	say("row", []any{name, tags})
	rows := [][]any{}
	for i := 100; i < 200; i++ {
		rows = append(rows, []any{i, "copied", time.Unix(0, 0), []string{}})
	}
	say("copied", must(db.CopyFrom(ctx, pgx.Identifier{"c_pgx"}, []string{"id", "name", "at", "tags"}, pgx.CopyFromRows(rows))))
	_, err := db.Exec(ctx, "insert into c_pgx (id) values (1)")
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		say("error", refused.Code)
	}
	tx := must(db.Begin(ctx))
	must(tx.Exec(ctx, "delete from c_pgx where id > $1", 3))
	_ = tx.Rollback(ctx)
	var count int
	_ = db.QueryRow(ctx, "select count(*) from c_pgx").Scan(&count)
	say("count", count)
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err = db.Exec(short, "select pg_sleep(30)")
	say("timed out", err != nil)
}
