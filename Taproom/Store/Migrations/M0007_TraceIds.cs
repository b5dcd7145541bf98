using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Taproom.Store.Migrations;

/// <summary>Version 7: what is stored remembers its trace. A trace id has the 128 bits of a UUID.</summary>
[DbContext(typeof(TaproomDb))]
[Migration("0007_TraceIds")]
internal sealed class M0007_TraceIds : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(
            """
            ALTER TABLE pours ADD COLUMN trace_id uuid;
            ALTER TABLE messages ADD COLUMN trace_id uuid;
            ALTER TABLE events ADD COLUMN trace_id uuid;
            """
        );
}
