using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table
                        .Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    friendly_name = table.Column<string>(type: "text", nullable: true),
                    xml = table.Column<string>(type: "text", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_data_protection_keys", x => x.id);
                }
            );

            migrationBuilder.CreateTable(
                name: "events",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    seq = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    component = table.Column<string>(type: "text", nullable: false),
                    environment = table.Column<string>(type: "text", nullable: false),
                    email = table.Column<string>(type: "text", nullable: true),
                    message = table.Column<string>(type: "text", nullable: false),
                    data = table.Column<string>(type: "text", nullable: false),
                    trace_id = table.Column<Guid>(type: "uuid", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_events", x => x.id);
                }
            );

            migrationBuilder.CreateTable(
                name: "glass_totals",
                columns: table => new
                {
                    tap_id = table.Column<int>(type: "integer", nullable: false),
                    glass = table.Column<short>(type: "smallint", nullable: false),
                    pours = table.Column<long>(type: "bigint", nullable: false),
                    volume_ml = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_glass_totals", x => new { x.tap_id, x.glass });
                }
            );

            migrationBuilder.CreateTable(
                name: "hour_totals",
                columns: table => new
                {
                    tap_id = table.Column<int>(type: "integer", nullable: false),
                    hour = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    pours = table.Column<long>(type: "bigint", nullable: false),
                    volume_ml = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_hour_totals", x => new { x.hour, x.tap_id });
                }
            );

            migrationBuilder.CreateTable(
                name: "messages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    tx = table.Column<ulong>(type: "xid8", nullable: false, defaultValueSql: "pg_current_xact_id()"),
                    seq = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    payload = table.Column<string>(type: "text", nullable: false),
                    trace_id = table.Column<Guid>(type: "uuid", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_messages", x => x.id);
                }
            );

            migrationBuilder.CreateTable(
                name: "meters",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    kind = table.Column<string>(type: "text", nullable: false),
                    address = table.Column<string>(type: "text", nullable: false),
                    user_name = table.Column<string>(type: "text", nullable: false),
                    secret = table.Column<byte[]>(type: "bytea", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    total_events_logged = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    first_timestamp = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_timestamp = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "text", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_meters", x => x.id);
                }
            );

            migrationBuilder.CreateTable(
                name: "pours",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    tx = table.Column<ulong>(type: "xid8", nullable: false, defaultValueSql: "pg_current_xact_id()"),
                    seq = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    tap_id = table.Column<int>(type: "integer", nullable: false),
                    volume_ml = table.Column<decimal>(type: "numeric(7,3)", precision: 7, scale: 3, nullable: false),
                    glass = table.Column<short>(type: "smallint", nullable: false),
                    poured_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    clock_suspect = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    stored_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    deleted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    keg_id = table.Column<Guid>(type: "uuid", nullable: true),
                    trace_id = table.Column<Guid>(type: "uuid", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_pours", x => x.id);
                    table.CheckConstraint("CK_pours_tap_id", "tap_id >= 1");
                    table.CheckConstraint("CK_pours_volume_ml", "volume_ml BETWEEN 100 AND 1000");
                }
            );

            migrationBuilder.CreateTable(
                name: "readings",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    seq = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    device = table.Column<string>(type: "text", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    body = table.Column<string>(type: "text", nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_readings", x => x.id);
                }
            );

            migrationBuilder.CreateTable(
                name: "taps",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    pours = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    volume_ml = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: false, defaultValue: 0m),
                    first_seen = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_seen = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    name = table.Column<string>(type: "text", nullable: true),
                    registered_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    previous_token_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    previous_token_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_taps", x => x.id);
                    table.CheckConstraint("CK_taps_id", "id >= 1");
                }
            );

            migrationBuilder.CreateTable(
                name: "kegs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    tx = table.Column<ulong>(type: "xid8", nullable: false, defaultValueSql: "pg_current_xact_id()"),
                    seq = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    beverage = table.Column<string>(type: "text", nullable: false),
                    size_ml = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: false),
                    level_ml = table.Column<decimal>(type: "numeric(24,3)", precision: 24, scale: 3, nullable: false),
                    tap_id = table.Column<int>(type: "integer", nullable: true),
                    low_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    low_told = table.Column<bool>(type: "boolean", nullable: false, defaultValue: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_kegs", x => x.id);
                    table.CheckConstraint("CK_kegs_size_ml", "size_ml > 0");
                    table.ForeignKey(name: "FK_kegs_taps_tap_id", column: x => x.tap_id, principalTable: "taps", principalColumn: "id");
                }
            );

            migrationBuilder.CreateTable(
                name: "tappings",
                columns: table => new
                {
                    id = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    tap_id = table.Column<int>(type: "integer", nullable: false),
                    keg_id = table.Column<Guid>(type: "uuid", nullable: false),
                    tapped_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    untapped_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tappings", x => x.id);
                    table.ForeignKey(
                        name: "FK_tappings_kegs_keg_id",
                        column: x => x.keg_id,
                        principalTable: "kegs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade
                    );
                    table.ForeignKey(
                        name: "FK_tappings_taps_tap_id",
                        column: x => x.tap_id,
                        principalTable: "taps",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade
                    );
                }
            );

            migrationBuilder.CreateIndex(
                name: "IX_events_component_created_at_seq",
                table: "events",
                columns: new[] { "component", "created_at", "seq" }
            );

            migrationBuilder.CreateIndex(name: "IX_events_created_at_seq", table: "events", columns: new[] { "created_at", "seq" });

            migrationBuilder.CreateIndex(name: "IX_events_email_created_at_seq", table: "events", columns: new[] { "email", "created_at", "seq" });

            migrationBuilder.CreateIndex(
                name: "IX_events_environment_created_at_seq",
                table: "events",
                columns: new[] { "environment", "created_at", "seq" }
            );

            migrationBuilder.CreateIndex(name: "IX_kegs_low_at", table: "kegs", column: "low_at", filter: "NOT low_told AND low_at IS NOT NULL");

            migrationBuilder.CreateIndex(name: "IX_kegs_tap_id", table: "kegs", column: "tap_id", unique: true);

            migrationBuilder.CreateIndex(name: "IX_kegs_tx_seq", table: "kegs", columns: new[] { "tx", "seq" });

            migrationBuilder.CreateIndex(name: "IX_messages_tx_seq", table: "messages", columns: new[] { "tx", "seq" });

            migrationBuilder.CreateIndex(name: "IX_pours_glass_tx_seq", table: "pours", columns: new[] { "glass", "tx", "seq" });

            migrationBuilder.CreateIndex(name: "IX_pours_poured_at_seq", table: "pours", columns: new[] { "poured_at", "seq" });

            migrationBuilder.CreateIndex(name: "IX_pours_tap_id_poured_at_seq", table: "pours", columns: new[] { "tap_id", "poured_at", "seq" });

            migrationBuilder.CreateIndex(name: "IX_pours_tap_id_tx_seq", table: "pours", columns: new[] { "tap_id", "tx", "seq" });

            migrationBuilder.CreateIndex(name: "IX_pours_tx_seq", table: "pours", columns: new[] { "tx", "seq" });

            migrationBuilder.CreateIndex(name: "IX_readings_device_seq", table: "readings", columns: new[] { "device", "seq" });

            migrationBuilder.CreateIndex(
                name: "IX_tappings_keg_id",
                table: "tappings",
                column: "keg_id",
                unique: true,
                filter: "untapped_at IS NULL"
            );

            migrationBuilder.CreateIndex(name: "IX_tappings_tap_id_tapped_at", table: "tappings", columns: new[] { "tap_id", "tapped_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "data_protection_keys");

            migrationBuilder.DropTable(name: "events");

            migrationBuilder.DropTable(name: "glass_totals");

            migrationBuilder.DropTable(name: "hour_totals");

            migrationBuilder.DropTable(name: "messages");

            migrationBuilder.DropTable(name: "meters");

            migrationBuilder.DropTable(name: "pours");

            migrationBuilder.DropTable(name: "readings");

            migrationBuilder.DropTable(name: "tappings");

            migrationBuilder.DropTable(name: "kegs");

            migrationBuilder.DropTable(name: "taps");
        }
    }
}
