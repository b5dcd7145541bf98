using System;
using System.Net;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class BeveragesUsersCleanings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(name: "delete_reason", table: "pours", type: "text", nullable: true);

            migrationBuilder.AddColumn<string>(name: "move_reason", table: "pours", type: "text", nullable: true);

            migrationBuilder.AddColumn<short>(name: "proposed_purpose", table: "pours", type: "smallint", nullable: true);

            migrationBuilder.AddColumn<short>(name: "purpose_rule", table: "pours", type: "smallint", nullable: true);

            migrationBuilder.AddColumn<int>(name: "reported_tap_id", table: "pours", type: "integer", nullable: true);

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
                name: "audit",
                columns: table => new
                {
                    id = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    caller = table.Column<string>(type: "text", nullable: false),
                    address = table.Column<string>(type: "text", nullable: false),
                    method = table.Column<string>(type: "text", nullable: false),
                    path = table.Column<string>(type: "text", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    summary = table.Column<string>(type: "text", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.id);
                }
            );

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

            migrationBuilder.CreateTable(
                name: "kegboards",
                columns: table => new
                {
                    device = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    taps = table.Column<int[]>(type: "integer[]", nullable: false),
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    token_due = table.Column<bool>(type: "boolean", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    token_given_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    first_seen = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    address = table.Column<IPAddress>(type: "inet", nullable: true),
                    firmware = table.Column<string>(type: "text", nullable: true),
                    events_dropped = table.Column<long>(type: "bigint", nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_kegboards", x => x.device);
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

            migrationBuilder.CreateTable(
                name: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    normalized_name = table.Column<string>(type: "text", nullable: false),
                    password_hash = table.Column<string>(type: "text", nullable: false),
                    role = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    failed_attempts = table.Column<int>(type: "integer", nullable: false),
                    locked_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_users", x => x.id);
                    table.CheckConstraint("CK_users_role", "role IN ('viewer', 'staff', 'admin')");
                }
            );

            migrationBuilder.CreateTable(
                name: "sessions",
                columns: table => new
                {
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sessions", x => x.token_hash);
                    table.ForeignKey(
                        name: "FK_sessions_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade
                    );
                }
            );

            migrationBuilder.CreateIndex(
                name: "IX_pours_proposed",
                table: "pours",
                columns: new[] { "tx", "seq" },
                filter: "proposed_purpose IS NOT NULL"
            );

            migrationBuilder.CreateIndex(
                name: "IX_pours_reported_tap_id_poured_at",
                table: "pours",
                columns: new[] { "reported_tap_id", "poured_at" },
                filter: "reported_tap_id IS NOT NULL"
            );

            migrationBuilder.AddCheckConstraint(name: "CK_kegs_cost", table: "kegs", sql: "cost >= 0");

            migrationBuilder.AddCheckConstraint(name: "CK_kegs_tare_g", table: "kegs", sql: "tare_g >= 0");

            migrationBuilder.CreateIndex(name: "IX_audit_at_id", table: "audit", columns: new[] { "at", "id" });

            migrationBuilder.CreateIndex(name: "IX_audit_caller_at_id", table: "audit", columns: new[] { "caller", "at", "id" });

            migrationBuilder.CreateIndex(name: "IX_beverages_name_key", table: "beverages", column: "name_key", unique: true);

            migrationBuilder.CreateIndex(name: "IX_cleanings_tap_id_began_at", table: "cleanings", columns: new[] { "tap_id", "began_at" });

            migrationBuilder.CreateIndex(name: "IX_keg_readings_keg_id_id", table: "keg_readings", columns: new[] { "keg_id", "id" });

            migrationBuilder.CreateIndex(name: "IX_sessions_expires_at", table: "sessions", column: "expires_at");

            migrationBuilder.CreateIndex(name: "IX_sessions_user_id", table: "sessions", column: "user_id");

            migrationBuilder.CreateIndex(name: "IX_users_normalized_name", table: "users", column: "normalized_name", unique: true);

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
            migrationBuilder.DropTable(name: "audit");

            migrationBuilder.DropTable(name: "beverages");

            migrationBuilder.DropTable(name: "cleanings");

            migrationBuilder.DropTable(name: "keg_readings");

            migrationBuilder.DropTable(name: "kegboards");

            migrationBuilder.DropTable(name: "odometer_minutes");

            migrationBuilder.DropTable(name: "sessions");

            migrationBuilder.DropTable(name: "users");

            migrationBuilder.DropIndex(name: "IX_pours_proposed", table: "pours");

            migrationBuilder.DropIndex(name: "IX_pours_reported_tap_id_poured_at", table: "pours");

            migrationBuilder.DropCheckConstraint(name: "CK_kegs_cost", table: "kegs");

            migrationBuilder.DropCheckConstraint(name: "CK_kegs_tare_g", table: "kegs");

            migrationBuilder.DropColumn(name: "delete_reason", table: "pours");

            migrationBuilder.DropColumn(name: "move_reason", table: "pours");

            migrationBuilder.DropColumn(name: "proposed_purpose", table: "pours");

            migrationBuilder.DropColumn(name: "purpose_rule", table: "pours");

            migrationBuilder.DropColumn(name: "reported_tap_id", table: "pours");

            migrationBuilder.DropColumn(name: "correction_ml", table: "kegs");

            migrationBuilder.DropColumn(name: "cost", table: "kegs");

            migrationBuilder.DropColumn(name: "edition", table: "kegs");

            migrationBuilder.DropColumn(name: "emptied_at", table: "kegs");

            migrationBuilder.DropColumn(name: "tapped_at", table: "kegs");

            migrationBuilder.DropColumn(name: "tare_g", table: "kegs");
        }
    }
}
