using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Taproom.Store.Migrations;

/// <summary>Version 2: a deleted pour stays as its own tombstone; lists by time get their indexes.</summary>
[DbContext(typeof(TaproomDb))]
[Migration("0002_Deletions")]
internal sealed class M0002_Deletions : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(
            """
            ALTER TABLE pours ADD COLUMN deleted_at timestamptz;
            CREATE INDEX pours_poured ON pours (poured_at, seq);
            CREATE INDEX pours_tap_poured ON pours (tap_id, poured_at, seq);
            """
        );
}
