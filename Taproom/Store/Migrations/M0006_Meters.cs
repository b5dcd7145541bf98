using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Taproom.Store.Migrations;

/// <summary>Version 6: meters that are polled, and readings.</summary>
[DbContext(typeof(TaproomDb))]
[Migration("0006_Meters")]
internal sealed class M0006_Meters : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(
            """
            CREATE TABLE meters (
                id                  text    COLLATE "C" PRIMARY KEY,
                kind                text    NOT NULL,
                address             text    NOT NULL,
                user_name           text    NOT NULL,
                secret              bytea   NOT NULL,
                active              boolean NOT NULL,
                total_events_logged bigint  NOT NULL DEFAULT 0,
                first_timestamp     timestamptz,
                last_timestamp      timestamptz,
                last_error          text
            );

            CREATE TABLE readings (
                seq         bigint      GENERATED ALWAYS AS IDENTITY,
                id          uuid        PRIMARY KEY,
                device      text        NOT NULL,
                received_at timestamptz NOT NULL,
                body        text        NOT NULL
            );
            CREATE INDEX readings_device ON readings (device, seq);
            """
        );
}
