using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class BeveragesKegAccounting : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<decimal>(
                name: "correction_ml",
                table: "kegs",
                type: "numeric(24,3)",
                precision: 24,
                scale: 3,
                nullable: false,
                defaultValue: 0m
            );

            migrationBuilder.AddColumn<decimal>(name: "cost", table: "kegs", type: "numeric(12,4)", precision: 12, scale: 4, nullable: true);

            migrationBuilder.AddColumn<int>(name: "edition", table: "kegs", type: "integer", nullable: false, defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(name: "emptied_at", table: "kegs", type: "timestamp with time zone", nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(name: "tapped_at", table: "kegs", type: "timestamp with time zone", nullable: true);

            migrationBuilder.AddColumn<decimal>(name: "tare_g", table: "kegs", type: "numeric(24,3)", precision: 24, scale: 3, nullable: true);

            migrationBuilder.CreateTable(
                name: "beverages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    name_key = table.Column<string>(type: "text", nullable: false, computedColumnSql: "lower(name)", stored: true),
                    brewery = table.Column<string>(type: "text", nullable: true),
                    style = table.Column<string>(type: "text", nullable: true),
                    abv_percent = table.Column<decimal>(type: "numeric(5,2)", precision: 5, scale: 2, nullable: true),
                    ibu = table.Column<decimal>(type: "numeric(5,1)", precision: 5, scale: 1, nullable: true),
                    color_ebc = table.Column<decimal>(type: "numeric(5,1)", precision: 5, scale: 1, nullable: true),
                    picture_url = table.Column<string>(type: "text", nullable: true),
                    price_per_litre = table.Column<decimal>(type: "numeric(12,4)", precision: 12, scale: 4, nullable: true),
                    is_archived = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    edition = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_beverages", x => x.id);
                    table.CheckConstraint("CK_beverages_abv_percent", "abv_percent BETWEEN 0 AND 100");
                    table.CheckConstraint("CK_beverages_color_ebc", "color_ebc >= 0");
                    table.CheckConstraint("CK_beverages_ibu", "ibu >= 0");
                    table.CheckConstraint("CK_beverages_price_per_litre", "price_per_litre >= 0");
                }
            );

            migrationBuilder.CreateTable(
                name: "keg_readings",
                columns: table => new
                {
                    id = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    keg_id = table.Column<Guid>(type: "uuid", nullable: false),
                    read_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    gross_g = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: true),
                    left_ml = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: false),
                    correction_ml = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_keg_readings", x => x.id);
                    table.CheckConstraint("CK_keg_readings_left_ml", "left_ml >= 0");
                    table.ForeignKey(
                        name: "FK_keg_readings_kegs_keg_id",
                        column: x => x.keg_id,
                        principalTable: "kegs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade
                    );
                }
            );

            migrationBuilder.AddCheckConstraint(name: "CK_kegs_cost", table: "kegs", sql: "cost >= 0");

            migrationBuilder.AddCheckConstraint(name: "CK_kegs_tare_g", table: "kegs", sql: "tare_g >= 0");

            migrationBuilder.CreateIndex(name: "IX_beverages_name_key", table: "beverages", column: "name_key", unique: true);

            migrationBuilder.CreateIndex(name: "IX_keg_readings_keg_id_id", table: "keg_readings", columns: new[] { "keg_id", "id" });

            // What kegs have named so far becomes a beverage, and when each was tapped first is known; one that was taken off with next to
            // nothing in it was empty.
            migrationBuilder.Sql(
                """
                INSERT INTO beverages (id, name) SELECT gen_random_uuid(), min(beverage) FROM kegs GROUP BY lower(beverage);
                UPDATE kegs AS k SET tapped_at = t.first, emptied_at = CASE WHEN k.tap_id IS NULL AND k.level_ml < k.size_ml / 20 THEN t.last END
                FROM (SELECT keg_id, min(tapped_at) AS first, max(untapped_at) AS last FROM tappings GROUP BY keg_id) AS t WHERE t.keg_id = k.id;
                """
            );
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "beverages");

            migrationBuilder.DropTable(name: "keg_readings");

            migrationBuilder.DropCheckConstraint(name: "CK_kegs_cost", table: "kegs");

            migrationBuilder.DropCheckConstraint(name: "CK_kegs_tare_g", table: "kegs");

            migrationBuilder.DropColumn(name: "correction_ml", table: "kegs");

            migrationBuilder.DropColumn(name: "cost", table: "kegs");

            migrationBuilder.DropColumn(name: "edition", table: "kegs");

            migrationBuilder.DropColumn(name: "emptied_at", table: "kegs");

            migrationBuilder.DropColumn(name: "tapped_at", table: "kegs");

            migrationBuilder.DropColumn(name: "tare_g", table: "kegs");
        }
    }
}
