using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class PourChanges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(name: "delete_reason", table: "pours", type: "text", nullable: true);

            migrationBuilder.AddColumn<string>(name: "move_reason", table: "pours", type: "text", nullable: true);

            migrationBuilder.AddColumn<int>(name: "reported_tap_id", table: "pours", type: "integer", nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_pours_reported_tap_id_poured_at",
                table: "pours",
                columns: new[] { "reported_tap_id", "poured_at" },
                filter: "reported_tap_id IS NOT NULL"
            );
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(name: "IX_pours_reported_tap_id_poured_at", table: "pours");

            migrationBuilder.DropColumn(name: "delete_reason", table: "pours");

            migrationBuilder.DropColumn(name: "move_reason", table: "pours");

            migrationBuilder.DropColumn(name: "reported_tap_id", table: "pours");
        }
    }
}
