using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class Sales : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "sales",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    sold_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    tap_id = table.Column<int>(type: "integer", nullable: true),
                    beverage = table.Column<string>(type: "text", nullable: true),
                    volume_ml = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: false),
                    count = table.Column<int>(type: "integer", nullable: false),
                    price = table.Column<decimal>(type: "numeric(12,4)", precision: 12, scale: 4, nullable: true),
                    stored_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sales", x => x.id);
                    table.CheckConstraint("CK_sales_count", "count > 0");
                    table.CheckConstraint("CK_sales_of", "tap_id IS NOT NULL OR beverage IS NOT NULL");
                    table.CheckConstraint("CK_sales_price", "price >= 0");
                    table.CheckConstraint("CK_sales_volume_ml", "volume_ml > 0");
                }
            );

            migrationBuilder.CreateIndex(name: "IX_sales_sold_at", table: "sales", column: "sold_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "sales");
        }
    }
}
