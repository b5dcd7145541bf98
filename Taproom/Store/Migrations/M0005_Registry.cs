using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Taproom.Store.Migrations;

/// <summary>Version 5: taps are registered, have tokens and carry kegs whose level follows the pours.</summary>
[DbContext(typeof(TaproomDb))]
[Migration("0005_Registry")]
internal sealed class M0005_Registry : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(
            """
            ALTER TABLE taps
                ALTER COLUMN first_seen DROP NOT NULL,
                ALTER COLUMN last_seen DROP NOT NULL,
                ADD COLUMN name text,
                ADD COLUMN token_hash bytea,
                ADD COLUMN registered_at timestamptz;

            CREATE TABLE kegs (
                seq      bigint      GENERATED ALWAYS AS IDENTITY,
                id       uuid        PRIMARY KEY,
                beverage text        NOT NULL,
                size_ml  numeric     NOT NULL CHECK (size_ml > 0),
                level_ml numeric     NOT NULL,
                tap_id   integer     UNIQUE REFERENCES taps (id),
                low_at   timestamptz
            );
            CREATE UNIQUE INDEX kegs_seq ON kegs (seq);

            ALTER TABLE pours ADD COLUMN keg_id uuid;
            """
        );
}
