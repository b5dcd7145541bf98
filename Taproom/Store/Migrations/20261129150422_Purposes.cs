using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class Purposes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(name: "purpose_reason", table: "pours", type: "text", nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_pours_purpose_tx_seq",
                table: "pours",
                columns: new[] { "purpose", "tx", "seq" },
                filter: "purpose <> 0"
            );
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(name: "IX_pours_purpose_tx_seq", table: "pours");

            migrationBuilder.DropColumn(name: "purpose_reason", table: "pours");
        }
    }
}
