using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Taproom.Store.Migrations;

/// <summary>Version 8: a token that was replaced stays valid until its tap has the new one.</summary>
[DbContext(typeof(TaproomDb))]
[Migration("0008_PreviousTokens")]
internal sealed class M0008_PreviousTokens : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(
            """
            ALTER TABLE taps
                ADD COLUMN previous_token_hash bytea,
                ADD COLUMN previous_token_until timestamptz;
            """
        );
}
