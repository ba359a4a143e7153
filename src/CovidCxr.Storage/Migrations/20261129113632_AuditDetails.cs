using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class AuditDetails : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "After",
                table: "Audit",
                type: "TEXT",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Before",
                table: "Audit",
                type: "TEXT",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsSpilled",
                table: "Audit",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Source",
                table: "Audit",
                type: "TEXT",
                maxLength: 45,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "After",
                table: "Audit");

            migrationBuilder.DropColumn(
                name: "Before",
                table: "Audit");

            migrationBuilder.DropColumn(
                name: "IsSpilled",
                table: "Audit");

            migrationBuilder.DropColumn(
                name: "Source",
                table: "Audit");
        }
    }
}
