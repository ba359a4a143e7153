using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class GuardAndSeverity : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ScoreDemandReason",
                table: "Studies",
                type: "TEXT",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "ScoreDemandedBy",
                table: "Studies",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "InLungs",
                table: "Predictions",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "SeverityLower",
                table: "Predictions",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "SeverityUpper",
                table: "Predictions",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "SeverityZones",
                table: "Predictions",
                type: "TEXT",
                nullable: false,
                defaultValueSql: "'[]'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ScoreDemandReason",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "ScoreDemandedBy",
                table: "Studies");

            migrationBuilder.DropColumn(
                name: "InLungs",
                table: "Predictions");

            migrationBuilder.DropColumn(
                name: "SeverityLower",
                table: "Predictions");

            migrationBuilder.DropColumn(
                name: "SeverityUpper",
                table: "Predictions");

            migrationBuilder.DropColumn(
                name: "SeverityZones",
                table: "Predictions");
        }
    }
}
