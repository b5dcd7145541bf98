using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class WebhooksCalibrationsSales : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(name: "odometer", table: "pours", type: "bigint", nullable: true);

            migrationBuilder.AddColumn<long>(name: "pulses", table: "pours", type: "bigint", nullable: true);

            migrationBuilder.AddColumn<short>(name: "purpose", table: "pours", type: "smallint", nullable: false, defaultValue: (short)0);

            migrationBuilder.AddColumn<string>(name: "purpose_reason", table: "pours", type: "text", nullable: true);

            migrationBuilder.AddColumn<bool>(name: "volume_derived", table: "pours", type: "boolean", nullable: false, defaultValue: false);

            // No event is written again: pg_current_xact_id() is stable, so Postgres keeps one value for all that are there.
            migrationBuilder.AddColumn<ulong>(name: "tx", table: "events", type: "xid8", nullable: false, defaultValueSql: "pg_current_xact_id()");

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

            migrationBuilder.CreateTable(
                name: "webhooks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    url = table.Column<string>(type: "text", nullable: false),
                    kinds = table.Column<string[]>(type: "text[]", nullable: false),
                    secret = table.Column<byte[]>(type: "bytea", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    edition = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    pour_tx = table.Column<ulong>(type: "xid8", nullable: false),
                    pour_seq = table.Column<long>(type: "bigint", nullable: false),
                    event_tx = table.Column<ulong>(type: "xid8", nullable: false),
                    event_seq = table.Column<long>(type: "bigint", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    failing_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "text", nullable: true),
                    off_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    off_reason = table.Column<string>(type: "text", nullable: true),
                    off_id = table.Column<Guid>(type: "uuid", nullable: true),
                    off_told = table.Column<bool>(type: "boolean", nullable: false),
                    leased_by = table.Column<Guid>(type: "uuid", nullable: true),
                    leased_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhooks", x => x.id);
                }
            );

            migrationBuilder.CreateTable(
                name: "webhook_deliveries",
                columns: table => new
                {
                    seq = table
                        .Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    webhook_id = table.Column<Guid>(type: "uuid", nullable: false),
                    message_id = table.Column<string>(type: "text", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    attempt = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    duration_ms = table.Column<int>(type: "integer", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: true),
                    error = table.Column<string>(type: "text", nullable: true),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_deliveries", x => x.seq);
                    table.ForeignKey(
                        name: "FK_webhook_deliveries_webhooks_webhook_id",
                        column: x => x.webhook_id,
                        principalTable: "webhooks",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade
                    );
                }
            );

            migrationBuilder.CreateIndex(
                name: "IX_pours_purpose_tx_seq",
                table: "pours",
                columns: new[] { "purpose", "tx", "seq" },
                filter: "purpose <> 0"
            );

            migrationBuilder.CreateIndex(name: "IX_events_tx_seq", table: "events", columns: new[] { "tx", "seq" });

            migrationBuilder.CreateIndex(
                name: "IX_calibrations_tap_id_valid_from_id",
                table: "calibrations",
                columns: new[] { "tap_id", "valid_from", "id" }
            );

            migrationBuilder.CreateIndex(name: "IX_sales_sold_at", table: "sales", column: "sold_at");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_deliveries_webhook_id_seq",
                table: "webhook_deliveries",
                columns: new[] { "webhook_id", "seq" }
            );
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "calibrations");

            migrationBuilder.DropTable(name: "sales");

            migrationBuilder.DropTable(name: "webhook_deliveries");

            migrationBuilder.DropTable(name: "webhooks");

            migrationBuilder.DropIndex(name: "IX_pours_purpose_tx_seq", table: "pours");

            migrationBuilder.DropIndex(name: "IX_events_tx_seq", table: "events");

            migrationBuilder.DropColumn(name: "odometer", table: "pours");

            migrationBuilder.DropColumn(name: "pulses", table: "pours");

            migrationBuilder.DropColumn(name: "purpose", table: "pours");

            migrationBuilder.DropColumn(name: "purpose_reason", table: "pours");

            migrationBuilder.DropColumn(name: "volume_derived", table: "pours");

            migrationBuilder.DropColumn(name: "tx", table: "events");
        }
    }
}
