using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class Alerts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // kegs.low_at and kegs.low_told are not read any more. They stay for now, because services of the release before, which may still
            // run, read and write them.
            migrationBuilder.CreateTable(
                name: "alerts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    seq = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    kind = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    message = table.Column<string>(type: "text", nullable: false),
                    data = table.Column<string>(type: "text", nullable: false),
                    began_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    end_id = table.Column<Guid>(type: "uuid", nullable: false),
                    begin_told = table.Column<bool>(type: "boolean", nullable: false),
                    end_told = table.Column<bool>(type: "boolean", nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_alerts", x => x.id);
                }
            );

            migrationBuilder
                .CreateIndex(name: "IX_readings_received_at", table: "readings", column: "received_at")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(name: "IX_alerts_began_at_seq", table: "alerts", columns: new[] { "began_at", "seq" });

            migrationBuilder.CreateIndex(
                name: "IX_alerts_kind_subject",
                table: "alerts",
                columns: new[] { "kind", "subject" },
                unique: true,
                filter: "ended_at IS NULL"
            );

            migrationBuilder.CreateIndex(
                name: "IX_alerts_seq",
                table: "alerts",
                column: "seq",
                filter: "NOT begin_told OR (ended_at IS NOT NULL AND NOT end_told)"
            );

            // What was told before is not told again.
            migrationBuilder.Sql(
                """
                INSERT INTO alerts (id, kind, subject, message, data, began_at, end_id, begin_told, end_told)
                SELECT
                    gen_random_uuid(), 'keg-low', id::text, 'Keg ' || beverage || ' on tap ' || tap_id || ' is low.', '{}', low_at, gen_random_uuid(),
                    true, false
                FROM kegs WHERE low_told AND low_at IS NOT NULL AND tap_id IS NOT NULL
                """
            );
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "alerts");

            migrationBuilder.DropIndex(name: "IX_readings_received_at", table: "readings");
        }
    }
}
