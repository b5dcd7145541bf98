using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Taproom.Store.Migrations;

/// <summary>Version 4: messages and activity events. JSON is kept as text, because it has to come back as it was sent.</summary>
[DbContext(typeof(TaproomDb))]
[Migration("0004_MessagesAndEvents")]
internal sealed class M0004_MessagesAndEvents : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(
            """
            CREATE TABLE messages (
                seq         bigint      GENERATED ALWAYS AS IDENTITY,
                id          uuid        PRIMARY KEY,
                received_at timestamptz NOT NULL,
                payload     text        NOT NULL,
                stored_at   timestamptz NOT NULL DEFAULT now()
            );
            CREATE UNIQUE INDEX messages_seq ON messages (seq);

            CREATE TABLE events (
                seq         bigint      GENERATED ALWAYS AS IDENTITY,
                id          uuid        PRIMARY KEY,
                created_at  timestamptz NOT NULL,
                component   text        NOT NULL,
                environment text        NOT NULL,
                email       text,
                message     text        NOT NULL,
                data        text        NOT NULL,
                stored_at   timestamptz NOT NULL DEFAULT now()
            );
            CREATE INDEX events_created ON events (created_at, seq);
            CREATE INDEX events_component ON events (component, created_at, seq);
            CREATE INDEX events_environment ON events (environment, created_at, seq);
            CREATE INDEX events_email ON events (email, created_at, seq);
            """
        );
}
