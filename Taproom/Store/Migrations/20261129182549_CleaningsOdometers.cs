using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class CleaningsOdometers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<short>(name: "proposed_purpose", table: "pours", type: "smallint", nullable: true);

            migrationBuilder.AddColumn<short>(name: "purpose_rule", table: "pours", type: "smallint", nullable: true);

            migrationBuilder.CreateTable(
                name: "cleanings",
                columns: table => new
                {
                    id = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    tap_id = table.Column<int>(type: "integer", nullable: false),
                    began_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ends_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cleanings", x => x.id);
                    table.ForeignKey(
                        name: "FK_cleanings_taps_tap_id",
                        column: x => x.tap_id,
                        principalTable: "taps",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade
                    );
                }
            );

            migrationBuilder.CreateTable(
                name: "odometer_minutes",
                columns: table => new
                {
                    tap_id = table.Column<int>(type: "integer", nullable: false),
                    minute = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    first_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    first_received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    first_pulses = table.Column<long>(type: "bigint", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_pulses = table.Column<long>(type: "bigint", nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_odometer_minutes", x => new { x.tap_id, x.minute });
                }
            );

            migrationBuilder.CreateIndex(
                name: "IX_pours_proposed",
                table: "pours",
                columns: new[] { "tx", "seq" },
                filter: "proposed_purpose IS NOT NULL"
            );

            migrationBuilder.CreateIndex(name: "IX_cleanings_tap_id_began_at", table: "cleanings", columns: new[] { "tap_id", "began_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "cleanings");

            migrationBuilder.DropTable(name: "odometer_minutes");

            migrationBuilder.DropIndex(name: "IX_pours_proposed", table: "pours");

            migrationBuilder.DropColumn(name: "proposed_purpose", table: "pours");

            migrationBuilder.DropColumn(name: "purpose_rule", table: "pours");
        }
    }
}
