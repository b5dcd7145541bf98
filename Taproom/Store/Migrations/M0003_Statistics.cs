using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Taproom.Store.Migrations;

/// <summary>Version 3: totals by glass type and by hour, kept beside those by tap.</summary>
[DbContext(typeof(TaproomDb))]
[Migration("0003_Statistics")]
internal sealed class M0003_Statistics : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(
            """
            -- A worker of the version before may still store; what it stores is either counted here or waits.
            LOCK TABLE pours IN SHARE MODE;

            CREATE TABLE glass_totals (
                glass     smallint PRIMARY KEY,
                pours     bigint   NOT NULL,
                volume_ml numeric  NOT NULL
            );
            INSERT INTO glass_totals
            SELECT glass, count(*), sum(volume_ml) FROM pours WHERE deleted_at IS NULL GROUP BY glass;

            CREATE TABLE hour_totals (
                hour      timestamptz PRIMARY KEY,
                pours     bigint      NOT NULL,
                volume_ml numeric     NOT NULL
            );
            INSERT INTO hour_totals
            SELECT date_trunc('hour', poured_at, 'UTC'), count(*), sum(volume_ml) FROM pours WHERE deleted_at IS NULL GROUP BY 1;
            """
        );
}
