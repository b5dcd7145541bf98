using System;
using System.Net;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Taproom.Store.Migrations
{
    /// <inheritdoc />
    public partial class Kegboards : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(name: "kegboards");
        }
    }
}
