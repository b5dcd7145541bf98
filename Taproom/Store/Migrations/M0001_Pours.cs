using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Taproom.Store.Migrations;

/// <summary>Version 1: the ledger of pours, and the totals of each tap.</summary>
[DbContext(typeof(TaproomDb))]
[Migration("0001_Pours")]
internal sealed class M0001_Pours : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(
            """
            CREATE TABLE pours (
                seq         bigint      GENERATED ALWAYS AS IDENTITY,
                id          uuid        PRIMARY KEY,
                tap_id      integer     NOT NULL CHECK (tap_id >= 1),
                volume_ml   numeric     NOT NULL CHECK (volume_ml BETWEEN 100 AND 1000),
                glass       smallint    NOT NULL,
                poured_at   timestamptz NOT NULL,
                received_at timestamptz NOT NULL,
                stored_at   timestamptz NOT NULL DEFAULT now()
            );
            CREATE UNIQUE INDEX pours_seq ON pours (seq);
            CREATE INDEX pours_tap ON pours (tap_id, seq);
            CREATE INDEX pours_glass ON pours (glass, seq);

            CREATE TABLE taps (
                id         integer     PRIMARY KEY CHECK (id >= 1),
                pours      bigint      NOT NULL DEFAULT 0,
                volume_ml  numeric     NOT NULL DEFAULT 0,
                first_seen timestamptz NOT NULL,
                last_seen  timestamptz NOT NULL
            );
            """
        );
}
