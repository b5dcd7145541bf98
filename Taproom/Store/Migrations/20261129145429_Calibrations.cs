using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class Calibrations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(name: "odometer", table: "pours", type: "bigint", nullable: true);

            migrationBuilder.AddColumn<long>(name: "pulses", table: "pours", type: "bigint", nullable: true);

            migrationBuilder.AddColumn<short>(name: "purpose", table: "pours", type: "smallint", nullable: false, defaultValue: (short)0);

            migrationBuilder.AddColumn<bool>(name: "volume_derived", table: "pours", type: "boolean", nullable: false, defaultValue: false);

            migrationBuilder.CreateTable(
                name: "calibrations",
                columns: table => new
                {
                    id = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    tap_id = table.Column<int>(type: "integer", nullable: false),
                    valid_from = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    pulses_per_litre = table.Column<decimal>(type: "numeric(13,6)", precision: 13, scale: 6, nullable: false),
                    set_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_calibrations", x => x.id);
                    table.CheckConstraint("CK_calibrations_pulses_per_litre", "pulses_per_litre BETWEEN 10 AND 1000000");
                    table.ForeignKey(
                        name: "FK_calibrations_taps_tap_id",
                        column: x => x.tap_id,
                        principalTable: "taps",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade
                    );
                }
            );

            migrationBuilder.CreateIndex(
                name: "IX_calibrations_tap_id_valid_from_id",
                table: "calibrations",
                columns: new[] { "tap_id", "valid_from", "id" }
            );
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "calibrations");

            migrationBuilder.DropColumn(name: "odometer", table: "pours");

            migrationBuilder.DropColumn(name: "pulses", table: "pours");

            migrationBuilder.DropColumn(name: "purpose", table: "pours");

            migrationBuilder.DropColumn(name: "volume_derived", table: "pours");
        }
    }
}
